"""What moderators can do to the record. Showing it to the room is ``chat.py``'s part."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from streams.chat.errors import MessageNotFound
from streams.chat.events import ChatMessageDeleted, ViewerMuted, ViewerUnmuted
from streams.chat.tables import ChatMessage, Mute


async def delete(tx: Tx, live: str, message: str, *, by: str, now: datetime) -> None:
    """Mark the message as deleted; a repeated call changes nothing.

    Raises:
        MessageNotFound: this live session has no such message.
    """
    here = (col(ChatMessage.id) == message, col(ChatMessage.live_id) == live)
    marked = await tx.execute(
        sa.update(ChatMessage)
        .where(*here, col(ChatMessage.deleted_at).is_(None))
        .values(deleted_at=now, deleted_by=by)
        .returning(col(ChatMessage.id))
    )
    if marked.first() is not None:
        await emit(tx, ChatMessageDeleted(live=live, message=message, by=by, at=now))
    elif (await tx.execute(sa.select(col(ChatMessage.id)).where(*here))).first() is None:
        raise MessageNotFound()


async def mute(
    tx: Tx,
    user: str,
    *,
    live: str | None,
    until: datetime | None,
    by: str,
    reason: str = "",
    now: datetime,
) -> Mute:
    """Nobody hears the user until then; a standing mute is replaced."""
    row = Mute(
        id=ids.new("mut"),
        live_id=live,
        speaker=user,
        until=until,
        reason=reason,
        muted_at=now,
        muted_by=by,
    )
    place = insert(Mute).values(**row.model_dump())
    kept = ("id", "until", "reason", "muted_at", "muted_by")
    await tx.execute(
        place.on_conflict_do_update(
            index_elements=[sa.text("speaker"), sa.text("coalesce(live_id, '')")],
            index_where=sa.text("lifted_at IS NULL"),
            set_={name: place.excluded[name] for name in kept},
        )
    )
    told = ViewerMuted(mute=row.id, user=user, live=live, until=until, by=by, at=now)
    await emit(tx, told)
    return row


async def unmute(tx: Tx, user: str, *, live: str | None, by: str, now: datetime) -> bool:
    """Let the user speak again. Whether there was a standing mute."""
    lifted = await tx.execute(
        sa.update(Mute)
        .where(
            col(Mute.speaker) == user,
            sa.func.coalesce(col(Mute.live_id), "") == (live or ""),
            col(Mute.lifted_at).is_(None),
        )
        .values(lifted_at=now, lifted_by=by)
        .returning(col(Mute.id))
    )
    id = lifted.scalar_one_or_none()
    if id is None:
        return False
    await emit(tx, ViewerUnmuted(mute=id, user=user, live=live, by=by, at=now))
    return True
