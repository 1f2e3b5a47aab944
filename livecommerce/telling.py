"""What the outside is told of each fact: from our events to the public catalogue.

``TOLD``, at the end, says which fact is told as what; ``wiring.py`` puts it beside the
reactions. A translation reads what the fact leaves out (whose
it is, mostly) and names nobody: what is personal stays inside.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.events import StockChanged
from livecommerce.crossborder import events as customs
from livecommerce.kernel.db import Tx
from livecommerce.kernel.events import Event
from livecommerce.kernel.relay import Reaction, Reactions
from livecommerce.live import queries as live
from livecommerce.live.events import CardExplained, ExplainStopped
from livecommerce.orders import events as order
from livecommerce.orders import queries as orders
from livecommerce.studios import events as studio
from livecommerce.webhooks import public as said
from livecommerce.webhooks import publishing, queries
from livecommerce.webhooks.public import PublicEvent, Said
from streams.chat import events as chat
from streams.replays import events as replay
from streams.sessions import events as session
from streams.sessions import queries as sessions

Translate = Callable[[Tx, Any], Awaitable[list[Said]]]


@dataclass(frozen=True, slots=True)
class Telling:
    """Which public events a fact may become, and how."""

    kinds: tuple[type[PublicEvent], ...]
    react: Reaction


def with_telling(reactions: Reactions, told: Mapping[type[Event], Telling]) -> Reactions:
    """The reactions, and after them what is told outside."""
    joined = {kind: list(those) for kind, those in reactions.items()}
    for kind, telling in told.items():
        joined.setdefault(kind, []).append(telling.react)
    return joined


def as_(translate: Translate, *kinds: type[PublicEvent]) -> Telling:
    """A fact told by that translation, whenever somebody wants to hear it."""
    names = [kind.type for kind in kinds]

    async def react(tx: Tx, event: Event, *, now: datetime) -> None:
        if await queries.anybody_wants(tx, names):
            for each in await translate(tx, event):
                await publishing.publish(tx, each, now=now)

    return Telling(kinds, react)


def live_session(kind: type[PublicEvent], again: type[PublicEvent] | None = None) -> Telling:
    """A change of a live session's state; ``again`` where it came on air before."""

    async def translate(_tx: Tx, event: session.LiveChanged) -> list[Said]:
        first = getattr(event, "first", True)
        chosen = kind if first or again is None else again
        data = {
            "merchant": event.host_reference,
            "live_session": event.live,
            "booking": event.reference,
            "state": event.state.value,
            "version": event.version,
            "rehearsal": event.rehearsal,
        }
        return [Said(chosen.model_validate(data), event.at)]

    return as_(translate, kind, *([again] if again else []))


def by_name(kind: type[PublicEvent], **renamed: str) -> Telling:
    """A fact whose fields have the names (or, renamed, the meaning) of the public event's."""

    async def translate(_tx: Tx, event: Event) -> list[Said]:
        facts = event.model_dump()
        facts |= {ours: facts[theirs] for ours, theirs in renamed.items()}
        data = {name: facts[name] for name in kind.model_fields if name in facts}
        return [Said(kind.model_validate(data), facts.get("at"))]

    return as_(translate, kind)


async def _whose(tx: Tx, live_: str | None) -> str | None:
    """The merchant who hosts the live session."""
    row = await sessions.find(tx, live_) if live_ is not None else None
    return row.host_reference if row is not None else None


def of_live(kind: type[PublicEvent]) -> Telling:
    """A fact about a live session that does not say whose that is."""

    async def translate(tx: Tx, event: Any) -> list[Said]:
        facts = event.model_dump()
        data = {name: facts[name] for name in kind.model_fields if name in facts}
        whose = await _whose(tx, event.live) or facts.get("owner")
        data |= {"live_session": event.live, "merchant": whose}
        return [Said(kind.model_validate(data), event.at)]

    return as_(translate, kind)


async def _explains(tx: Tx, event: CardExplained | ExplainStopped) -> list[Said]:
    """What was presented until then has ended; what is presented from then on has started."""
    told = []
    for row in await live.segments(tx, event.live):
        about = _segment(row)
        if row.ended_at == event.at:
            ended = said.ExplainEnded.model_validate({**about, "ended_at": row.ended_at})
            told.append(Said(ended, event.at))
        elif isinstance(event, CardExplained) and row.id == event.segment:
            told.append(Said(said.ExplainStarted.model_validate(about), event.at))
    return told


