"""Late money over HTTP, for those who keep the centre's books."""

from livecommerce.orders import queries as purchases
from livecommerce.orders.errors import (
    MoreThanOwed,
    NoSuchCheckout,
    NothingOwed,
    RefundCurrencyDiffers,
    RefundNotPositive,
)
from livecommerce.orders.lates import actions, queries
from livecommerce.orders.lates.wire import LateOwed
from livecommerce.orders.wire import AskRefund, CheckoutOut, PayOwed
from livecommerce.web.api import Call, route
from livecommerce.web.guard import staff
from livecommerce.web.principal import StaffRole
from payments.errors import RefundTooLarge

_FINANCE = staff(StaffRole.FINANCE)
_REFUSED = (
    *(NoSuchCheckout, NothingOwed, MoreThanOwed),
    *(RefundCurrencyDiffers, RefundNotPositive, RefundTooLarge),
)


@route("GET", "/v1/late-payments/owed", may=_FINANCE, tags=("orders",))
async def owing(call: Call) -> list[LateOwed]:
    """Purchases that were paid too late and whose refund failed, the oldest first."""
    return await queries.owing(call.tx, by=call.who)


@route(
    "POST",
    "/v1/checkouts/{checkout}/owed/refunds",
    status=201,
    may=_FINANCE,
    errors=_REFUSED,
    tags=("orders",),
    key=True,
)
async def send_again(call: Call, checkout: str, body: AskRefund) -> CheckoutOut:
    """Send the buyer once more what is owed of a late payment, or part of it."""
    assert call.key is not None
    await actions.send_again(call.tx, checkout, body, key=call.key, by=call.who, now=call.now)
    return await _checkout(call, checkout)


@route(
    "POST",
    "/v1/checkouts/{checkout}/owed/paid",
    status=201,
    may=_FINANCE,
    errors=_REFUSED,
    tags=("orders",),
    key=True,
)
async def pay_owed(call: Call, checkout: str, body: PayOwed) -> CheckoutOut:
    """Say that the centre's bank has sent what is owed of a late payment, or part of it."""
    assert call.key is not None
    await actions.paid(call.tx, checkout, body, key=call.key, by=call.who, now=call.now)
    return await _checkout(call, checkout)


async def _checkout(call: Call, checkout: str) -> CheckoutOut:
    sandbox = call.r.settings.stripe_base_url is not None
    return await purchases.checkout(call.tx, checkout, by=call.who, sandbox=sandbox)


ROUTES = [owing, send_again, pay_owed]
