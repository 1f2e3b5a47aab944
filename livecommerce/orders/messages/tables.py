"""Messages as stored: one thread per order, and how far each side has read."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.orders.messages.rules import LONGEST, Side

SCHEMA = {"schema": "commerce"}


class OrderThread(SQLModel, table=True):
    """An order's messages. Its row counts them, and is the lock of a new one."""

    __tablename__ = "order_thread"
    __table_args__ = (
        sa.Index("ix_order_thread_merchant", "merchant_id", "last_at", "order_id"),
        sa.Index("ix_order_thread_newest", "last_at", "order_id"),
        sa.CheckConstraint("buyer_read <= count AND merchant_read <= count", name="read_fits"),
        SCHEMA,
    )

    order_id: str = Field(sa_type=sa.Text, primary_key=True, foreign_key="commerce.order.id")
    merchant_id: str = columns.ref(index=False)
    count: int
    buyer_read: int
    merchant_read: int
    buyer_unread: int
    merchant_unread: int
    last_at: datetime = columns.moment()
    last_side: Side = columns.choice(Side, "order_thread_last_side")
    last_text: str = Field(sa_type=sa.Text, repr=False)


class OrderMessage(SQLModel, table=True):
    """One message, the ``number``-th of its order."""

    __tablename__ = "order_message"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "number"),
        sa.CheckConstraint(f"length(text) BETWEEN 1 AND {LONGEST}", name="says_something"),
        SCHEMA,
    )

    id: str = columns.key()
    order_id: str = columns.ref("commerce.order_thread.order_id", index=False)
    merchant_id: str = columns.ref(index=False)
    number: int
    side: Side = columns.choice(Side, "order_message_side")
    author: str = columns.ref(index=False)
    text: str = Field(sa_type=sa.Text, repr=False)
    sent_at: datetime = columns.moment()
