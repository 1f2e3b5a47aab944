"""Shelves, explains and what rooms are shown of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from livecommerce.catalogue import actions as catalogue
from livecommerce.catalogue import stock
from livecommerce.catalogue.errors import PriceNotPositive
from livecommerce.catalogue.rules import Reason
from livecommerce.catalogue.wire import ProductOut
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.kernel.relay import Relay
from livecommerce.live import actions, queries
from livecommerce.live.board import Board
from livecommerce.live.counter import Counter
from livecommerce.live.errors import (
    ForeignProduct,
    NotOnAir,
    NotPrepared,
    NotSoldHere,
    OnShelfAlready,
    OverAlready,
)
from livecommerce.live.rules import CardState
from livecommerce.live.tables import Card
from livecommerce.live.wire import AddCard, MakeLive
from livecommerce.telling import TOLD, with_telling
from livecommerce.web.principal import (
    Kind,
    MerchantRole,
    NotAllowed,
    NotYours,
    Principal,
    StaffRole,
)
from livecommerce.web.wire import Both
from streams.ingest import actions as ingest
from streams.realtime.hub import Hub
from streams.realtime.options import PERSONAL, Options, room_namespaces
from streams.sessions import actions as sessions
from streams.sessions import queries as live_sessions
from streams.sessions.errors import WrongLiveState
from tests.booking_centre import Centre, open_centre
from tests.hooked import made
from tests.receiver import HOST
from tests.shop import duvet, owner

TITLE = Both(zh="专场", en="Show")


@dataclass
class Room:
    """A live session on air, and the products its shelf may hold."""

    centre: Centre
    live: str
    products: list[ProductOut]
    cards: list[str]

    @property
    def db(self) -> Database:
        return self.centre.db


@pytest.fixture
async def room(db: Database, now: datetime) -> Room:
    centre = await open_centre(db, now)
    booking = await centre.book()
    host = centre.host
    async with db.begin() as tx:
        live = await actions.make(
            tx, MakeLive(booking=booking.id, title=TITLE), by=host, now=now
        )
        products = [
            await catalogue.create_product(
                tx,
                duvet(centre.ids["luxi"], variants=2, sku=f"P{n}"),
                by=owner(centre.ids["luxi"]),
                now=now,
            )
            for n in range(4)
        ]
        cards = [
            (await actions.add_card(tx, live.id, AddCard(product=p.id), by=host, now=now)).id
            for p in products
        ]
    return Room(centre, live.id, products, cards)


@pytest.fixture
async def on_air(room: Room, now: datetime) -> Room:
    async with room.db.begin() as tx:
        await sessions.clear(tx, room.live, {"by": "test"}, now=now)
        await sessions.start(tx, room.live, now=now)
    return room


async def test_a_shelf_is_its_merchants(room: Room, now: datetime) -> None:
    want = AddCard(product=room.products[0].id)
    stranger = room.centre.member("yunmian", MerchantRole.OWNER)
    moderator = room.centre.member("luxi", MerchantRole.MODERATOR)
    async with room.db.begin() as tx:
        with pytest.raises(NotYours):
            await actions.add_card(tx, room.live, want, by=stranger, now=now)
        with pytest.raises(NotAllowed):
            await actions.add_card(tx, room.live, want, by=moderator, now=now)
        with pytest.raises(OnShelfAlready):
            await actions.add_card(tx, room.live, want, by=room.centre.host, now=now)


async def test_only_the_merchants_own_products_and_variants(room: Room, now: datetime) -> None:
    foreign = room.centre.ids["yunmian"]
    async with room.db.begin() as tx:
        other = await catalogue.create_product(tx, duvet(foreign), by=owner(foreign), now=now)
        want = AddCard(product=other.id)
        with pytest.raises(ForeignProduct):
            await actions.add_card(tx, room.live, want, by=room.centre.host, now=now)
        with pytest.raises(NotSoldHere):
            await actions.price_card(
                tx,
                room.live,
                room.cards[0],
                {other.variants[0].id: 100},
                by=room.centre.host,
                now=now,
            )


@pytest.mark.parametrize("minor", [0, -1])
async def test_nothing_is_given_away(room: Room, now: datetime, minor: int) -> None:
    async with room.db.begin() as tx:
        (mine, *_) = (await tx.get_one(Card, room.cards[0])).prices
        with pytest.raises(PriceNotPositive) as refused:
            await actions.price_card(
                tx, room.live, room.cards[0], {mine: minor}, by=room.centre.host, now=now
            )
        assert refused.value.facts == {"variants": mine}


async def test_nothing_is_explained_before_the_session_is_on_air(
    room: Room, now: datetime
) -> None:
    async with room.db.begin() as tx:
        with pytest.raises(NotOnAir):
            await actions.explain(tx, room.live, room.cards[0], by=room.centre.host, now=now)


async def test_the_checklist_says_what_is_missing(room: Room, now: datetime) -> None:
    host, soon = room.centre.host, now + timedelta(hours=2)
    async with room.db.begin() as tx:
        with pytest.raises(NotPrepared) as refused:
            await actions.make_ready(tx, room.live, by=host, now=now)
        assert refused.value.facts["lights"] == "ingest,time"
        row = await queries.shelf(tx, room.live)
        session = await live_sessions.get(tx, room.live)
        await ingest.issue_key(tx, room.live, valid=session.slot, now=now)
        assert all(light.ok for light in await queries.checklist(tx, row, now=soon))
        ready = await actions.make_ready(tx, room.live, by=host, now=soon)
    assert ready.clearance is not None
    assert ready.clearance["by"] == host.id


async def explained(room: Room) -> tuple[int, list[tuple[datetime, datetime | None]]]:
    """How many cards are being explained, and the segments in order."""
    async with room.db.begin() as tx:
        cards = await queries.cards(tx, room.live)
        segments = await queries.segments(tx, room.live)
    return (
        sum(card.state is CardState.EXPLAINING for card in cards),
        [(segment.started_at, segment.ended_at) for segment in segments],
    )


async def test_whoever_explains_at_once_one_card_is_explained(
    on_air: Room, now: datetime
) -> None:
    async def explain(n: int) -> None:
        async with on_air.db.begin() as tx:
            await actions.explain(
                tx,
                on_air.live,
                on_air.cards[n % 4],
                by=on_air.centre.host,
                now=now + timedelta(seconds=n),
            )

    await asyncio.gather(*(explain(n) for n in range(20)))
    showing, segments = await explained(on_air)
    assert showing == 1
    assert sum(end is None for _, end in segments) == 1
    async with on_air.db.begin() as tx:
        row = await queries.shelf(tx, on_air.live)
    assert row.version == 4 + 20, "every change moved the version"


async def test_without_the_shelfs_lock_two_cards_are_explained(
    on_air: Room, now: datetime
) -> None:
    """The twin: close what is open, then open one's own, with nothing that makes two wait for
    each other; the partial index that would refuse the second is gone, too."""
    both_looked = asyncio.Barrier(2)

    async def careless(card: str) -> None:
        async with on_air.db.begin() as tx:
            await actions._close(tx, on_air.live, now)
            await both_looked.wait()
            start = "UPDATE commerce.card SET state = 'explaining' WHERE id = :card"
            await tx.execute(sa.text(start), {"card": card})

    async with on_air.db.begin() as tx:
        await tx.execute(sa.text("DROP INDEX commerce.uq_card_explaining"))
    await asyncio.gather(*(careless(card) for card in on_air.cards[:2]))
    assert (await explained(on_air))[0] == 2


async def test_explaining_again_changes_nothing_and_another_ends_the_first(
    on_air: Room, now: datetime
) -> None:
    host, later = on_air.centre.host, now + timedelta(minutes=3)
    async with on_air.db.begin() as tx:
        first = await actions.explain(tx, on_air.live, on_air.cards[0], by=host, now=now)
        again = await actions.explain(tx, on_air.live, on_air.cards[0], by=host, now=later)
        assert again.id == first.id
        await actions.explain(tx, on_air.live, on_air.cards[1], by=host, now=later)
        await actions.stop_explaining(tx, on_air.live, by=host, now=later)
        await actions.stop_explaining(tx, on_air.live, by=host, now=later)
    showing, segments = await explained(on_air)
    assert showing == 0
    assert segments == [(now, later), (later, later)]
    assert all(a[1] <= b[0] for a, b in pairwise(segments) if a[1])


async def test_the_end_of_the_broadcast_ends_the_explain(on_air: Room, now: datetime) -> None:
    host, end = on_air.centre.host, now + timedelta(hours=1)
    async with on_air.db.begin() as tx:
        await actions.explain(tx, on_air.live, on_air.cards[0], by=host, now=now)
        await sessions.end(tx, on_air.live, now=end)
        await actions.close_explains(tx, on_air.live, now=end)
        with pytest.raises(OverAlready):
            await actions.explain(tx, on_air.live, on_air.cards[1], by=host, now=end)
    assert await explained(on_air) == (0, [(now, end)])


async def test_a_removed_card_is_silent(on_air: Room, now: datetime) -> None:
    host = on_air.centre.host
    async with on_air.db.begin() as tx:
        await actions.explain(tx, on_air.live, on_air.cards[0], by=host, now=now)
        await actions.remove_card(tx, on_air.live, on_air.cards[0], by=host, now=now)
        assert await queries.explaining(tx, on_air.live) is None
        assert len(await queries.cards(tx, on_air.live)) == 3


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    made = Hub(Options(namespaces=room_namespaces(), personal=PERSONAL))
    async with made.running():
        yield made


async def test_stock_is_told_at_once_then_together_and_the_last_word_is_true(
    on_air: Room, hub: Hub, now: datetime
) -> None:
    board = Board(on_air.db, hub)
    variant = on_air.products[0].variants[0]
    channel = f"stock:{on_air.live}"
    await board.stock(on_air.live)
    assert (await hub.history(channel)).offset == 1, "the first goes out at once"
    for _ in range(6):
        async with on_air.db.begin() as tx:
            await stock.move(
                tx, [(variant.id, -1, 0, "by hand")], reason=Reason.COUNTED, now=now
            )
        await board.stock(on_air.live)
    await board.close()
    told = await hub.history(channel, limit=-1)
    assert told.offset <= 3, "what follows goes out together"
    newest = told.publications[-1].data.decode()
    assert f'"{variant.id}":{variant.left - 6}' in newest


async def test_a_thousand_claims_read_the_prices_once(on_air: Room) -> None:
    reads = 0
    counter = Counter(on_air.db, fresh=3600.0)
    original = counter._read

    async def counted(live: str) -> object:
        nonlocal reads
        reads += 1
        return await original(live)

    counter._read = counted  # type: ignore[assignment, method-assign]
    wares = await asyncio.gather(*(counter.wares(on_air.live) for _ in range(1000)))
    assert reads == 1
    variant = on_air.products[0].variants[0]
    assert wares[0].price(on_air.cards[0], variant.id)[1] == variant.price
    with pytest.raises(NotSoldHere):
        wares[0].price(on_air.cards[1], variant.id)
    with pytest.raises(NotSoldHere):
        wares[0].price(ids.new("crd"), variant.id)


async def test_a_new_price_is_asked_once_the_old_is_stale(on_air: Room, now: datetime) -> None:
    stale, lasting = Counter(on_air.db, fresh=0.0), Counter(on_air.db, fresh=3600.0)
    card, variant = on_air.cards[0], on_air.products[0].variants[0]

    async def prices() -> list[int]:
        both = [await counter.wares(on_air.live) for counter in (stale, lasting)]
        return [wares.price(card, variant.id)[1].minor for wares in both]

    assert await prices() == [variant.price.minor] * 2
    async with on_air.db.begin() as tx:
        await actions.price_card(
            tx, on_air.live, card, {variant.id: 77}, by=on_air.centre.host, now=now
        )
    assert await prices() == [77, variant.price.minor]


async def test_staff_on_duty_may_pause_and_resume_but_not_cancel(
    on_air: Room, now: datetime
) -> None:
    operator = Principal("usr_o", kind=Kind.PERSON, staff=frozenset({StaffRole.OPERATOR}))
    scheduler = Principal("usr_s", kind=Kind.PERSON, staff=frozenset({StaffRole.SCHEDULER}))
    async with on_air.db.begin() as tx:
        for wanted, state in (("pause", "paused"), ("resume", "live")):
            row = await actions.change_state(tx, on_air.live, wanted, by=operator, now=now)
            assert row.state == state
        with pytest.raises(NotYours):
            await actions.change_state(tx, on_air.live, "cancel", by=operator, now=now)
        with pytest.raises(NotYours):
            await actions.change_state(tx, on_air.live, "pause", by=scheduler, now=now)


async def test_what_is_over_is_not_made_ready(on_air: Room, now: datetime) -> None:
    async with on_air.db.begin() as tx:
        await actions.change_state(tx, on_air.live, "end", by=on_air.centre.host, now=now)
        with pytest.raises(WrongLiveState) as refused:
            await actions.make_ready(tx, on_air.live, by=on_air.centre.host, now=now)
    assert refused.value.facts["state"] == "ended"


async def test_outside_each_explain_is_told_to_start_and_to_end(
    on_air: Room, now: datetime
) -> None:
    luxi = on_air.centre.ids["luxi"]
    await made(on_air.db, luxi, f"http://{HOST}:9/hook", "explains.*")
    host, later = on_air.centre.host, now + timedelta(seconds=90)
    async with on_air.db.begin() as tx:
        await actions.explain(tx, on_air.live, on_air.cards[0], by=host, now=now)
        await actions.explain(tx, on_air.live, on_air.cards[1], by=host, now=later)
        await actions.stop_explaining(
            tx, on_air.live, by=host, now=later + timedelta(seconds=60)
        )
    await Relay(on_air.db, with_telling({}, TOLD), {}, None).drain(later)
    async with on_air.db.begin() as tx:
        stored = sa.text("SELECT kind, body FROM commerce.webhook_event ORDER BY sequence")
        told = [(row.kind, json.loads(row.body)["data"]) for row in await tx.execute(stored)]
    assert [(kind, data["card"]) for kind, data in told] == [
        ("explains.started", on_air.cards[0]),
        ("explains.ended", on_air.cards[0]),
        ("explains.started", on_air.cards[1]),
        ("explains.ended", on_air.cards[1]),
    ]
    assert {(data["merchant"], data["live_session"]) for _, data in told} == {
        (luxi, on_air.live)
    }
