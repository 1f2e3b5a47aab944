"""Flash prices: in their window, for so many pieces, whoever asks at once; with a basis."""

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from livecommerce.catalogue.claims import Claim, Claims, Special
from livecommerce.catalogue.errors import SpecialGone
from livecommerce.catalogue.wire import HoldOut, ProductOut
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.live import actions as shelves
from livecommerce.live.claiming import Claiming
from livecommerce.live.counter import Counter
from livecommerce.live.offers import queries as offers
from livecommerce.live.offers.flash import actions
from livecommerce.live.offers.flash.errors import (
    BelowFloor,
    FlashRunning,
    LimitsWrong,
    NotBelowRecent,
)
from livecommerce.live.offers.flash.wire import FlashOut, SetFlash
from livecommerce.live.wire import ClaimItem, ClaimsOut
from livecommerce.web.principal import Kind, MerchantRole, NotAllowed, NotYours, Principal
from tests import shop
from tests.room_screens import Stage, set_up

CUT = Money(9900, "CNY")


def special(total: int = 7, per_buyer: int = 1, *, only: bool = False) -> Special:
    return Special("fls_1", CUT, total, per_buyer, only)


def wanted(product: ProductOut, n: int, given: Special, *, count: int = 1) -> Claim:
    variant = product.variants[n % len(product.variants)]
    return Claim(
        f"gst_{n}", "k", variant.id, product.merchant, count, shop.PRICE, special=given
    )


async def all_at_once(
    claims: list[Claims], wants: list[Claim], now: datetime
) -> list[HoldOut | BaseException]:
    asked = [claims[n % len(claims)].claim(want, now) for n, want in enumerate(wants)]
    return await asyncio.gather(*asked, return_exceptions=True)


async def test_so_many_pieces_and_no_more_over_variants_and_processes(
    db: Database, now: datetime
) -> None:
    product = await shop.open_shop(db, now=now, on_hand=50, variants=2)
    wants = [wanted(product, n, special()) for n in range(60)]
    async with Claims(db).running() as one, Claims(db).running() as other:
        held = await all_at_once([one, other], wants, now)
    got = [h for h in held if isinstance(h, HoldOut) and h.price == CUT]
    assert len(got) == 7
    assert all(h.offer == "fls_1" and h.normal == shop.PRICE for h in got)
    rest = [h for h in held if isinstance(h, HoldOut) and h.price != CUT]
    assert len(rest) == 53
    assert all(h.price == shop.PRICE and h.offer is None for h in rest)
    await shop.books_agree(db)


async def test_twin_that_counts_before_it_acts_gives_too_many(
    db: Database, now: datetime
) -> None:
    """The same race without the lock: each counts before any other has taken."""
    product = await shop.open_shop(db, now=now, on_hand=50)
    variant = product.variants[0].id
    there = asyncio.Barrier(10)
    add = sa.text(
        "INSERT INTO commerce.hold (id, claim_key, variant_id, merchant_id, buyer, count,"
        " price_minor, currency, state, hold_until, claimed_at, offer_id, normal_minor)"
        " VALUES (:id, :id, :v, 'mer', :id, 1, 1, 'CNY', 'held', :now, :now, 'fls_1', 2)"
    )

    async def unguarded(n: int) -> bool:
        async with db.begin() as tx:
            count = "SELECT count(*) FROM commerce.hold WHERE offer_id = 'fls_1'"
            taken = await tx.scalar(sa.text(count))
            await there.wait()
            if taken >= 7:
                return False
            await tx.execute(add, {"id": f"h{n}", "v": variant, "now": now})
            return True

    assert sum(await asyncio.gather(*(unguarded(n) for n in range(10)))) > 7


async def test_the_first_come_get_it_and_a_buyer_no_more_than_their_part(
    db: Database, now: datetime
) -> None:
    product = await shop.open_shop(db, now=now, on_hand=50)
    async with Claims(db).running() as claims:
        wants = [wanted(product, n, special(3)) for n in range(6)]
        held = await all_at_once([claims], wants, now)
        assert [h.price == CUT for h in held if isinstance(h, HoldOut)] == [True] * 3 + [
            False
        ] * 3
        two = wanted(product, 9, Special("fls_2", CUT, 10, 1), count=2)
        assert (await claims.claim(two, now)).price == shop.PRICE


async def test_that_price_or_nothing(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=50)
    async with Claims(db).running() as claims:
        wants = [wanted(product, n, special(2, only=True)) for n in range(4)]
        answers = await all_at_once([claims], wants, now)
        assert [type(a) for a in answers] == [HoldOut, HoldOut, SpecialGone, SpecialGone]
        # The same key finds its hold, whatever has become of the price since.
        late = wanted(product, 0, Special("fls_1", shop.PRICE, 0, 0, only=True))
        assert await claims.claim(late, now) == answers[0]
        several = [wanted(product, 9, special(2, only=True)) for _ in range(2)]
        with pytest.raises(SpecialGone):
            await claims.claim_all(several, now)
    assert await shop.stock_of(db, product.variants[0].id) == (50, 2)
    await shop.books_agree(db)


