"""Bundles over HTTP, for those who run a shelf's offers."""

from livecommerce.live.errors import NoSuchCard, OverAlready
from livecommerce.live.offers.bundles import actions, queries
from livecommerce.live.offers.bundles.errors import BundleWrong
from livecommerce.live.offers.bundles.wire import BundleOut, SetBundle
from livecommerce.live.offers.errors import NoSuchOffer
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member
from livecommerce.web.principal import MerchantRole
from streams.sessions.errors import NoSuchLive

RUNS_OFFERS = member(MerchantRole.ASSISTANT)


@route(
    "POST",
    "/v1/live/{live}/bundles",
    status=201,
    may=RUNS_OFFERS,
    errors=(NoSuchLive, OverAlready, NoSuchCard, BundleWrong),
    tags=("offers",),
)
async def start(call: Call, live: str, body: SetBundle) -> BundleOut:
    """Make cards cheaper together, or the second piece of one."""
    row = await actions.start(call.tx, live, body, by=call.who, now=call.now)
    return queries.out(row)


@route(
    "DELETE",
    "/v1/live/{live}/bundles/{bundle}",
    status=204,
    may=RUNS_OFFERS,
    errors=(NoSuchLive, OverAlready, NoSuchOffer),
    tags=("offers",),
)
async def stop(call: Call, live: str, bundle: str) -> None:
    """End it."""
    await actions.stop(call.tx, live, bundle, by=call.who, now=call.now)


ROUTES = [start, stop]
