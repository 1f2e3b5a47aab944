"""Reads: what of an order was cancelled."""

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.orders.cancellations.tables import Cancellation
from livecommerce.orders.cancellations.wire import CancellationOut
from livecommerce.orders.errors import NoSuchOrder
from livecommerce.orders.queries import may_see
from livecommerce.orders.tables import Order, OrderRefund
from livecommerce.web.principal import Principal


async def of_order(tx: Tx, order_id: str, *, by: Principal) -> list[CancellationOut]:
    """What of the order will not be sent, oldest first.

    Raises:
        NoSuchOrder: there is none with that id, or the caller has nothing to do with it.
    """
    order = await tx.get(Order, order_id)
    if order is None or not may_see(order.buyer, order.merchant_id, by):
        raise NoSuchOrder(order=order_id)
    rows = (
        sa.select(Cancellation, OrderRefund)
        .outerjoin(OrderRefund, col(OrderRefund.id) == col(Cancellation.refund_id))
        .where(col(Cancellation.order_id) == order_id)
        .order_by(col(Cancellation.id))
    )
    return [
        CancellationOut.model_validate(
            {
                "id": row.id,
                "order": row.order_id,
                "lines": row.lines,
                "side": row.side,
                "reason": row.reason,
                "note": row.note,
                "refunded": Money(refund.amount_minor, refund.currency) if refund else None,
                "cancelled_at": row.cancelled_at,
            }
        )
        for row, refund in await tx.execute(rows)
    ]
