"""Compare what we believe with what the media server lists.

Callbacks get lost (a crashed server sends none, ours may be down when they come), so whether
a picture comes in is settled by asking, every two or three seconds.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from livecommerce.kernel.db import Database, Tx
from streams.ingest import actions, queries, rules
from streams.ingest.rules import State
from streams.ingest.tables import Ingest
from streams.media.port import Listing, LiveStream, MediaServer, MediaServerDown
from streams.sessions import actions as sessions
from streams.sessions import queries as session_queries
from streams.sessions import rules as session_rules

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stranger:
    """A connection that publishes without our having let it."""

    name: str
    client_id: str


async def reconcile(db: Database, server: MediaServer, *, now: datetime) -> None:
    """Make our rows true for that server, and drop whoever publishes there without leave."""
    try:
        listing = await server.list()
    except MediaServerDown:
        await db.run(lambda tx: unreachable(tx, server.name, now=now))
        return
    strangers = await db.run(lambda tx: compare(tx, listing, app=server.app, now=now))
    for stranger in strangers:
        log.warning("dropping a publisher that was not let in: %s", stranger.name)
        await server.kick(stranger.name, stranger.client_id)


async def compare(
    tx: Tx, listing: Listing, *, app: str = "live", now: datetime
) -> list[Stranger]:
    """Bring the rows in line with the listing; returns who should be dropped."""
    streams = {s.name: s for s in listing.streams if s.app == app}
    for row in await queries.publishing_to(tx, listing.server):
        stream = streams.get(row.live_id)
        if stream is not None and stream.publisher == row.publisher:
            await _seen(tx, row, stream, now)
            del streams[row.live_id]
        elif row.server_epoch != listing.epoch or now - row.since >= rules.SETTLING:
            await actions.lost(tx, row, now=now)
        else:
            streams.pop(row.live_id, None)  # let in a moment ago; ask again next time
    return [
        Stranger(stream.name, stream.publisher.client_id)
        for stream in streams.values()
        if not await _adopted(tx, stream, now)
    ]


async def unreachable(tx: Tx, server: str, *, now: datetime) -> None:
    """The server does not answer: after a while its publishers count as gone."""
    for row in await queries.publishing_to(tx, server):
        if not rules.alive(row.last_seen_at, now):
            await actions.lost(tx, row, now=now)


async def _seen(tx: Tx, row: Ingest, stream: LiveStream, now: datetime) -> None:
    session = await session_queries.get(tx, row.live_id)
    if stream.bytes_in != row.bytes_in:
        row.last_seen_at, row.bytes_in = now, stream.bytes_in
        tx.add(row)
        await tx.flush()
    if session.state is session_rules.State.INTERRUPTED:
        await sessions.start(tx, row.live_id, now=now)


async def _adopted(tx: Tx, stream: LiveStream, now: datetime) -> bool:
    """Take back a connection that we let in once and wrongly believed gone."""
    row = await queries.locked(tx, stream.name)
    known = await queries.publication(tx, stream.name, stream.publisher)
    if row is None or known is None or row.state is State.LIVE:
        return False
    session = await session_queries.get(tx, stream.name)
    if session.state not in session_rules.ON_AIR:
        return False
    known.ended_at = None
    actions.came_in(row, stream.publisher, now)
    tx.add_all([known, row])
    await tx.flush()
    if session.state is session_rules.State.INTERRUPTED:
        await sessions.start(tx, stream.name, now=now)
    log.info("publisher taken back: live=%s", stream.name)
    return True
