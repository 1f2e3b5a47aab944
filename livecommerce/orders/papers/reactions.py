"""When invoices and credit notes are written: as goods leave, and as money goes back."""

from datetime import datetime

from livecommerce.kernel.db import Tx
from livecommerce.orders.events import OrderRefunded, OrderShipped
from livecommerce.orders.papers import actions


async def on_order_shipped(tx: Tx, event: OrderShipped, *, now: datetime) -> None:
    """The first parcel brings the invoice about."""
    await actions.issue(tx, event.order, now=now)


async def on_order_refunded(tx: Tx, event: OrderRefunded, *, now: datetime) -> None:
    """What was invoiced and went back is credited."""
    await actions.credit(tx, event.order, now=now)
