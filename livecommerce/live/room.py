"""The room as someone who joins sees it: one snapshot, and where each channel stood before it
was read, so that whatever is published afterwards can be applied on top."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.wire import Dimension, ProductOut, VariantOut
from livecommerce.crossborder.rates import DayRates, Rates
from livecommerce.crossborder.wire import RatesNamed
from livecommerce.identity import queries as people
from livecommerce.identity.queries import SellerFacts
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.live import queries
from livecommerce.live.offers import queries as offers
from livecommerce.live.rules import FEW
from livecommerce.live.tables import Card
from livecommerce.live.wire import (
    AnnouncementOut,
    CardOut,
    CardVariantOut,
    ChapterOut,
    ChatLine,
    ChatRulesOut,
    LiveOut,
    OptionOut,
    OptionValueOut,
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
from streams.chat.rules import RoomRules
from streams.chat.tables import ChatMessage
from streams.presence.viewers import Viewers
from streams.replays import queries as replays
from streams.replays.tables import State as ReplayState
from streams.sessions import queries as sessions
from streams.sessions.rules import ON_AIR
from streams.sessions.tables import LiveSession

CHANNELS = ("room", "cards", "stock", "offers")
LATENCY_S = 5.0
"""From studio to screen with one-second segments, two of them buffered (measured 4.9 s)."""
BACKLOG = 50


@dataclass(frozen=True, slots=True)
class Stood:
    """Where the room's channels stood before its state was read, and what had been said in
    it lately: the archive may not have it yet."""

    positions: dict[str, PositionOut]
    said: list[dict[str, Any]]


async def stands(r: Resources, live: str) -> Stood:
    """Where the room's channels stand now. Read this before reading the state."""
    positions = {}
    said: list[dict[str, Any]] = []
    for kind in CHANNELS:
        channel = f"{kind}:{live}"
        found = await r.gateway.history(channel, limit=-1 if kind == "room" else 0)
        positions[channel] = PositionOut(offset=found.top.offset, epoch=found.top.epoch)
        said += [orjson.loads(publication.data) for publication in found.publications]
    return Stood(positions, said)


async def snapshot(
    r: Resources,
    tx: Tx,
    live: str,
    *,
    who: Principal,
    currency: str | None,
    stood: Stood,
    now: datetime,
) -> RoomOut:
    """Everything the room shows.

    Raises:
        NoSuchLive: there is no such session.
        NoRate, RatesTooOld: no dated rate leads to the currency.
    """
    session = await sessions.get(tx, live)
    shelf = await queries.shelf(tx, live)
    seller = await people.seller(tx, shelf.merchant_id)
    dated = r.part(Rates)
    rates = dated.day(now) if currency else None
    cards = await card_outs(tx, await queries.cards(tx, live), currency, rates)
    stock_version, left = await queries.stock_left(tx, live)
    rules = await chat.room_rules(tx, live)
    audience = r.part(Viewers).audience(live)
    cover = next((picture for card in cards[:1] for picture in card.pictures), None)
    return RoomOut(
        live=live_out(session, seller, cover),
        seller=_seller_out(seller),
        cards=cards,
        explaining=await queries.explaining(tx, live),
        shelf_version=shelf.version,
        stock=left,
        stock_version=stock_version,
        stock_low=FEW,
        offers=await offers.shown(tx, live),
        viewers=audience.viewers,
        peak=audience.peak,
        video=_video(session),
        replay=await _replay(tx, live),
        positions=stood.positions,
        chat=await _chat(tx, live, stood.said),
        chat_rules=rules_out(rules),
        announcement=announcement_out(rules),
        rates=_named(dated, rates),
        me=ViewerOut(id=who.id, name=who.name, roles=_roles(who, shelf.merchant_id)),
    )


def _named(dated: Rates, used: DayRates | None) -> RatesNamed | None:
    if used is None or not used.used():
        return None
    return RatesNamed(on=used.on, source=used.source, pinned=dated.pinned is not None)


async def card_outs(
    tx: Tx, rows: Sequence[Card], currency: str | None, rates: DayRates | None
) -> list[CardOut]:
    """Cards with their products, in three reads however many they are."""
    products = await catalogue.products(tx, [row.product_id for row in rows])
    return [_card_out(row, products[row.product_id], currency, rates) for row in rows]


def rules_out(rules: RoomRules) -> ChatRulesOut:
    """How the room speaks."""
    return ChatRulesOut(
        slow=rules.slow,
        approve=rules.approve,
        links=rules.links,
        speakers=rules.speakers,
        paused=rules.paused,
        version=rules.version,
    )


def announcement_out(rules: RoomRules) -> AnnouncementOut:
    """What is pinned."""
    pinned = rules.announcement
    return AnnouncementOut(text=pinned.text, version=pinned.version, at=pinned.at)


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
        options=[_option_out(option) for option in product.offered],
        variants=[
            _variant_out(row, variant, currency, rates)
            for variant in product.variants
            if variant.id in row.prices and (product.archived or not variant.archived)
        ],
        state=row.state,
        explained_times=row.explained_times,
    )


def _option_out(option: Dimension) -> OptionOut:
    values = [OptionValueOut(key=v.key, label=v.label) for v in option.values]
    return OptionOut(key=option.key, label=option.label, values=values)


def _variant_out(
    row: Card, variant: VariantOut, currency: str | None, rates: DayRates | None
) -> CardVariantOut:
    price = Money(row.prices[variant.id], row.currency)
    shown = None
    if currency is not None and rates is not None and rates.has(price.currency):
        shown = rates.convert(price, currency) if currency != price.currency else None
    return CardVariantOut(
        id=variant.id,
        sku=variant.sku,
        options=variant.options,
        price=price,
        list_price=variant.price,
        shown=shown,
        left=variant.left,
    )


async def _chat(tx: Tx, live: str, said: list[dict[str, Any]]) -> list[ChatLine]:
    """The last lines that were shown and still stand: those that are kept, and those that
    were said so lately that they are not yet."""
    lines = {row.id: _line_out(row) for row in await chat.recent(tx, live, limit=BACKLOG)}
    fresh = {f["id"]: f for f in said if f["t"] == "chat" and f["id"] not in lines}
    gone = {f["id"] for f in said if f["t"] == "del"} | await chat.deleted(tx, fresh)
    for frame in fresh.values():
        heard = {name: frame[name] for name in ChatLine.model_fields}
        lines[frame["id"]] = ChatLine.model_validate(heard)
    standing = [line for line in lines.values() if line.id not in gone]
    return sorted(standing, key=lambda line: (line.at, line.id))[-BACKLOG:]


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
        poster=f"{place}/poster.jpg" if row.timeline.get("poster", True) else None,
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
