"""The encoder's side of a live session: its address and key, and the media server's hooks."""

import hmac
from datetime import datetime

from aiohttp import web

from livecommerce.kernel.clock import Period, utcnow
from livecommerce.kernel.db import Tx
from livecommerce.live import queries
from livecommerce.live.actions import HOSTS
from livecommerce.live.wire import IngestOut
from livecommerce.resources import Resources
from livecommerce.studios import queries as studios
from livecommerce.web.keys import RESOURCES
from livecommerce.web.principal import Principal
from streams.ingest import actions as ingest
from streams.ingest import hook as media_hook
from streams.ingest import queries as ingested
from streams.ingest import rules as ingest_rules
from streams.sessions import queries as sessions


async def issue(r: Resources, tx: Tx, live: str, *, by: Principal, now: datetime) -> IngestOut:
    """A fresh key for the slot and half an hour around it."""
    shelf = await queries.shelf(tx, live)
    by.must_act_for(shelf.merchant_id, *HOSTS)
    await studios.booking(tx, shelf.booking_id, held_still=True)
    session = await sessions.get(tx, live)
    valid = ingest_rules.window(Period(session.starts_at, session.ends_at))
    issued = await ingest.issue_key(tx, live, valid=valid, now=now)
    return IngestOut(
        state="idle",
        server=r.rtmp_address,
        stream=live,
        key=issued.stream_key,
        valid_from=valid.start,
        valid_to=valid.end,
        since=None,
    )


async def state(r: Resources, tx: Tx, live: str, *, by: Principal) -> IngestOut:
    """Where the encoder stands, without its key."""
    shelf = await queries.shelf(tx, live)
    if not by.is_staff():
        by.must_act_for(shelf.merchant_id)
    row = await ingested.of_live(tx, live)
    return IngestOut(
        state=row.state if row else "idle",
        server=r.rtmp_address,
        stream=live,
        valid_from=row.valid_from if row else None,
        valid_to=row.valid_to if row else None,
        since=row.since if row else None,
    )


async def hook(request: web.Request) -> web.Response:
    """Carry the media server's callback in, and our answer back. The address holds a secret,
    because media servers do not sign."""
    r = request.app[RESOURCES]
    if r.media is None or not hmac.compare_digest(
        request.match_info["secret"].encode(), r.hook_secret.encode()
    ):
        raise web.HTTPNotFound
    said = (request.headers, request.query, await request.read())
    status, headers, body = await media_hook.handle(
        r.db, r.media, *said, utcnow(), stands=studios.stands
    )
    return web.Response(status=status, headers=headers, body=body)
