"""Reading one's orders by the link in the receipt's mail."""

from livecommerce.orders.links import actions, queries
from livecommerce.orders.links.errors import LinkNotGood
from livecommerce.orders.links.wire import OpenReceipt, ReceiptOut, SendReceipt
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone


@route("POST", "/v1/receipts", may=anyone, errors=(LinkNotGood,), tags=("orders",))
async def open_receipt(call: Call, body: OpenReceipt) -> ReceiptOut:
    """The orders of one purchase, by the link that its buyer was mailed."""
    secret, locale = call.r.settings.secret_key(), call.who.locale
    return await queries.receipt(
        call.tx, body.token, secret=secret, locale=locale, now=call.now
    )


@route("POST", "/v1/receipts/mail", status=204, may=anyone, tags=("orders",))
async def send_again(call: Call, body: SendReceipt) -> None:
    """Have the link mailed once more, to the address that the receipt went to. The answer is
    the same whether or not there is such a purchase."""
    await actions.send_again(call.tx, body, now=call.now)


ROUTES = [open_receipt, send_again]
