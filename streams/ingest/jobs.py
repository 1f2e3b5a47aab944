"""What ingest asks of the media server."""

from livecommerce.kernel.db import Database
from streams.ingest import queries
from streams.ingest.rules import State
from streams.media.port import MediaServer
from streams.sessions.events import LiveCancelled, LiveEnded


async def drop_publisher(
    db: Database, server: MediaServer, event: LiveEnded | LiveCancelled
) -> None:
    """The live session is over: whoever still publishes to it is dropped.

    Raises:
        MediaServerDown: the server did not answer; try again.
    """
    async with db.begin() as tx:
        row = await queries.of_live(tx, event.live)
    if row is not None and row.state is State.LIVE:
        await server.kick(event.live)
