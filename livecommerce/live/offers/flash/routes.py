"""Flash prices over HTTP, for those who run a shelf's offers."""

from livecommerce.live.errors import NoSuchCard, NotSoldHere, OverAlready
from livecommerce.live.offers.errors import NoSuchOffer
from livecommerce.live.offers.flash import actions, queries
from livecommerce.live.offers.flash.errors import (
    BelowFloor,
    FlashRunning,
    LimitsWrong,
    NotBelowRecent,
)
from livecommerce.live.offers.flash.wire import FlashOut, SetFlash
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member
from livecommerce.web.principal import MerchantRole
from streams.sessions.errors import NoSuchLive

RUNS_OFFERS = member(MerchantRole.ASSISTANT)


@route(
    "POST",
    "/v1/live/{live}/flash",
    status=201,
    may=RUNS_OFFERS,
    errors=(
        *(NoSuchLive, OverAlready, NoSuchCard, NotSoldHere),
        *(FlashRunning, NotBelowRecent, BelowFloor, LimitsWrong),
    ),
    tags=("offers",),
)
async def start(call: Call, live: str, body: SetFlash) -> FlashOut:
    """Announce a flash price: lower than every price of the last weeks, for so many pieces."""
    row = await actions.start(call.tx, live, body, by=call.who, now=call.now)
    return (await queries.outs(call.tx, [row]))[0]


@route(
    "DELETE",
    "/v1/live/{live}/flash/{flash}",
    status=204,
    may=RUNS_OFFERS,
    errors=(NoSuchLive, OverAlready, NoSuchOffer),
    tags=("offers",),
)
async def stop(call: Call, live: str, flash: str) -> None:
    """End a flash price now."""
    await actions.stop(call.tx, live, flash, by=call.who, now=call.now)


ROUTES = [start, stop]
