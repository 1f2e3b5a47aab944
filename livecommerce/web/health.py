"""Probes: ``/livez`` says the process answers, ``/readyz`` that its parts do."""

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from livecommerce.kernel.relay import MANY
from livecommerce.web.keys import RESOURCES

_WRONG = sa.text(
    "SELECT (SELECT count(*) FROM kernel.job"
    " WHERE done_at IS NULL AND parked_at IS NULL AND attempts >= :many)"
    " + (SELECT count(*) FROM kernel.outbox"
    " WHERE told_at IS NULL AND parked_at IS NULL AND attempts >= :many),"
    " (SELECT count(*) FROM kernel.job WHERE parked_at IS NOT NULL)"
    " + (SELECT count(*) FROM kernel.outbox WHERE parked_at IS NOT NULL)"
)


async def livez(_request: web.Request) -> web.Response:
    """The process is up."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """The database answers, and no job or fact that fails does so unseen.

    ``failing_jobs``: have been tried so often that a person should look, and are tried on.
    ``parked_jobs``: were given up, facts included; only a person brings them back.
    """
    r = request.app[RESOURCES]
    try:
        async with r.db.begin() as tx:
            failing, parked = (await tx.execute(_WRONG, {"many": MANY})).one()
    except (SQLAlchemyError, OSError) as error:
        body = {"status": "unavailable", "database": type(error).__name__}
        return web.json_response(body, status=503)
    told = {"status": "ok", "database": "ok", "failing_jobs": failing, "parked_jobs": parked}
    return web.json_response(told)


ROUTES = [web.get("/livez", livez), web.get("/readyz", readyz)]
