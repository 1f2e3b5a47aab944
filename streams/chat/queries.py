"""What was said, who may not speak, and how rooms speak."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from livecommerce.kernel.db import Tx
from livecommerce.kernel.page import Cursor
from streams.chat.rules import Announcement, Outcome, RoomRules
from streams.chat.tables import ChatMessage, ChatReview, ChatRoom, ChatWord, Mute

EVERYWHERE = "*"
"""The owner of words that are not said in anybody's rooms."""


async def recent(tx: Tx, live: str, *, limit: int = 50) -> Sequence[ChatMessage]:
    """The last messages of a live session that were shown and still stand, oldest first."""
    newest = (
        select(ChatMessage)
        .where(
            col(ChatMessage.live_id) == live,
            col(ChatMessage.deleted_at).is_(None),
            col(ChatMessage.shown),
        )
        .order_by(col(ChatMessage.said_at).desc(), col(ChatMessage.id).desc())
        .limit(limit)
    )
    return list(reversed((await tx.execute(newest)).scalars().all()))


async def has_spoken(tx: Tx, live: str, speaker: str, *, since: datetime) -> bool:
    """Whether they have said something since then that was shown and still stands; as the
    archive knows it, which is written a moment behind."""
    said = (
        sa.select(col(ChatMessage.id))
        .where(
            col(ChatMessage.live_id) == live,
            col(ChatMessage.speaker) == speaker,
            col(ChatMessage.said_at) >= since,
            col(ChatMessage.deleted_at).is_(None),
            col(ChatMessage.shown),
        )
        .limit(1)
    )
    return (await tx.execute(said)).scalar_one_or_none() is not None


async def everything(
    tx: Tx, live: str, *, after: Cursor | None = None, limit: int = 1000
) -> Sequence[ChatMessage]:
    """The whole archive of a live session in order, what was deleted and what was not shown
    included."""
    place = sa.tuple_(col(ChatMessage.said_at), col(ChatMessage.id))
    page = (
        select(ChatMessage)
        .where(col(ChatMessage.live_id) == live)
        .order_by(col(ChatMessage.said_at), col(ChatMessage.id))
        .limit(limit)
    )
    if after is not None:
        page = page.where(place > (after.at, after.id))
    return (await tx.execute(page)).scalars().all()


async def spoke_lately(
    tx: Tx, live: str, since: datetime, *, most: int = 500
) -> dict[str, datetime]:
    """When each viewer last spoke in the live session since then, as far as its newest
    messages tell."""
    newest = (
        sa.select(col(ChatMessage.speaker), col(ChatMessage.said_at))
        .where(col(ChatMessage.live_id) == live, col(ChatMessage.badge).is_(None))
        .order_by(col(ChatMessage.id).desc())
        .limit(most)
        .subquery()
    )
    last = sa.func.max(newest.c.said_at)
    found = (
        sa.select(newest.c.speaker, last)
        .where(newest.c.said_at >= since)
        .group_by(newest.c.speaker)
    )
    return {row.speaker: row[1] for row in await tx.execute(found)}


async def messages(tx: Tx, ids: Iterable[str]) -> Sequence[ChatMessage]:
    """These messages, in the order in which they were said."""
    found = (
        select(ChatMessage)
        .where(col(ChatMessage.id).in_(list(ids)))
        .order_by(col(ChatMessage.said_at), col(ChatMessage.id))
    )
    return (await tx.execute(found)).scalars().all()


async def deleted(tx: Tx, ids: Iterable[str]) -> set[str]:
    """Which of these messages were deleted."""
    found = sa.select(col(ChatMessage.id)).where(
        col(ChatMessage.id).in_(list(ids)), col(ChatMessage.deleted_at).is_not(None)
    )
    return set((await tx.execute(found)).scalars())


async def waiting(tx: Tx, live: str, *, limit: int = 200) -> Sequence[ChatReview]:
    """What waits to be decided, oldest first."""
    found = (
        select(ChatReview)
        .where(col(ChatReview.live_id) == live, col(ChatReview.outcome) == Outcome.WAITING)
        .order_by(col(ChatReview.asked_at), col(ChatReview.id))
        .limit(limit)
    )
    return (await tx.execute(found)).scalars().all()


async def standing_mutes(
    tx: Tx, *, now: datetime, live: str | None = None, owner: str | None = None
) -> Sequence[Mute]:
    """Every mute and ban that holds now, or those that hold in one live session of an owner."""
    holding = (
        select(Mute)
        .where(
            col(Mute.lifted_at).is_(None),
            sa.or_(col(Mute.until).is_(None), col(Mute.until) > now),
        )
        .order_by(col(Mute.muted_at).desc(), col(Mute.id))
    )
    if live is not None:
        place = sa.func.coalesce(col(Mute.live_id), col(Mute.owner))
        holding = holding.where(sa.or_(place.in_([live, owner or live]), place.is_(None)))
    return (await tx.execute(holding)).scalars().all()


async def mutes_changed(tx: Tx, since: datetime) -> Sequence[Mute]:
    """Mutes that were made, replaced or lifted since; the lifted first, so that what stands
    has the last word."""
    found = (
        select(Mute)
        .where(col(Mute.changed_at) >= since)
        .order_by(col(Mute.lifted_at).is_(None), col(Mute.changed_at))
    )
    return (await tx.execute(found)).scalars().all()


async def room_rules(tx: Tx, live: str) -> RoomRules:
    """How the room speaks."""
    row = await tx.get(ChatRoom, live, populate_existing=True)
    return RoomRules() if row is None else as_rules(row)


async def rules_changed(tx: Tx, since: datetime) -> dict[str, RoomRules]:
    """Rooms whose rules were changed since."""
    found = select(ChatRoom).where(col(ChatRoom.changed_at) >= since)
    return {row.live_id: as_rules(row) for row in (await tx.execute(found)).scalars()}


def as_rules(row: ChatRoom) -> RoomRules:
    """The row as a room knows it."""
    return RoomRules(
        slow=row.slow,
        approve=row.approve,
        links=row.links,
        speakers=row.speakers,
        paused=row.paused,
        shown=row.shown,
        version=row.version,
        announcement=Announcement(row.announcement, row.announcement_version, row.announced_at),
    )


async def words(tx: Tx, *owners: str) -> Sequence[ChatWord]:
    """The word lists of these owners."""
    found = (
        select(ChatWord)
        .where(col(ChatWord.owner).in_(owners), col(ChatWord.removed_at).is_(None))
        .order_by(col(ChatWord.folded), col(ChatWord.id))
    )
    return (await tx.execute(found)).scalars().all()


async def lists_changed(tx: Tx, since: datetime) -> set[str]:
    """Owners whose word lists were changed since."""
    found = sa.select(col(ChatWord.owner)).where(col(ChatWord.changed_at) >= since).distinct()
    return set((await tx.execute(found)).scalars())


async def said_by(tx: Tx, live: str, speaker: str, *, limit: int) -> Sequence[ChatMessage]:
    """What one person said in a live session, oldest first, deleted messages included."""
    theirs = (
        select(ChatMessage)
        .where(col(ChatMessage.live_id) == live, col(ChatMessage.speaker) == speaker)
        .order_by(col(ChatMessage.said_at), col(ChatMessage.id))
        .limit(limit)
    )
    return (await tx.execute(theirs)).scalars().all()
