"""Probes: ``/livez`` says the process answers, ``/readyz`` that its parts do."""

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from livecommerce.web.keys import RESOURCES


async def livez(_request: web.Request) -> web.Response:
    """The process is up."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """The database answers, and no job or fact is parked unseen."""
    r = request.app[RESOURCES]
    try:
        async with r.db.begin() as tx:
            parked = await tx.scalar(
                sa.text("SELECT count(*) FROM kernel.job WHERE parked_at IS NOT NULL")
            )
    except (SQLAlchemyError, OSError) as error:
        body = {"status": "unavailable", "database": type(error).__name__}
        return web.json_response(body, status=503)
    return web.json_response({"status": "ok", "database": "ok", "parked_jobs": parked})


ROUTES = [web.get("/livez", livez), web.get("/readyz", readyz)]
