"""Cancellations, as stored. How many pieces of a line are cancelled, the line itself says."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.orders.cancellations.rules import CancelReason, Side


class Cancellation(SQLModel, table=True):
    """Pieces of an order that will not be sent: who said so, and why. ``refund_id`` is the
    order's refund; none if their money had gone back before."""

    __tablename__ = "cancellation"
    __table_args__ = ({"schema": "commerce"},)

    id: str = columns.key()
    order_id: str = columns.ref("commerce.order.id")
    merchant_id: str = columns.ref(index=False)
    lines: list[dict[str, Any]] = columns.json()
    side: Side = columns.choice(Side, "cancellation_side")
    reason: CancelReason = columns.choice(CancelReason, "cancellation_reason")
    note: str = Field(sa_type=sa.Text, repr=False)
    by: str = columns.ref(index=False)
    refund_id: str | None = columns.ref(null=True, index=False)
    cancelled_at: datetime = columns.moment()
