"""Reading shelves and rooms."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import queries as catalogue
from livecommerce.identity import queries as people
from livecommerce.kernel.db import Tx
from livecommerce.live import rules
from livecommerce.live.errors import NoSuchCard
from livecommerce.live.rules import Light, Preparation
from livecommerce.live.tables import Card, ExplainSegment, Shelf
from livecommerce.live.wire import ExplainingOut, SegmentOut
from livecommerce.studios import queries as studios
from livecommerce.studios.rules import BookingState
from streams.ingest import queries as ingest
from streams.replays.rules import Segment
from streams.sessions.errors import NoSuchLive
from streams.sessions.rules import ON_AIR, TO_COME
from streams.sessions.tables import LiveSession

_STOCK_LEFT = sa.text(
    "SELECT (extract(epoch FROM statement_timestamp()) * 1000000)::bigint AS version,"
    " coalesce(jsonb_object_agg(s.variant_id, CASE WHEN v.archived_at IS NULL"
    " AND p.archived_at IS NULL THEN s.on_hand - s.held ELSE 0 END)"
    " FILTER (WHERE s.variant_id IS NOT NULL), '{}') AS left_to_sell"
    " FROM commerce.card c LEFT JOIN commerce.stock s ON s.product_id = c.product_id"
    " LEFT JOIN commerce.variant v ON v.id = s.variant_id"
    " LEFT JOIN commerce.product p ON p.id = c.product_id"
    " WHERE c.live_id = :live AND c.removed_at IS NULL"
)


async def find_shelf(tx: Tx, live: str) -> Shelf | None:
    """The live session's shelf, if there is such a session."""
    return await tx.get(Shelf, live, populate_existing=True)


async def shelf(tx: Tx, live: str) -> Shelf:
    """The live session's shelf.

    Raises:
        NoSuchLive: there is no such session.
    """
    found = await find_shelf(tx, live)
    if found is None:
        raise NoSuchLive(live=live)
    return found


async def rooms_of(tx: Tx, merchant: str, lives: Collection[str]) -> set[str]:
    """Which of these live sessions are the merchant's."""
    found = sa.select(col(Shelf.live_id)).where(
        col(Shelf.merchant_id) == merchant, col(Shelf.live_id).in_(list(lives))
    )
    return set((await tx.execute(found)).scalars())


async def shelves(tx: Tx, lives: Sequence[str]) -> dict[str, Shelf]:
    """The shelves of several sessions."""
    found = sa.select(Shelf).where(col(Shelf.live_id).in_(lives))
    return {row.live_id: row for row in (await tx.execute(found)).scalars()}


async def cards(tx: Tx, live: str) -> Sequence[Card]:
    """What is on the shelf, in its order."""
    there = (
        sa.select(Card)
        .where(col(Card.live_id) == live, col(Card.removed_at).is_(None))
        .order_by(col(Card.position), col(Card.id))
        .execution_options(populate_existing=True)
    )
    return (await tx.execute(there)).scalars().all()


async def card(tx: Tx, card_id: str) -> Card:
    """A card, on a shelf or taken off it since.

    Raises:
        NoSuchCard: there never was one.
    """
    found = await tx.get(Card, card_id)
    if found is None:
        raise NoSuchCard(card=card_id)
    return found


async def explaining(tx: Tx, live: str) -> ExplainingOut | None:
    """What is being presented now."""
    now_open = (
        sa.select(ExplainSegment, col(Shelf.version))
        .join(Shelf, col(Shelf.live_id) == col(ExplainSegment.live_id))
        .where(col(ExplainSegment.live_id) == live, col(ExplainSegment.ended_at).is_(None))
        .execution_options(populate_existing=True)
    )
    row = (await tx.execute(now_open)).one_or_none()
    if row is None:
        return None
    segment, version = row
    return ExplainingOut(
        card=segment.card_id, segment=segment.id, since=segment.started_at, version=version
    )


