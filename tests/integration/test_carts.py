"""Carts: kept and merged, priced as of now, bought whole and once, whoever clicks."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from livecommerce.catalogue.errors import ClaimsDown, KeyTaken
from livecommerce.catalogue.rules import claim_key
from livecommerce.identity import actions as people
from livecommerce.identity import queries as known
from livecommerce.identity.events import GuestMerged
from livecommerce.identity.tables import GuestMerge
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.live import actions as live
from livecommerce.orders.cart import actions, buying, jobs, queries, reactions
from livecommerce.orders.cart.errors import (
    BeingBought,
    BoughtAlready,
    CartFull,
    NoSuchItem,
    NotAllToBeHad,
    NotInCart,
)
from livecommerce.orders.cart.events import CartChanged
from livecommerce.orders.cart.rules import BUYING_FOR, MOST_LINES, LineState, state_of
from livecommerce.orders.cart.wire import BuyCart
from livecommerce.web.principal import Kind, Principal
from tests import shop
from tests.carts import Arcade, arcade


@pytest.fixture
async def mall(db: Database, now: datetime) -> AsyncIterator[Arcade]:
    async with arcade(db, now) as opened:
        yield opened


@pytest.fixture
async def anna(db: Database, now: datetime) -> Principal:
    async with db.begin() as tx:
        person = await people.add_person(
            tx, email="anna@example.com", name="Anna", locale="en", password_hash=None, now=now
        )
    return Principal(id=person, name="Anna", kind=Kind.PERSON)


async def holds(db: Database) -> list[int]:
    return sorted(hold.count for hold in await shop.holds_in(db))


@pytest.mark.parametrize(
    ("offered", "left", "count", "state"),
    [
        (True, 5, 5, LineState.AVAILABLE),
        (True, 4, 5, LineState.SHORT),
        (True, 0, 1, LineState.SOLD_OUT),
        (False, 9, 1, LineState.WITHDRAWN),
    ],
)
def test_what_can_be_had(offered: bool, left: int, count: int, state: LineState) -> None:
    assert state_of(offered=offered, left=left, count=count) is state


async def test_a_cart_is_by_merchant_and_holds_nothing(mall: Arcade) -> None:
    who = shop.buyer()
    await mall.put(who, mall.item(0, 2))
    await mall.put(who, mall.item(1, 3))
    await mall.put(who, mall.item(0, 4))  # so many in all, not so many more
    cart = await mall.cart(who)
    assert [group.merchant for group in cart.groups] == [
        stage.products[0].merchant for stage in mall.rooms
    ]
    assert [line.count for group in cart.groups for line in group.lines] == [4, 3]
    assert cart.pieces == 7
    line = cart.groups[0].lines[0]
    assert (line.price, line.changed, line.state) == (shop.PRICE, False, LineState.AVAILABLE)
    assert line.options[0].en == "s0"
    assert await holds(mall.db) == []
    assert await mall.counts(shop.buyer()) == []


async def test_a_cart_tells_what_has_changed_since(mall: Arcade) -> None:
    who, stage = shop.buyer(), mall.rooms[0]
    await mall.put(who, mall.item(0, 4))
    await mall.put(who, mall.item(1, 1))
    item = mall.item(0)
    async with mall.db.begin() as tx:
        await live.price_card(
            tx, item.live, item.card, {item.variant: 9900}, by=stage.host, now=mall.now
        )
    await stage.move_stock(0, -8)
    async with mall.db.begin() as tx:
        other = mall.item(1)
        await live.remove_card(tx, other.live, other.card, by=mall.rooms[1].host, now=mall.now)
    first, second = [line for g in (await mall.cart(who)).groups for line in g.lines]
    assert (first.price.minor, first.seen.minor, first.changed) == (9900, 19900, True)
    assert (first.state, first.left) == (LineState.SHORT, 2)
    assert (second.state, second.price) == (LineState.WITHDRAWN, shop.PRICE)


async def test_a_cart_is_bounded_and_its_owners_alone(mall: Arcade) -> None:
    who = shop.buyer()
    await mall.put(who, mall.item())
    line = (await mall.cart(who)).groups[0].lines[0]
    async with mall.db.begin() as tx:
        with pytest.raises(NoSuchItem):
            await actions.drop(tx, line.id, by=shop.buyer(), now=mall.now)
    filler = sa.text(
        "INSERT INTO commerce.cart_item (id, owner, merchant_id, live_id, card_id, variant_id,"
        " count, seen_minor, currency, added_at) SELECT 'cit_' || v.id, owner, i.merchant_id,"
        " live_id, card_id, v.id, 1, 1, 'CNY', added_at FROM commerce.cart_item i,"
        " commerce.variant v WHERE v.id <> i.variant_id"
    )
    async with mall.db.begin() as tx:
        await tx.execute(filler)
    lines = await mall.counts(who)
    assert len(lines) == 8
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actions.rules, "MOST_LINES", len(lines))
        with pytest.raises(CartFull):
            await mall.put(who, mall.item(1))
        await mall.put(who, mall.item(0, 2))  # what is there may still change
    assert MOST_LINES == 50
    async with mall.db.begin() as tx:
        await actions.drop(tx, line.id, by=who, now=mall.now)
    assert len(await mall.counts(who)) == len(lines) - 1


async def test_it_is_bought_from_two_merchants_whole_and_leaves_the_cart(mall: Arcade) -> None:
    who = shop.buyer()
    await mall.put(who, mall.item(0, 2))
    await mall.put(who, mall.item(1, 3))
    want = await mall.wish(who)
    bought = await mall.buy(who, want)
    assert [(hold.count, hold.price) for hold in bought] == [(2, shop.PRICE), (3, shop.PRICE)]
    assert {hold.merchant for hold in bought} == {s.products[0].merchant for s in mall.rooms}
    assert await mall.counts(who) == []
    # A lost answer is asked for again, though nothing of it is in the cart any more.
    again = await mall.buy(who, want, now=mall.now + timedelta(minutes=1))
    assert [hold.id for hold in again] == [hold.id for hold in bought]
    with pytest.raises(KeyTaken):
        await mall.buy(who, BuyCart(lines=want.lines[:1]))
    with pytest.raises(NotInCart):
        await mall.buy(who, want, key="another")
    await shop.books_agree(mall.db)


async def test_part_of_a_cart_is_bought_and_the_rest_stays(mall: Arcade) -> None:
    who = shop.buyer()
    await mall.put(who, mall.item(0, 5))
    await mall.put(who, mall.item(1, 1))
    line = (await mall.wish(who)).lines[0]
    await mall.buy(who, BuyCart(lines=[line.model_copy(update={"count": 2})]))
    assert await mall.counts(who) == [3, 1]
    assert await holds(mall.db) == [2]


async def test_all_or_nothing_and_every_line_is_named(mall: Arcade) -> None:
    who = shop.buyer()
    await mall.put(who, mall.item(0, 3))
    await mall.put(who, mall.item(1, 4))
    await mall.put(who, mall.item(0, 1, product=1))
    want = await mall.wish(who)
    await mall.rooms[0].move_stock(0, -8)
    await mall.rooms[1].move_stock(0, -10)
    with pytest.raises(NotAllToBeHad) as refused:
        await mall.buy(who, want)
    told = [
        (line["variant"], line["why"], line["left"]) for line in refused.value.facts["lines"]
    ]
    assert sorted(told) == sorted(
        [
            (mall.item(0).variant, "short", 2),
            (mall.item(1).variant, "short", 0),
        ]
    )
    assert await holds(mall.db) == []
    assert sorted(await mall.counts(who)) == [1, 3, 4]
    # Nothing is taken any more: less of it can be bought at once.
    few = [line.model_copy(update={"count": 1}) for line in want.lines if line.count != 4]
    assert len(await mall.buy(who, BuyCart(lines=few))) == 2


async def test_nobody_pays_another_price_than_they_were_shown(mall: Arcade) -> None:
    who, item = shop.buyer(), mall.item(0)
    await mall.put(who, item)
    await mall.put(who, mall.item(1))
    want = await mall.wish(who)
    async with mall.db.begin() as tx:
        prices = {item.variant: 20900}
        host = mall.rooms[0].host
        await live.price_card(tx, item.live, item.card, prices, by=host, now=mall.now)
        other = mall.item(1)
        await live.remove_card(tx, other.live, other.card, by=mall.rooms[1].host, now=mall.now)
    with pytest.raises(NotAllToBeHad) as refused:
        await mall.buy(who, want)
    first, second = refused.value.facts["lines"]
    assert (first["why"], first["price"]) == ("price", {"minor": 20900, "currency": "CNY"})
    assert second["why"] == "withdrawn"
    assert await holds(mall.db) == []
    agreed = [line for line in (await mall.wish(who)).lines if line.variant == item.variant]
    (hold,) = await mall.buy(who, BuyCart(lines=agreed))
    assert hold.price.minor == 20900


async def test_a_line_is_named_once_in_a_purchase(mall: Arcade) -> None:
    """Twice would set aside twice what is in the cart, at two places under one key."""
    who = shop.buyer()
    await mall.put(who, mall.item(0, 2))
    (line,) = (await mall.wish(who)).lines
    fewer = line.model_copy(update={"count": 1})
    for lines in ([line, line], [line, fewer]):
        with pytest.raises(ValidationError, match="a line is named twice"):
            BuyCart(lines=lines)


async def clicked(mall: Arcade, who: Principal, want: BuyCart, keys: list[str]) -> list[Any]:
    """All of them at once."""
    clicks = [mall.buy(who, want, key) for key in keys]
    return await asyncio.gather(*clicks, return_exceptions=True)


async def test_ten_clicks_on_two_devices_buy_once(mall: Arcade) -> None:
    who = shop.buyer()
    await mall.put(who, mall.item(0, 1))
    await mall.put(who, mall.item(1, 2))
    want = await mall.wish(who)
    told = await clicked(mall, who, want, ["desk", "phone"] * 5)
    bought = [[hold.id for hold in answer] for answer in told if isinstance(answer, list)]
    refused = [answer for answer in told if not isinstance(answer, list)]
    assert len({tuple(each) for each in bought}) == 1
    assert all(isinstance(each, BeingBought | NotInCart) for each in refused), refused
    assert await holds(mall.db) == [1, 2]
    assert await mall.counts(who) == []
    await shop.books_agree(mall.db)


async def test_without_taking_the_lines_two_devices_buy_twice(mall: Arcade) -> None:
    """The twin: the cart is looked at, and emptied afterwards, without its row."""
    who = shop.buyer()
    await mall.put(who, mall.item(0, 1))
    want = await mall.wish(who)
    looked = asyncio.Barrier(2)

    async def careless(key: str) -> None:
        assert await mall.counts(who) == [1]
        await looked.wait()
        claims = await buying._claims(mall.r, want.lines, who=who, key=key, now=mall.now)
        await mall.r.part(buying.Claims).claim_all(claims, mall.now)

    await asyncio.gather(careless("desk"), careless("phone"))
    assert await holds(mall.db) == [1, 1]


async def test_whoever_comes_after_a_crash_finds_what_was_set_aside(mall: Arcade) -> None:
    who = shop.buyer()
    await mall.put(who, mall.item(0, 2))
    await mall.put(who, mall.item(1, 1))
    want = await mall.wish(who)
    # Given a process that took the lines, claimed them, and died
    lines = {claim_key(who.id, "lost", n): line for n, line in enumerate(want.lines)}
    async with mall.db.begin() as tx:
        await actions.take(tx, lines, "beyond", by=who, now=mall.now)
    claims = await buying._claims(mall.r, want.lines, who=who, key="lost", now=mall.now)
    made = await mall.r.part(buying.Claims).claim_all(claims, mall.now)
    # Then another device waits, and is told; the same one finds its goods.
    with pytest.raises(BeingBought):
        await mall.buy(who, want, "other")
    later = mall.now + BUYING_FOR
    with pytest.raises(BoughtAlready):
        await mall.buy(who, want, "other", now=later)
    assert await mall.counts(who) == []
    assert [h.id for h in await mall.buy(who, want, "lost", now=later)] == [h.id for h in made]
    assert await holds(mall.db) == [1, 2]


async def test_lines_that_were_taken_and_never_claimed_are_free_again(mall: Arcade) -> None:
    who = shop.buyer()
    await mall.put(who, mall.item(0, 2))
    want = await mall.wish(who)
    async with mall.db.begin() as tx:
        lines = {claim_key(who.id, "lost", 0): want.lines[0]}
        await actions.take(tx, lines, "beyond", by=who, now=mall.now)
    assert (await mall.cart(who)).groups[0].lines[0].buying
    await mall.buy(who, want, "other", now=mall.now + BUYING_FOR)
    assert await holds(mall.db) == [2]


async def test_where_nobody_knows_the_same_key_finds_out(mall: Arcade) -> None:
    who = shop.buyer()
    await mall.put(who, mall.item(0, 2))
    want = await mall.wish(who)
    claims = mall.r.part(buying.Claims)
    claims._open = False
    with pytest.raises(ClaimsDown):
        await mall.buy(who, want)
    claims._open = True
    with pytest.raises(BeingBought):
        await mall.buy(who, want, "other")
    assert len(await mall.buy(who, want)) == 1
    assert await holds(mall.db) == [2]


async def merged(mall: Arcade, guest: Principal, person: Principal) -> None:
    """The guest has signed in, and everybody has heard of it."""
    async with mall.db.begin() as tx:
        tx.add(GuestMerge(guest_id=guest.id, person_id=person.id, merged_at=mall.now))
    async with mall.db.begin() as tx:
        event = GuestMerged(guest=guest.id, person=person.id)
        await reactions.on_guest_merged(tx, event, now=mall.now)


async def test_signing_in_merges_and_doubles_nothing(mall: Arcade, anna: Principal) -> None:
    guest = shop.buyer()
    await mall.put(guest, mall.item(0, 2))
    await mall.put(guest, mall.item(1, 1))
    await mall.put(anna, mall.item(0, 1))
    await merged(mall, guest, anna)
    assert sorted(await mall.counts(anna)) == [1, 2]
    assert await mall.counts(guest) == []
    async with mall.db.begin() as tx:
        version = await queries.version(tx, anna.id)
        event = GuestMerged(guest=guest.id, person=anna.id)
        await reactions.on_guest_merged(tx, event, now=mall.now)  # told twice
        assert await queries.version(tx, anna.id) > version
    assert sorted(await mall.counts(anna)) == [1, 2]


async def test_what_a_guest_puts_in_while_signing_in_is_not_lost(
    mall: Arcade, anna: Principal
) -> None:
    guest = shop.buyer()
    await mall.put(guest, mall.item(0, 1))
    puts = [mall.put(guest, mall.item(1, n + 1, product=n % 2)) for n in range(4)]
    await asyncio.gather(*puts[:2], merged(mall, guest, anna), *puts[2:])
    assert await mall.counts(guest) == []
    assert len(await mall.counts(anna)) == 3


async def test_asking_before_locking_loses_what_a_guest_puts_in(
    mall: Arcade, anna: Principal
) -> None:
    """The twin: whether the guest has signed in is asked first, and the cart locked second."""
    guest = shop.buyer()
    async with mall.db.begin() as tx:
        assert await known.person_of_guest(tx, guest.id) is None
        await merged(mall, guest, anna)
        await actions.lock(tx, guest.id, now=mall.now)
        line = mall.item(0)
        row = {"owner": guest.id, "id": ids.new("cit"), "now": mall.now, "card": line.card}
        await tx.execute(
            sa.text(
                "INSERT INTO commerce.cart_item (id, owner, merchant_id, live_id, card_id,"
                " variant_id, count, seen_minor, currency, added_at) SELECT :id, :owner,"
                " merchant_id, live_id, id, :variant, 1, 1, 'CNY', :now"
                " FROM commerce.card WHERE id = :card"
            ),
            {**row, "variant": line.variant},
        )
    assert await mall.counts(guest) == [1], "nobody will ever see it"
    assert await mall.counts(anna) == []


async def test_guests_who_do_not_come_back_leave_no_cart(mall: Arcade, anna: Principal) -> None:
    guest = shop.buyer()
    await mall.put(guest, mall.item())
    await mall.put(anna, mall.item())
    for days, left in ((179, [1]), (180, [])):
        async with mall.db.begin() as tx:
            await actions.forget_old(tx, now=mall.now + timedelta(days=days))
        assert await mall.counts(guest) == left
    assert await mall.counts(anna) == [1]


async def test_other_devices_hear_the_whole_cart(mall: Arcade) -> None:
    who = shop.buyer()
    await mall.put(who, mall.item(0, 2))
    told: list[tuple[str, dict[str, Any], dict[str, Any]]] = []

    class Ear:
        async def publish(self, channel: str, data: dict[str, Any], **more: Any) -> None:
            told.append((channel, data, more))

    mall.r.gateway = Ear()  # type: ignore[assignment]
    event = CartChanged(owner=who.id, version=1, at=mall.now)
    await jobs.tell_devices(mall.r, event, now=mall.now)
    ((channel, frame, more),) = told
    assert channel == f"#{who.id}"
    assert (frame["t"], frame["version"], frame["pieces"]) == ("cart", 1, 2)
    assert more["version"] == frame["version"]
    (item,) = frame["items"]
    assert (item["card"], item["count"]) == (mall.item(0).card, 2)
