"""Insight over HTTP."""

from livecommerce.insight import queries
from livecommerce.insight.wire import ChainOut
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


ROUTES = [chain]
