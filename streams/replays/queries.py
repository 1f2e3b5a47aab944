"""Reading replays."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from streams.replays.tables import RecordingPart, Replay


async def of_live(tx: Tx, live: str) -> Replay | None:
    """The live session's replay, in whichever state, if one was ever wanted."""
    found = await tx.execute(
        sa.select(Replay)
        .where(col(Replay.live_id) == live)
        .execution_options(populate_existing=True)
    )
    return found.scalar_one_or_none()


async def of_lives(tx: Tx, lives: Collection[str]) -> Sequence[Replay]:
    """The replays of any of the live sessions."""
    found = await tx.execute(sa.select(Replay).where(col(Replay.live_id).in_(lives)))
    return found.scalars().all()


async def parts(tx: Tx, live: str) -> Sequence[RecordingPart]:
    """The files of the live session's recording, first one first."""
    found = await tx.execute(
        sa.select(RecordingPart)
        .where(col(RecordingPart.live_id) == live)
        .order_by(col(RecordingPart.started_at), col(RecordingPart.id))
    )
    return found.scalars().all()


def chapters(replay: Replay) -> list[dict[str, Any]]:
    """``start``, ``end``, ``reference`` and ``title`` of each chapter."""
    return list((replay.timeline or {}).get("chapters", []))
