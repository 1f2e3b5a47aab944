"""Draws over HTTP: opening one, checking one, and prizes. Entering is a call in the room."""

from livecommerce.live import queries as live_reads
from livecommerce.live.errors import OverAlready
from livecommerce.live.offers.draws import actions, queries
from livecommerce.live.offers.draws.errors import (
    DrawRunning,
    NoSuchPrize,
    PrizeLapsed,
    WatchTooLong,
)
from livecommerce.live.offers.draws.wire import (
    AuditOut,
    DrawOut,
    OpenDraw,
    PrizeAddress,
    PrizeOut,
)
from livecommerce.live.offers.errors import NoSuchOffer
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member
from livecommerce.web.principal import MerchantRole
from streams.sessions.errors import NoSuchLive

RUNS_OFFERS = member(MerchantRole.ASSISTANT)


@route(
    "POST",
    "/v1/live/{live}/draws",
    status=201,
    may=RUNS_OFFERS,
    errors=(NoSuchLive, OverAlready, DrawRunning, WatchTooLong),
    tags=("offers",),
)
async def start(call: Call, live: str, body: OpenDraw) -> DrawOut:
    """Open a draw; the hash of its seed is published at once."""
    row = await actions.start(call.tx, live, body, by=call.who, now=call.now)
    return await queries.out(call.tx, row)


@route("GET", "/v1/draws/{draw}", may=anyone, errors=(NoSuchOffer,), tags=("offers",))
async def audit(call: Call, draw: str) -> AuditOut:
    """Everything that anybody needs to check a draw."""
    return await queries.audit(call.tx, draw)


@route("GET", "/v1/live/{live}/prizes", may=RUNS_OFFERS, errors=(NoSuchLive,), tags=("offers",))
async def to_send(call: Call, live: str) -> list[PrizeOut]:
    """The prizes of a live session, and where they go."""
    shelf = await live_reads.shelf(call.tx, live)
    call.who.must_act_for(shelf.merchant_id, MerchantRole.ASSISTANT)
    return await queries.prizes(call.tx, live=live)


@route("GET", "/v1/prizes", may=anyone, tags=("buy",))
async def own(call: Call) -> list[PrizeOut]:
    """What you have won."""
    return await queries.prizes(call.tx, winner=call.who.id)


@route(
    "PUT",
    "/v1/prizes/{prize}/address",
    may=anyone,
    errors=(NoSuchPrize, PrizeLapsed),
    tags=("buy",),
)
async def claim(call: Call, prize: str, body: PrizeAddress) -> PrizeOut:
    """Say where your prize goes."""
    row = await actions.claim(call.tx, prize, body, by=call.who, now=call.now)
    return queries.prize_out(row, await queries.one(call.tx, row.draw_id))


ROUTES = [start, audit, to_send, own, claim]
