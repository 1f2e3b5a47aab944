"""The room as someone who joins sees it: one snapshot, and where each channel stood before it
was read, so that whatever is published afterwards can be applied on top."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.wire import ProductOut, VariantOut
from livecommerce.crossborder.rates import DayRates, Rates
from livecommerce.identity import queries as people
from livecommerce.identity.queries import SellerFacts
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.live import queries
from livecommerce.live.tables import Card
from livecommerce.live.wire import (
    CardOut,
    CardVariantOut,
    ChapterOut,
    ChatLine,
    LiveOut,
    PositionOut,
    ReplayOut,
    RoomOut,
    SellerOut,
    VideoOut,
    ViewerOut,
)
from livecommerce.resources import Resources
from livecommerce.web.principal import Principal
from livecommerce.web.wire import Both
from streams.chat import queries as chat
from streams.chat.tables import ChatMessage
from streams.presence.viewers import Viewers
from streams.replays import queries as replays
from streams.replays.tables import State as ReplayState
from streams.sessions import queries as sessions
from streams.sessions.rules import ON_AIR
from streams.sessions.tables import LiveSession

CHANNELS = ("room", "cards", "stock")
LATENCY_S = 5.0
"""From studio to screen with one-second segments, two of them buffered (measured 4.9 s)."""
BACKLOG = 50


async def positions(r: Resources, live: str) -> dict[str, PositionOut]:
    """Where the room's channels stand now. Read this before reading the state."""
    found = {}
    for kind in CHANNELS:
        channel = f"{kind}:{live}"
        stands = (await r.gateway.history(channel)).top
        found[channel] = PositionOut(offset=stands.offset, epoch=stands.epoch)
    return found


async def snapshot(
    r: Resources,
    tx: Tx,
    live: str,
    *,
    who: Principal,
    currency: str | None,
    stood: Mapping[str, PositionOut],
    now: datetime,
) -> RoomOut:
    """Everything the room shows.

    Raises:
        NoSuchLive: there is no such session.
        CurrencyUnknown: no dated rate leads to the currency.
    """
    session = await sessions.get(tx, live)
    shelf = await queries.shelf(tx, live)
    seller = await people.seller(tx, shelf.merchant_id)
    rates = r.part(Rates).day(now) if currency else None
    cards = await card_outs(tx, await queries.cards(tx, live), currency, rates)
    _, left = await queries.stock_left(tx, live)
    return RoomOut(
        live=live_out(session, seller, cards[0].pictures[0] if cards else None),
        seller=_seller_out(seller),
        cards=cards,
        explaining=await queries.explaining(tx, live),
        stock=left,
        viewers=r.part(Viewers).audience(live).viewers,
        video=_video(session),
        replay=await _replay(tx, live),
        positions=dict(stood),
        chat=[_line_out(row) for row in await chat.recent(tx, live, limit=BACKLOG)],
        me=ViewerOut(id=who.id, name=who.name, roles=_roles(who, shelf.merchant_id)),
    )


async def card_outs(
    tx: Tx, rows: Sequence[Card], currency: str | None, rates: DayRates | None
) -> list[CardOut]:
    """Cards with their products, in three reads however many they are."""
    products = await catalogue.products(tx, [row.product_id for row in rows])
    return [_card_out(row, products[row.product_id], currency, rates) for row in rows]


def live_out(row: LiveSession, seller: SellerFacts, cover: str | None) -> LiveOut:
    """A live session as clients see it."""
    return LiveOut(
        id=row.id,
        booking=row.reference,
        merchant=row.host_reference,
        merchant_name=Both(**seller.name),
        avatar=seller.avatar,
        title=Both(**row.title),
        state=row.state,
        version=row.version,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        cover=cover,
    )


async def lives_out(tx: Tx, rows: Iterable[LiveSession]) -> list[LiveOut]:
    """Several live sessions, with who holds them and the picture of their first card."""
    found = list(rows)
    sellers = await people.sellers(tx, {row.host_reference for row in found})
    covers = await queries.covers(tx, [row.id for row in found])
    return [live_out(row, sellers[row.host_reference], covers.get(row.id)) for row in found]


def _card_out(
    row: Card, product: ProductOut, currency: str | None, rates: DayRates | None
) -> CardOut:
    return CardOut(
        id=row.id,
        product=product.id,
        merchant=row.merchant_id,
        position=row.position,
        title=product.title,
        description=product.description,
        pictures=product.pictures,
        options=[option.model_dump() for option in product.options],
        variants=[
            _variant_out(row, variant, currency, rates)
            for variant in product.variants
            if variant.id in row.prices
        ],
        state=row.state,
        explained_times=row.explained_times,
    )


def _variant_out(
    row: Card, variant: VariantOut, currency: str | None, rates: DayRates | None
) -> CardVariantOut:
    price = Money(row.prices[variant.id], row.currency)
    shown = None
    if rates is not None and currency is not None and currency != price.currency:
        shown = rates.convert(price, currency)
    return CardVariantOut(
        id=variant.id,
        sku=variant.sku,
        options=variant.options,
        price=price,
        list_price=variant.price,
        shown=shown,
        left=variant.left,
    )


def _line_out(row: ChatMessage) -> ChatLine:
    return ChatLine(
        id=row.id,
        user=row.speaker,
        name=row.name,
        badge=row.badge,
        text=row.text,
        at=row.said_at,
    )


def _seller_out(facts: SellerFacts) -> SellerOut:
    return SellerOut(
        merchant=facts.id,
        name=Both(**facts.name),
        legal_name=Both(**facts.legal_name),
        uscc=facts.uscc,
        licence=facts.licence,
        address=Both(**facts.address),
        contact=facts.contact["phone"],
        avatar=facts.avatar,
    )


def _video(session: LiveSession) -> VideoOut | None:
    if session.state not in ON_AIR:
        return None
    return VideoOut(hls=f"/hls/{session.id}/index.m3u8", latency_s=LATENCY_S)


async def _replay(tx: Tx, live: str) -> ReplayOut | None:
    row = await replays.of_live(tx, live)
    if row is None or row.state is not ReplayState.READY or row.timeline is None:
        return None
    place = f"/replays/{row.id}"
    segments = {s.id: s for s in await queries.segments(tx, live)}
    return ReplayOut(
        id=row.id,
        hls=f"{place}/index.m3u8",
        poster=f"{place}/poster.jpg",
        duration=row.duration_ms / 1000,
        media_start=row.timeline["media_start"],
        chapters=[
            ChapterOut(
                card=segments[chapter["reference"]].card_id,
                segment=chapter["reference"],
                title=chapter["title"],
                start=chapter["start"],
                end=chapter["end"],
            )
            for chapter in replays.chapters(row)
            if chapter["reference"] in segments
        ],
    )


def _roles(who: Principal, merchant: str) -> list[str]:
    mine = [f"merchant:{role}" for role in who.memberships.get(merchant, ())]
    return sorted([*mine, *(f"staff:{role}" for role in who.staff)])
