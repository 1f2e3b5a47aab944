"""Keeping track of recordings and replays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from streams.replays import queries
from streams.replays.events import ReplayFailed, ReplayReady
from streams.replays.tables import RecordingPart, Replay, State
from streams.sessions import actions as sessions


async def add_part(
    tx: Tx,
    live: str,
    *,
    publication: str,
    path: str,
    started_at: datetime,
    finished_at: datetime,
) -> None:
    """Note a file of the recording; the same path twice is one file."""
    await tx.execute(
        insert(RecordingPart)
        .values(
            id=ids.new("prt"),
            live_id=live,
            publication_id=publication,
            path=path,
            started_at=started_at,
            finished_at=finished_at,
        )
        .on_conflict_do_nothing(index_elements=[col(RecordingPart.path)])
    )


async def want(tx: Tx, live: str, *, now: datetime) -> Replay:
    """The live session's replay, made now if it has none yet."""
    await tx.execute(
        insert(Replay)
        .values(
            id=ids.new("rpl"), live_id=live, state=State.BUILDING, wanted_at=now, duration_ms=0
        )
        .on_conflict_do_nothing(index_elements=[col(Replay.live_id)])
    )
    found = await queries.of_live(tx, live)
    assert found is not None
    return found


async def finish(
    tx: Tx, replay: Replay, timeline: Mapping[str, Any], *, duration: float, now: datetime
) -> None:
    """It can be watched, and its live session is archived."""
    replay.state, replay.ready_at, replay.failure = State.READY, now, None
    replay.timeline, replay.duration_ms = dict(timeline), round(duration * 1000)
    tx.add(replay)
    await tx.flush()
    await emit(
        tx, ReplayReady(live=replay.live_id, replay=replay.id, duration=duration, at=now)
    )
    await sessions.archive(tx, replay.live_id, now=now)


async def give_up(tx: Tx, replay: Replay, reason: str, *, now: datetime) -> None:
    """There is nothing to watch; the live session is archived without a replay."""
    replay.state, replay.failure = State.FAILED, reason
    tx.add(replay)
    await tx.flush()
    await emit(tx, ReplayFailed(live=replay.live_id, replay=replay.id, reason=reason, at=now))
    await sessions.archive(tx, replay.live_id, now=now)
