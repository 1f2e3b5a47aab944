"""Cancelling pieces of an order over HTTP."""

from livecommerce.orders.cancellations import actions, queries
from livecommerce.orders.cancellations.errors import NothingToCancel, NotYourReason
from livecommerce.orders.cancellations.wire import AskCancel, CancellationOut
from livecommerce.orders.errors import MoneyDisputed, NoSuchOrder
from livecommerce.orders.pieces.errors import NoSuchLine, PiecesGone
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone


@route(
    "POST",
    "/v1/orders/{order}/cancellations",
    status=201,
    may=anyone,
    errors=(NoSuchOrder, NoSuchLine, NotYourReason, NothingToCancel, PiecesGone, MoneyDisputed),
    tags=("orders",),
    key=True,
)
async def cancel(call: Call, order: str, body: AskCancel) -> list[CancellationOut]:
    """Do not send some pieces of your order, or any: buyer or merchant, before they go."""
    await actions.cancel(call.tx, order, body, by=call.who, now=call.now)
    return await queries.of_order(call.tx, order, by=call.who)


@route(
    "GET",
    "/v1/orders/{order}/cancellations",
    may=anyone,
    errors=(NoSuchOrder,),
    tags=("orders",),
)
async def cancellations(call: Call, order: str) -> list[CancellationOut]:
    """What of an order will not be sent, and why."""
    return await queries.of_order(call.tx, order, by=call.who)


ROUTES = [cancel, cancellations]
