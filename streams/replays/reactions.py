"""When a replay is wanted: the session is over and all its files are closed."""

from datetime import datetime, timedelta

from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from streams.ingest import queries as ingest
from streams.ingest.events import RecordingFinished
from streams.replays import actions
from streams.replays.events import ReplayWanted
from streams.sessions import queries as sessions
from streams.sessions.events import LiveEnded
from streams.sessions.rules import State

PATIENCE = timedelta(seconds=30)
"""How long after the end to wait for files that the media server never told of."""


async def on_recording_finished(
    tx: Tx,
    event: RecordingFinished,
    *,
    now: datetime,
) -> None:
    """Keep the file; was it the last of a session that has ended, the replay can be made."""
    await actions.add_part(
        tx,
        event.live,
        publication=event.publication,
        path=event.path,
        started_at=event.started_at,
        finished_at=event.finished_at,
    )
    session = await sessions.get(tx, event.live)
    if session.state is State.ENDED and not await ingest.awaiting_files(tx, event.live):
        await emit(tx, ReplayWanted(live=event.live))


async def on_live_ended(tx: Tx, event: LiveEnded, *, now: datetime) -> None:
    """Make the replay now if every file is closed, else when the last is, or after a while."""
    waiting = await ingest.awaiting_files(tx, event.live)
    await emit(tx, ReplayWanted(live=event.live), at=now + PATIENCE if waiting else None)
