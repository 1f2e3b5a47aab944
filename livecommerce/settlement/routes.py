"""Settlement over HTTP: the provider's messages in, the books out."""

from livecommerce.settlement import queries
from livecommerce.settlement.wire import BalanceOut, Heard, OddMessageOut, PostingOut
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member, staff
from livecommerce.web.principal import MerchantRole, StaffRole
from payments import inbox
from payments.errors import EndpointOff, Foreign, Forged, Stale, Unreadable


@route(
    "POST",
    "/hooks/stripe",
    may=anyone,
    errors=(EndpointOff, Forged, Stale, Foreign, Unreadable),
    tags=("settlement",),
    tx=False,
)
async def stripe(call: Call) -> Heard:
    """Take what the payment provider says: signed, stored once, understood afterwards."""
    raw = await call.request.read()
    signature = call.request.headers.get("Stripe-Signature", "")
    await inbox.receive(call.r.db, call.r.payments, raw, signature, now=call.now)
    return Heard()


@route(
    "GET",
    "/v1/merchants/{merchant}/balances",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    tags=("settlement",),
)
async def balances(call: Call, merchant: str) -> list[BalanceOut]:
    """What a merchant is owed, by currency."""
    return await queries.balances(call.tx, merchant, by=call.who)


@route(
    "GET",
    "/v1/postings",
    may=staff(StaffRole.FINANCE, StaffRole.OPERATOR),
    tags=("settlement",),
)
async def postings(call: Call, source: str) -> list[PostingOut]:
    """What an order, a refund or a payment means in the books."""
    return await queries.postings_for_staff(call.tx, source, by=call.who)


@route(
    "GET",
    "/v1/odd-messages",
    may=staff(StaffRole.FINANCE, StaffRole.OPERATOR),
    tags=("settlement",),
)
async def odd_messages(call: Call) -> list[OddMessageOut]:
    """What the payment provider said and nobody understood."""
    return await queries.not_understood(call.tx, by=call.who)


ROUTES = [stripe, balances, postings, odd_messages]
