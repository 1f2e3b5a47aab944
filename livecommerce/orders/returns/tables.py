"""Returns, as stored. How many pieces of a line come back, the line itself says."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.orders.returns.rules import ReturnReason, ReturnState, Wish


class OrderReturn(SQLModel, table=True):
    """Pieces of an order that come back. ``lines`` says which, how many, and which variant
    shall be sent instead; ``inspection`` what became of each of them."""

    __tablename__ = "order_return"
    __table_args__ = (
        sa.Index("ix_order_return_merchant", "merchant_id", "asked_at", "id"),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    order_id: str = columns.ref("commerce.order.id")
    merchant_id: str = columns.ref(index=False)
    state: ReturnState = columns.choice(ReturnState, "return_state")
    wish: Wish = columns.choice(Wish, "return_wish")
    reason: ReturnReason = columns.choice(ReturnReason, "return_reason")
    note: str = Field(sa_type=sa.Text, repr=False)
    answer: str = Field(default="", sa_type=sa.Text, repr=False)
    lines: list[dict[str, Any]] = columns.json()
    inspection: list[dict[str, Any]] | None = columns.json(null=True, default=None)
    refund_id: str | None = columns.ref(null=True, index=False)
    asked_by: str = columns.ref(index=False)
    answered_by: str | None = columns.ref(null=True, index=False)
    inspected_by: str | None = columns.ref(null=True, index=False)
    asked_at: datetime = columns.moment()
    answered_at: datetime | None = columns.moment(null=True)
    received_at: datetime | None = columns.moment(null=True)
    inspected_at: datetime | None = columns.moment(null=True)
    closed_at: datetime | None = columns.moment(null=True)
