"""The media server's callback, from bytes to bytes. The route above only carries them."""

import logging
from collections.abc import Mapping
from datetime import datetime

from livecommerce.kernel.db import Database
from streams.ingest import actions
from streams.media.port import (
    BadHook,
    MediaServer,
    MediaServerDown,
    PlayAttempt,
    PublishAttempt,
    Reply,
)

log = logging.getLogger(__name__)


async def handle(
    db: Database,
    server: MediaServer,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    body: bytes,
    now: datetime,
    *,
    stands: actions.Stands | None = None,
) -> Reply:
    """Answer one callback: status, headers and body for the media server. Whoever publishes
    must be in a slot that ``stands``.

    An exception must become a 500: every server we speak to refuses on that.
    """
    try:
        said = server.parse(headers, query, body, at=now)
    except BadHook as bad:
        log.warning("media callback not understood: %s", bad.detail)
        return server.reply(False)
    if isinstance(said, PlayAttempt):
        return server.reply(False)  # people watch HLS; nobody plays from the ingest port
    if not isinstance(said, PublishAttempt):
        event = said
        await db.run(lambda tx: actions.on_event(tx, event, now=now))
        return server.reply(True)
    attempt = said
    decision = await db.run(lambda tx: actions.decide(tx, attempt, stands=stands, now=now))
    if decision.replaces is not None:
        try:
            await server.kick(attempt.name, decision.replaces.client_id)
        except MediaServerDown:
            log.warning("could not drop the publisher that is replaced: live=%s", attempt.name)
    return server.reply(decision.allowed)