def _segment(row: Any) -> dict[str, Any]:
    return {
        "merchant": row.merchant_id,
        "live_session": row.live_id,
        "segment": row.id,
        "card": row.card_id,
        "product": row.product_id,
        "started_at": row.started_at,
    }


async def _placed(tx: Tx, event: order.CheckoutPlaced) -> list[Said]:
    """A purchase is one order for each merchant in it."""
    return [
        Said(
            said.OrderCreated(
                merchant=row.merchant,
                live_session=row.live,
                order=row.id,
                checkout=row.checkout,
                country=row.country,
                pieces=row.pieces,
                total=row.total,
            ),
            event.at,
        )
        for row in await orders.by_ids(tx, event.orders)
    ]


async def _cancelled(tx: Tx, event: order.CheckoutCancelled) -> list[Said]:
    return [
        Said(
            said.OrderCancelled(
                merchant=row.merchant,
                live_session=row.live,
                order=row.id,
                checkout=row.checkout,
            ),
            event.at,
        )
        for row in await orders.by_ids(tx, event.orders)
    ]


_STOCK = (said.StockLow, said.StockSoldOut, said.StockRestocked)


async def _stock(tx: Tx, event: StockChanged, *, now: datetime) -> None:
    if await queries.anybody_wants(tx, [kind.type for kind in _STOCK]):
        merchant = await catalogue.merchant_of(tx, event.product)
        await publishing.stock_changed(
            tx,
            event.variant,
            event.product,
            merchant,
            left=event.left,
            version=event.version,
            now=now,
        )


EXPLAINED = as_(_explains, said.ExplainStarted, said.ExplainEnded)
PLACED = as_(_placed, said.OrderCreated)
CANCELLED = as_(_cancelled, said.OrderCancelled)
STOCK = Telling(_STOCK, _stock)

TOLD: Mapping[type[Event], Telling] = {
    session.LiveScheduled: live_session(said.LiveSessionCreated),
    session.LiveReady: live_session(said.LiveSessionReady),
    session.LiveStarted: live_session(said.LiveSessionStarted, said.LiveSessionResumed),
    session.LivePaused: live_session(said.LiveSessionPaused),
    session.LiveResumed: live_session(said.LiveSessionResumed),
    session.LiveInterrupted: live_session(said.LiveSessionInterrupted),
    session.LiveEnded: live_session(said.LiveSessionEnded),
    session.LiveCancelled: live_session(said.LiveSessionCancelled),
    session.LiveArchived: live_session(said.LiveSessionArchived),
    CardExplained: EXPLAINED,
    ExplainStopped: EXPLAINED,
    replay.ReplayReady: of_live(said.ReplayReady),
    replay.ReplayFailed: of_live(said.ReplayFailed),
    order.CheckoutPlaced: PLACED,
    order.CheckoutCancelled: CANCELLED,
    order.OrderPaid: by_name(said.OrderPaid, live_session="live"),
    order.OrderShipped: by_name(said.OrderShipped, live_session="live"),
    order.OrderDelivered: by_name(said.OrderDelivered),
    order.OrderRefunded: by_name(said.OrderRefunded, live_session="live"),
    order.OrderRefundFailed: by_name(said.OrderRefundFailed, live_session="live"),
    order.OrderDisputed: by_name(said.OrderDisputed, live_session="live"),
    StockChanged: STOCK,
    chat.ChatMessageDeleted: of_live(said.ChatMessageRemoved),
    chat.ChatMessageApproved: of_live(said.ChatMessageApproved),
    chat.ViewerMuted: of_live(said.ChatViewerMuted),
    studio.BookingMade: by_name(said.BookingMade),
    studio.BookingConfirmed: by_name(said.BookingConfirmed),
    studio.BookingMoved: by_name(said.BookingMoved),
    studio.BookingCancelled: by_name(said.BookingCancelled),
    studio.BookingCheckedIn: by_name(said.BookingCheckedIn),
    studio.SlotFreed: by_name(said.BookingReleased),
    customs.DeclarationFiled: by_name(said.DeclarationFiled),
    customs.DeclarationReleased: by_name(said.DeclarationReleased),
    customs.DeclarationRejected: by_name(said.DeclarationRejected),
    customs.DeclarationClosed: by_name(said.DeclarationClosed),
}
"""Every fact that is told outside, and as what."""
