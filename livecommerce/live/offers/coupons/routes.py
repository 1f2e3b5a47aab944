"""Coupons over HTTP: templates and plans for those who run offers, one's own for buyers."""

from livecommerce.live.errors import OverAlready
from livecommerce.live.offers.coupons import actions, queries
from livecommerce.live.offers.coupons.errors import (
    CapReached,
    ClosingWrong,
    NoSuchTemplate,
    NothingInCurrency,
    StockPlanned,
    WorthWrong,
)
from livecommerce.live.offers.coupons.wire import (
    CouponOut,
    CouponPlanOut,
    MakeTemplate,
    PlanCoupon,
    TemplateOut,
)
from livecommerce.live.offers.errors import NoSuchOffer
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member
from livecommerce.web.principal import MerchantRole, NotYours
from streams.sessions.errors import NoSuchLive

RUNS_OFFERS = member(MerchantRole.ASSISTANT)


@route(
    "POST",
    "/v1/coupon-templates",
    status=201,
    may=RUNS_OFFERS,
    errors=(NotYours, WorthWrong, NothingInCurrency),
    tags=("offers",),
)
async def make(call: Call, body: MakeTemplate) -> TemplateOut:
    """Make a coupon that can be planned for live sessions."""
    row = await actions.make(call.tx, body, by=call.who, now=call.now)
    return await queries.template_out(call.tx, row)


@route("GET", "/v1/coupon-templates", may=RUNS_OFFERS, errors=(NotYours,), tags=("offers",))
async def templates(call: Call, merchant: str) -> list[TemplateOut]:
    """A merchant's coupons, newest first."""
    call.who.must_act_for(merchant, MerchantRole.ASSISTANT)
    return await queries.templates(call.tx, merchant)


@route(
    "POST",
    "/v1/live/{live}/coupons",
    status=201,
    may=RUNS_OFFERS,
    errors=(
        *(NoSuchLive, OverAlready, NoSuchTemplate),
        *(StockPlanned, CapReached, ClosingWrong),
    ),
    tags=("offers",),
)
async def plan(call: Call, live: str, body: PlanCoupon) -> CouponPlanOut:
    """Lock coupons for this live session; they can be taken in its room from now on."""
    row = await actions.plan(call.tx, live, body, by=call.who, now=call.now)
    return queries.plan_out(row, await queries.template(call.tx, row.template_id))


@route(
    "DELETE",
    "/v1/live/{live}/coupons/{coupon}",
    status=204,
    may=RUNS_OFFERS,
    errors=(NoSuchLive, OverAlready, NoSuchOffer),
    tags=("offers",),
)
async def stop(call: Call, live: str, coupon: str) -> None:
    """Let no more be taken."""
    await actions.stop(call.tx, live, coupon, by=call.who, now=call.now)


@route("GET", "/v1/coupons", may=anyone, tags=("buy",))
async def own(call: Call) -> list[CouponOut]:
    """Your coupons that can still be used."""
    return await queries.of_buyer(call.tx, call.who.id, now=call.now)


ROUTES = [make, templates, plan, stop, own]