async def explained_times(tx: Tx, live: str) -> dict[str, int]:
    """How often each card on the shelf was presented; those never presented left out."""
    found = sa.select(col(Card.id), col(Card.explained_times)).where(
        col(Card.live_id) == live,
        col(Card.removed_at).is_(None),
        col(Card.explained_times) > 0,
    )
    return {row.id: row.explained_times for row in await tx.execute(found)}


async def open_segment(tx: Tx, live: str) -> ExplainSegment:
    """The segment that is running; there is one while a card is being explained."""
    running = sa.select(ExplainSegment).where(
        col(ExplainSegment.live_id) == live, col(ExplainSegment.ended_at).is_(None)
    )
    return (await tx.execute(running)).scalar_one()


async def segments(tx: Tx, live: str) -> Sequence[ExplainSegment]:
    """Every explain segment of the session, in order."""
    found = (
        sa.select(ExplainSegment)
        .where(col(ExplainSegment.live_id) == live)
        .order_by(col(ExplainSegment.started_at), col(ExplainSegment.id))
        .execution_options(populate_existing=True)
    )
    return (await tx.execute(found)).scalars().all()


async def replay_segments(tx: Tx, live: str) -> Sequence[Segment]:
    """The explain segments as the replay's chapters are made of them."""
    found = await segments(tx, live)
    products = await catalogue.products(tx, [row.product_id for row in found])
    return [
        Segment(
            row.started_at, row.ended_at, row.id, products[row.product_id].title.model_dump()
        )
        for row in found
    ]


def segment_out(row: ExplainSegment) -> SegmentOut:
    """A segment as clients see it."""
    return SegmentOut(
        id=row.id,
        card=row.card_id,
        product=row.product_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


async def stock_left(tx: Tx, live: str) -> tuple[int, dict[str, int]]:
    """What is left of every variant on the shelf, and when that was (in microseconds: small
    enough for JavaScript, fine enough to order publications of one room)."""
    row = (await tx.execute(_STOCK_LEFT, {"live": live})).one()
    return int(row.version), dict(row.left_to_sell)


async def rooms_showing(tx: Tx, product: str) -> Sequence[str]:
    """The sessions to come or on air on whose shelf the product is."""
    found = (
        sa.select(col(Card.live_id))
        .join(LiveSession, col(LiveSession.id) == col(Card.live_id))
        .where(
            col(Card.product_id) == product,
            col(Card.removed_at).is_(None),
            col(LiveSession.state).in_(ON_AIR | TO_COME),
        )
    )
    return (await tx.execute(found)).scalars().all()


async def checklist(tx: Tx, row: Shelf, *, now: datetime) -> list[Light]:
    """What must be in place before the session may go on air."""
    booking = await studios.booking(tx, row.booking_id)
    seller = await people.seller(tx, row.merchant_id)
    there = await cards(tx, row.live_id)
    products = await catalogue.products(tx, [c.product_id for c in there])
    _, left = await stock_left(tx, row.live_id)
    key = await ingest.of_live(tx, row.live_id)
    prepared = Preparation(
        booking_confirmed=booking.state in {BookingState.CONFIRMED, BookingState.CHECKED_IN},
        seller_identified=bool(seller.uscc and seller.licence and seller.contact),
        cards=len(there),
        unclassified=[p.id for p in products.values() if not p.hs_code],
        unpriced=[c.id for c in there if not c.prices],
        sellable=sum(1 for n in left.values() if n > 0),
        key_issued=key is not None,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
    )
    return rules.lights(prepared, now=now)


async def covers(tx: Tx, lives: Sequence[str]) -> dict[str, str]:
    """The first picture of the first card of each session."""
    first = (
        sa.select(col(Card.live_id), col(Card.product_id))
        .where(col(Card.live_id).in_(lives), col(Card.removed_at).is_(None))
        .distinct(col(Card.live_id))
        .order_by(col(Card.live_id), col(Card.position), col(Card.id))
    )
    shown = {row.live_id: row.product_id for row in await tx.execute(first)}
    products = await catalogue.products(tx, list(shown.values()))
    pictures = {live: products[product].pictures for live, product in shown.items()}
    return {live: found[0] for live, found in pictures.items() if found}
