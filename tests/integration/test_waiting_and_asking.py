"""Waitlists serve in order, wishes count once, and bundles are worked into a quote."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from livecommerce.catalogue import stock
from livecommerce.catalogue.claims import Claims
from livecommerce.catalogue.errors import TooMany
from livecommerce.catalogue.settle import Claim
from livecommerce.crossborder.wire import Destination
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.live import actions as shelves
from livecommerce.live.offers import queries as offers
from livecommerce.live.offers.bundles import actions as bundles
from livecommerce.live.offers.bundles.errors import BundleWrong
from livecommerce.live.offers.bundles.wire import SetBundle
from livecommerce.live.offers.waitlist import actions as waitlist
from livecommerce.live.offers.waitlist.errors import StillThere
from livecommerce.live.offers.waitlist.rules import TO_ACT
from livecommerce.live.offers.wire import OffersOut
from livecommerce.live.offers.wishes import actions as wishes
from livecommerce.orders import actions as orders
from livecommerce.orders.wire import AskQuote
from tests import shop
from tests.customs import DESK
from tests.purchases import RATES
from tests.room_screens import Stage, set_up


@pytest.fixture
async def stage(db: Database, now: datetime) -> Stage:
    return await set_up(db, now)


async def card_of(stage: Stage, product: int = 0) -> tuple[str, str]:
    found = (await stage.snapshot())["cards"][product]
    return found["id"], found["variants"][0]["id"]


async def shown(stage: Stage) -> OffersOut:
    async with stage.db.begin() as tx:
        return await offers.shown(tx, stage.live)


async def wait(stage: Stage, who: str, most: int = 10) -> int:
    card, variant = await card_of(stage)
    by = shop.buyer(who)
    async with stage.db.begin() as tx:
        return await waitlist.join(
            tx, stage.live, card, variant, by=by, most=most, now=stage.tick()
        )


async def test_the_next_in_line_has_it_and_then_the_one_after(stage: Stage) -> None:
    _, variant = await card_of(stage)
    with pytest.raises(StillThere):
        await wait(stage, "gst_a")
    await stage.move_stock(0, -10)
    assert [await wait(stage, who) for who in ("gst_a", "gst_b", "gst_c")] == [0, 1, 2]
    assert await wait(stage, "gst_b") == 1
    async with stage.db.begin() as tx:
        await waitlist.leave(tx, stage.live, variant, buyer="gst_c", now=stage.tick())
    assert (await shown(stage)).waiting == {variant: 2}
    await stage.move_stock(0, 1)
    await stage.tell()
    (hold,) = await shop.holds_in(stage.db)
    assert (hold.buyer, hold.state, hold.price_minor) == ("gst_a", "held", 19900)
    async with stage.db.begin() as tx:  # gst_a lets the time pass
        assert await stock.lapse(tx, now=hold.hold_until) == 1
    assert hold.hold_until - hold.claimed_at == TO_ACT
    stage.now = hold.hold_until
    await stage.tell()
    _, second = await shop.holds_in(stage.db)
    assert (second.buyer, second.state) == ("gst_b", "held")
    assert (await shown(stage)).waiting == {}
    async with stage.db.begin() as tx:
        await stock.release(tx, [second.id], now=stage.tick())
    await stage.tell()
    assert len(await shop.holds_in(stage.db)) == 2
    await shop.books_agree(stage.db)


async def test_the_line_gives_nobody_more_than_they_may_have(stage: Stage) -> None:
    card, variant = await card_of(stage)
    stage.r.settings = stage.r.settings.model_copy(update={"claim_limit": 3})

    async def has(who: str, count: int) -> None:
        piece = Claim(who, f"{count}", variant, stage.products[0].merchant, count, shop.PRICE)
        async with Claims(stage.db).running() as claims:
            await claims.claim(replace(piece, live=stage.live, card=card), stage.tick())

    await has("gst_a", 3)
    await has("gst_b", 2)
    await stage.move_stock(0, -5)
    with pytest.raises(TooMany) as refused:
        await wait(stage, "gst_a", most=3)
    assert refused.value.facts == {"variant": variant, "most": 3}
    assert await wait(stage, "gst_a", most=4) == 0  # the limit was higher when they joined
    assert [await wait(stage, who, most=3) for who in ("gst_b", "gst_c")] == [1, 2]
    await stage.move_stock(0, 2)
    await stage.tell()
    *_, third, fourth = await shop.holds_in(stage.db)
    assert [(h.buyer, h.count) for h in (third, fourth)] == [("gst_b", 1), ("gst_c", 1)]
    assert (await shown(stage)).waiting == {}
    await shop.books_agree(stage.db)


async def test_a_wish_counts_once_and_is_met_by_presenting(stage: Stage) -> None:
    card, _ = await card_of(stage)

    async def ask(who: str) -> int:
        async with stage.db.begin() as tx:
            return await wishes.ask(tx, stage.live, card, viewer=who, now=stage.tick())

    assert [await ask(who) for who in ("gst_a", "gst_a", "gst_b")] == [1, 1, 2]
    assert (await shown(stage)).wishes == {card: 2}
    await stage.shelf(shelves.explain, card)
    await stage.tell()
    assert (await shown(stage)).wishes == {}
    assert await ask("gst_a") == 1


async def test_cheaper_together_in_the_quote(stage: Stage) -> None:
    who = shop.buyer()
    cards = [await card_of(stage, n) for n in (0, 1)]
    with pytest.raises(BundleWrong):
        await stage.shelf(bundles.start, SetBundle(cards=[cards[0][0]], off=100))
    pair: Any = await stage.shelf(
        bundles.start, SetBundle(cards=[card for card, _ in cards], off=5000)
    )
    held = []
    async with Claims(stage.db).running() as claims:
        for card, variant in cards:
            want = Claim(
                buyer=who.id,
                key=card,
                variant=variant,
                merchant=stage.products[0].merchant,
                count=1,
                price=shop.PRICE,
                live=stage.live,
                card=card,
            )
            held.append((await claims.claim(want, stage.now)).id)
    want = AskQuote(
        holds=held, destination=Destination(country="DE", postcode="10969"), currency="CNY"
    )

    async def quote(at: datetime) -> Any:
        async with stage.db.begin() as tx:
            return await orders.quote(tx, want, by=who, rates=RATES, desk=DESK, now=at)

    quoted = await quote(stage.now)
    assert quoted.goods == Money(2 * 19900 - 5000, "CNY")
    assert {x.id for line in quoted.lines for x in line.offers} == {pair.id}
    await stage.shelf(bundles.stop, pair.id)
    assert (await shown(stage)).bundles == []
    assert (await quote(stage.now)).goods == quoted.goods  # set aside while it ran
    second: Any = await stage.shelf(
        bundles.start, SetBundle(cards=[cards[0][0]], nth=2, percent=50)
    )
    assert (await shown(stage)).bundles[0].id == second.id
