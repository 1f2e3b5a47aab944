"""What was said, and who may not speak."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from livecommerce.kernel.db import Tx
from livecommerce.kernel.page import Cursor
from streams.chat.tables import ChatMessage, Mute


async def recent(tx: Tx, live: str, *, limit: int = 50) -> Sequence[ChatMessage]:
    """The last messages of a live session that still stand, oldest first."""
    newest = (
        select(ChatMessage)
        .where(col(ChatMessage.live_id) == live, col(ChatMessage.deleted_at).is_(None))
        .order_by(col(ChatMessage.said_at).desc(), col(ChatMessage.id).desc())
        .limit(limit)
    )
    return list(reversed((await tx.execute(newest)).scalars().all()))


async def everything(
    tx: Tx, live: str, *, after: Cursor | None = None, limit: int = 1000
) -> Sequence[ChatMessage]:
    """The whole archive of a live session in order, deleted messages included."""
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


async def standing_mutes(tx: Tx, *, now: datetime) -> Sequence[Mute]:
    """Every mute that holds now."""
    holding = select(Mute).where(
        col(Mute.lifted_at).is_(None),
        sa.or_(col(Mute.until).is_(None), col(Mute.until) > now),
    )
    return (await tx.execute(holding)).scalars().all()