@pytest.fixture
async def stage(db: Database, now: datetime) -> Stage:
    return await set_up(db, now)


async def card_of(stage: Stage, product: int = 0) -> tuple[str, str]:
    found = (await stage.snapshot())["cards"][product]
    return found["id"], found["variants"][0]["id"]


async def start(stage: Stage, minor: int = 9900, **more: int) -> FlashOut:
    card, variant = await card_of(stage)
    want = SetFlash(card=card, prices={variant: minor}, **{"total": 5, **more})
    await stage.shelf(actions.start, want)
    async with stage.db.begin() as tx:
        return (await offers.shown(tx, stage.live)).flash[0]


async def claim(stage: Stage, who: str, at: datetime, offer: str | None = None) -> ClaimsOut:
    card, variant = await card_of(stage)
    item = ClaimItem(card=card, variant=variant, count=1, offer=offer)
    async with Claims(stage.db, latch=0).running() as claims:
        claiming = Claiming(Counter(stage.db, fresh=0), claims, most=5)
        return await claiming.claim(stage.live, [item], buyer=who, key=who, now=at)


async def test_claims_in_the_window_get_the_price(stage: Stage) -> None:
    flash = await start(stage, countdown_s=10, lasts_s=60)
    assert flash.basis[(await card_of(stage))[1]].price == shop.PRICE
    second = timedelta(seconds=1)
    before = await claim(stage, "gst_a", flash.opens_at - second)
    inside = await claim(stage, "gst_b", flash.opens_at, flash.id)
    last = await claim(stage, "gst_c", flash.closes_at - second)
    after = await claim(stage, "gst_d", flash.closes_at)
    prices = [x.holds[0].price for x in (before, inside, last, after)]
    assert prices == [shop.PRICE, CUT, CUT, shop.PRICE]
    with pytest.raises(SpecialGone):
        await claim(stage, "gst_e", flash.closes_at, flash.id)
    assert await claim(stage, "gst_b", flash.closes_at, flash.id) == inside
    async with stage.db.begin() as tx:
        assert (await offers.shown(tx, stage.live)).flash[0].left == 3
    await stage.relay.drain(flash.closes_at)
    async with stage.db.begin() as tx:
        assert (await offers.shown(tx, stage.live)).flash == []


async def test_a_flash_price_above_the_normal_one_is_neither_charged_nor_shown(
    stage: Stage,
) -> None:
    flash = await start(stage)
    card, variant = await card_of(stage)
    await stage.shelf(shelves.price_card, card, {variant: 5000})
    plain = await claim(stage, "gst_a", flash.opens_at)
    named = await claim(stage, "gst_b", flash.opens_at, flash.id)
    for held in (plain.holds[0], named.holds[0]):
        assert (held.price, held.offer, held.normal) == (Money(5000, "CNY"), None, None)
    async with stage.db.begin() as tx:
        assert (await offers.shown(tx, stage.live)).flash == []
    await stage.shelf(shelves.price_card, card, {variant: 9901})
    again = await claim(stage, "gst_c", flash.opens_at, flash.id)
    assert again.holds[0].price == CUT
    async with stage.db.begin() as tx:
        (shown,) = (await offers.shown(tx, stage.live)).flash
    assert (set(shown.prices), set(shown.basis)) == ({variant}, {variant})


async def test_a_flash_price_is_below_the_lowest_recent_one(stage: Stage) -> None:
    card, variant = await card_of(stage)
    await stage.shelf(shelves.price_card, card, {variant: 15000})
    await stage.shelf(shelves.price_card, card, {variant: 19900})
    with pytest.raises(NotBelowRecent) as refused:
        await start(stage, 15000)
    assert refused.value.facts["variants"] == {variant: 15000}
    with pytest.raises(BelowFloor):
        await start(stage, 1989)
    with pytest.raises(LimitsWrong):
        await start(stage, total=2, per_buyer=3)
    flash = await start(stage, 14999)
    assert flash.basis[variant].price == Money(15000, "CNY")
    with pytest.raises(FlashRunning):
        await start(stage)
    await stage.shelf(actions.stop, flash.id)
    await stage.shelf(actions.stop, flash.id)
    stage.now += timedelta(days=31)  # what was asked before is no longer recent
    flash = await start(stage, 19899)
    assert flash.basis[variant].price == Money(19900, "CNY")


async def test_only_those_who_run_offers_may(stage: Stage) -> None:
    merchant = stage.products[0].merchant

    def member(of: str, role: MerchantRole) -> Principal:
        roles = {of: frozenset({role})}
        return Principal(id="usr_x", kind=Kind.PERSON, memberships=roles)

    for role in (MerchantRole.HOST, MerchantRole.MODERATOR, MerchantRole.FINANCE):
        stage.host = member(merchant, role)
        with pytest.raises(NotAllowed):
            await start(stage)
    stage.host = member("mer_other", MerchantRole.OWNER)
    with pytest.raises(NotYours):
        await start(stage)
    stage.host = member(merchant, MerchantRole.ASSISTANT)
    await start(stage)
