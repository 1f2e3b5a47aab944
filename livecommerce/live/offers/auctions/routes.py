"""Auctions over HTTP, for those who run a shelf's offers; bids are calls in the room."""

from livecommerce.catalogue.errors import PriceNotPayable
from livecommerce.live.errors import NoSuchCard, NotSoldHere, OverAlready
from livecommerce.live.offers.auctions import actions, queries
from livecommerce.live.offers.auctions.errors import (
    AuctionOver,
    AuctionRunning,
    NothingToAuction,
    NoWayBack,
    StepsWrong,
)
from livecommerce.live.offers.auctions.wire import AnnounceAuction, AuctionOut
from livecommerce.live.offers.errors import NoSuchOffer
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member
from livecommerce.web.principal import MerchantRole
from streams.sessions.errors import NoSuchLive

RUNS_OFFERS = member(MerchantRole.ASSISTANT)
_HERE = (NoSuchLive, OverAlready)


@route(
    "POST",
    "/v1/live/{live}/auctions",
    status=201,
    may=RUNS_OFFERS,
    errors=(
        *(*_HERE, NoSuchCard, NotSoldHere),
        *(StepsWrong, PriceNotPayable, AuctionRunning, NothingToAuction),
    ),
    tags=("offers",),
)
async def announce(call: Call, live: str, body: AnnounceAuction) -> AuctionOut:
    """Announce an auction, or begin it at once."""
    row = await actions.announce(call.tx, live, body, by=call.who, now=call.now)
    return queries.out(row)


@route(
    "POST",
    "/v1/live/{live}/auctions/{auction}/start",
    may=RUNS_OFFERS,
    errors=(*_HERE, NoSuchOffer, AuctionRunning, AuctionOver, NothingToAuction),
    tags=("offers",),
)
async def start(call: Call, live: str, auction: str) -> AuctionOut:
    """Begin an announced auction: bids that wait are counted, and the clock runs."""
    row = await actions.start(call.tx, live, auction, by=call.who, now=call.now)
    return queries.out(row)


@route(
    "DELETE",
    "/v1/live/{live}/auctions/{auction}",
    status=204,
    may=RUNS_OFFERS,
    errors=(*_HERE, NoSuchOffer, NoWayBack),
    tags=("offers",),
)
async def drop(call: Call, live: str, auction: str) -> None:
    """Call off an auction that has not begun."""
    await actions.drop(call.tx, live, auction, by=call.who, now=call.now)


ROUTES = [announce, start, drop]
