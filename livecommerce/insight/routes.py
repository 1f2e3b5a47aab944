"""Insight over HTTP."""

from livecommerce.insight import queries
from livecommerce.insight import sales as figures
from livecommerce.insight.wire import ChainOut, SalesOut
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member, staff
from livecommerce.web.principal import NotYours
from streams.sessions.errors import NoSuchLive


@route(
    "GET",
    "/v1/live/{live}/chain",
    may=member() | staff(),
    errors=(NoSuchLive, NotYours),
    tags=("insight",),
)
async def chain(call: Call, live: str) -> ChainOut:
    """Everything that came of one live session, from booking to customs."""
    return await queries.chain(call.tx, live, who=call.who)


@route(
    "GET",
    "/v1/live/{live}/sales",
    may=member() | staff(),
    errors=(NoSuchLive, NotYours),
    tags=("insight",),
)
async def sales(call: Call, live: str) -> SalesOut:
    """How the session sells: since it began, and in the last ten minutes against the ten
    before."""
    return await figures.sales(call.tx, live, who=call.who, now=call.now)


ROUTES = [chain, sales]
