"""What a link opens."""

from datetime import datetime

from livecommerce.identity import tokens
from livecommerce.kernel.db import Tx
from livecommerce.orders import queries as orders
from livecommerce.orders.links.errors import LinkNotGood
from livecommerce.orders.links.rules import PURPOSE
from livecommerce.orders.links.wire import ReceiptOut
from livecommerce.orders.messages import queries as messages
from livecommerce.orders.tables import Checkout
from livecommerce.web.principal import Principal


async def receipt(tx: Tx, token: str, *, secret: str, locale: str, now: datetime) -> ReceiptOut:
    """The purchase that the token was made for, as its buyer sees it; without the key to pay.

    Raises:
        LinkNotGood: it is forged, made for something else, or too old.
    """
    link = tokens.read_link(secret, PURPOSE, token, now=now)
    row = await tx.get(Checkout, link.subject, populate_existing=True) if link else None
    if link is None or row is None:
        raise LinkNotGood()
    # Only to read these orders with; it never leaves this function.
    buyer = Principal(id=row.buyer, locale=locale)
    ids = await orders.of_checkout(tx, row.id)
    return ReceiptOut(
        checkout=row.id,
        state=row.state,
        total=row.total,
        orders=[await orders.order(tx, order, by=buyer) for order in ids],
        threads=[await messages.thread(tx, order, by=buyer) for order in ids],
        good_until=link.until,
    )
