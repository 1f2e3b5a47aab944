"""Invoices and credit notes, as stored, and the counter that numbers them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.orders.papers.rules import InvoiceKind


class InvoiceCounter(SQLModel, table=True):
    """The last number that a merchant gave out, of one kind."""

    __tablename__ = "invoice_counter"
    __table_args__ = ({"schema": "commerce"},)

    merchant_id: str = columns.key()
    kind: InvoiceKind = columns.choice(InvoiceKind, "invoice_counter_kind", primary_key=True)
    last: int


class Invoice(SQLModel, table=True):
    """A bill for an order, or a credit note for one of its refunds, with its text as it was
    when it was written. Neither is ever changed or deleted."""

    __tablename__ = "invoice"
    __table_args__ = (
        sa.UniqueConstraint("merchant_id", "kind", "number"),
        sa.UniqueConstraint("source_id"),
        sa.CheckConstraint("number > 0", name="numbered_from_one"),
        {"schema": "commerce"},
    )

    id: str = columns.key()
    merchant_id: str = columns.ref(index=False)
    kind: InvoiceKind = columns.choice(InvoiceKind, "invoice_kind")
    number: int
    order_id: str = columns.ref("commerce.order.id")
    source_id: str = Field(sa_type=sa.Text)  # the order, or the refund
    body: dict[str, Any] = columns.json(repr=False)
    issued_at: datetime = columns.moment()
