"""What ingest does when a live session changes."""

from datetime import datetime

from livecommerce.kernel.db import Tx
from streams.ingest import queries
from streams.ingest.rules import State
from streams.sessions import actions as sessions
from streams.sessions import queries as session_queries
from streams.sessions import rules as session_rules
from streams.sessions.events import LiveCancelled, LiveEnded, LiveResumed


async def on_live_resumed(tx: Tx, event: LiveResumed, *, now: datetime) -> None:
    """Resumed without a picture: the session is interrupted, as it was behind the curtain."""
    row = await queries.locked(tx, event.live)
    session = await session_queries.get(tx, event.live)
    lost = row is not None and row.state is State.INTERRUPTED
    if lost and session.state is session_rules.State.LIVE:
        await sessions.interrupt(tx, event.live, now=now)


async def on_live_over(tx: Tx, event: LiveEnded | LiveCancelled, *, now: datetime) -> None:
    """Nobody may publish any more. Who still does is dropped by a job, and noted then."""
    row = await queries.locked(tx, event.live)
    if row is not None and row.state in {State.IDLE, State.INTERRUPTED}:
        row.state, row.since = State.ENDED, now
        tx.add(row)
