"""What live commerce tells the rooms."""

from collections.abc import Set
from datetime import datetime
from functools import partial

from livecommerce.catalogue.events import StockChanged
from livecommerce.kernel.db import Database
from livecommerce.live import queries
from livecommerce.live.board import Board
from livecommerce.live.events import (
    CardExplained,
    CardPriced,
    ExplainStopped,
    ShelfChanged,
)
from livecommerce.resources import Resources
from streams.chat import jobs as chat_jobs
from streams.chat.chat import Chat
from streams.chat.events import (
    AnnouncementChanged,
    ChatMessageApproved,
    ChatMessageDeleted,
    ChatRulesChanged,
    ViewerMuted,
    ViewerUnmuted,
)
from streams.ingest import jobs as ingest_jobs
from streams.ingest import reconcile as reconciling
from streams.media.ffmpeg import Ffmpeg
from streams.replays import jobs as replay_jobs
from streams.replays.events import ReplayReady, ReplayWanted
from streams.sessions.events import LiveCancelled, LiveChanged, LiveEnded


async def show_card(
    r: Resources, event: CardExplained | ExplainStopped, *, now: datetime
) -> None:
    """The card that is presented changes in every room at once; screens apply it when the
    picture they show has come to the same moment."""
    await r.part(Board).card(event.live)


async def show_shelf(r: Resources, event: ShelfChanged, *, now: datetime) -> None:
    """Screens read the shelf anew, and learn what is left of what is on it."""
    frame = {"t": "shelf", "version": event.version}
    key = f"shelf/{event.live}/{event.version}"
    await r.gateway.publish(f"room:{event.live}", frame, idempotency_key=key)
    await r.part(Board).stock(event.live)


async def show_price(r: Resources, event: CardPriced, *, now: datetime) -> None:
    """The new prices are on every screen before it has read the shelf anew."""
    frame = {
        "t": "price",
        "card": event.card,
        "currency": event.currency,
        "prices": event.prices,
        "version": event.version,
    }
    key = f"price/{event.live}/{event.version}"
    await r.gateway.publish(f"room:{event.live}", frame, idempotency_key=key)


async def show_stock(r: Resources, event: StockChanged, *, now: datetime) -> None:
    """The rooms in which the variant is on the shelf see what is left."""
    async with r.db.begin() as tx:
        rooms = await queries.rooms_showing(tx, event.product)
    for live in rooms:
        await r.part(Board).stock(live)


async def show_state(r: Resources, event: LiveChanged, *, now: datetime) -> None:
    """The room learns that it is on air, paused, interrupted, over."""
    frame = {
        "t": "state",
        "state": event.state,
        "version": event.version,
        "at": event.at.isoformat(),
    }
    key = f"state/{event.live}/{event.version}"
    await r.gateway.publish(f"room:{event.live}", frame, idempotency_key=key)


async def drop_publisher(
    r: Resources, event: LiveEnded | LiveCancelled, *, now: datetime
) -> None:
    """Whoever still publishes to a session that is over is dropped."""
    if r.media is not None:
        await ingest_jobs.drop_publisher(r.db, r.media, event)


async def make_replay(r: Resources, event: ReplayWanted, *, now: datetime) -> None:
    """Recording parts become a replay with a chapter per explain segment; where nothing was
    recorded, the session is archived without one."""
    media = r.settings.data_dir / "media"
    await replay_jobs.build(
        r.db,
        r.part(Ffmpeg),
        event,
        recordings=media / "rec",
        output=media / "replays",
        segments=queries.replay_segments,
        now=now,
    )


async def show_replay(r: Resources, event: ReplayReady, *, now: datetime) -> None:
    """Whoever is still in the room can watch it again."""
    frame = {"t": "replay", "replay": event.replay}
    await r.gateway.publish(f"room:{event.live}", frame, idempotency_key=event.replay)


async def show_moderation(
    r: Resources, event: ChatMessageDeleted | ChatMessageApproved, *, now: datetime
) -> None:
    """What a moderator did to a message is seen in the room, whoever died in between."""
    if isinstance(event, ChatMessageDeleted):
        await chat_jobs.show_deleted(r.gateway, event)
    else:
        await chat_jobs.show_approved(r.db, r.gateway, event)


async def show_chat_rules(
    r: Resources, event: ChatRulesChanged | AnnouncementChanged, *, now: datetime
) -> None:
    """The room hears how it speaks, and what is pinned."""
    await chat_jobs.show_rules(r.db, r.gateway, event)


async def rooms_of(db: Database, merchant: str, lives: Set[str]) -> set[str]:
    """Which of these rooms are the merchant's."""
    async with db.begin() as tx:
        return await queries.rooms_of(tx, merchant, lives)


async def hear_mute(r: Resources, event: ViewerMuted | ViewerUnmuted, *, now: datetime) -> None:
    """A restraint made by somebody else (another process, or a guest who signed in and was
    muted before) holds here at once; every other process reads it within a second."""
    chat = r.find(Chat)
    if isinstance(event, ViewerUnmuted):
        if chat is not None:
            await chat.on_viewer_unmuted(event)
        return
    if chat is not None:
        await chat.on_viewer_muted(event)
    elif event.kind == "ban":
        away = (r.gateway, event.user, event.live, event.owner)
        await chat_jobs.send_away(*away, partial(rooms_of, r.db))


async def reconcile(r: Resources, *, now: datetime) -> None:
    """Believe what the media server receives, not only what it told us."""
    if r.media is not None:
        await reconciling.reconcile(r.db, r.media, now=now)
