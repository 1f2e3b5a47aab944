"""Checkouts, orders, their lines, consignments and refunds, as stored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.kernel.money import Money
from livecommerce.orders.rules import (
    LIVE,
    CheckoutState,
    DisputeState,
    OrderState,
    RefundState,
)

SCHEMA = {"schema": "commerce"}
_LIVE = ", ".join(f"'{state}'" for state in sorted(LIVE))


def _minor() -> Any:
    return Field(sa_type=sa.BigInteger)


class Checkout(SQLModel, table=True):
    """One purchase: the frozen quote, the address, one payment. ``look_at`` is when the
    sweeper looks at it next, while it is live."""

    __tablename__ = "checkout"
    __table_args__ = (
        sa.CheckConstraint("total_minor > 0", name="costs_something"),
        sa.Index("ix_checkout_due", "look_at", postgresql_where=sa.text(f"state IN ({_LIVE})")),
        sa.Index(
            "ix_checkout_late",
            "ended_at",
            "id",
            postgresql_where=sa.text("state = 'late_refunded'"),
        ),
        sa.Index("ix_checkout_email", sa.text("lower(email)")),
        sa.Index("ix_checkout_recipient", sa.text("lower(address ->> 'name')")),
        SCHEMA,
    )

    id: str = columns.key()
    buyer: str = columns.ref()
    quote_id: str = Field(sa_type=sa.Text, unique=True)
    live_id: str | None = columns.ref(null=True)
    state: CheckoutState = columns.choice(CheckoutState, "checkout_state")
    quote: dict[str, Any] = columns.json()
    total_minor: int = _minor()
    currency: str = Field(sa_type=sa.Text)
    address: dict[str, Any] = columns.json(repr=False)
    email: str = Field(sa_type=sa.Text, repr=False)
    payment_id: str | None = columns.ref(null=True)
    pay_within_s: int
    placed_at: datetime = columns.moment()
    look_at: datetime = columns.moment()
    pay_by: datetime | None = columns.moment(null=True)
    extended_at: datetime | None = columns.moment(null=True)
    paid_at: datetime | None = columns.moment(null=True)
    ended_at: datetime | None = columns.moment(null=True)
    link_sent_at: datetime | None = columns.moment(null=True)

    @property
    def total(self) -> Money:
        """What it costs in all."""
        return Money(self.total_minor, self.currency)


class Order(SQLModel, table=True):
    """One merchant's part of a purchase. Its figures never change once placed.

    ``owed_minor`` is what a refund that failed did not bring to the buyer, until it is sent
    again or paid another way. ``disputed_minor`` is what of it a bank has taken and not
    returned, ``covered_minor`` what would be owed had it not, while it may still be returned;
    ``dispute`` is how that stands, and ``order_dispute`` has the bank's claims."""

    __tablename__ = "order"
    __table_args__ = (
        sa.UniqueConstraint("checkout_id", "merchant_id"),
        sa.CheckConstraint(
            "goods_minor + shipping_minor + duty_minor + tax_minor + fees_minor"
            " = total_minor AND least(goods_minor, shipping_minor, duty_minor, tax_minor,"
            " fees_minor) >= 0",
            name="adds_up",
        ),
        sa.CheckConstraint("refunded_minor BETWEEN 0 AND total_minor", name="refunds_fit"),
        sa.CheckConstraint(
            "owed_minor BETWEEN 0 AND total_minor - refunded_minor - disputed_minor",
            name="debts_fit",
        ),
        sa.CheckConstraint(
            "disputed_minor BETWEEN 0 AND total_minor - refunded_minor AND covered_minor >= 0",
            name="disputes_fit",
        ),
        sa.Index("ix_order_newest", "placed_at", "id"),
        sa.Index("ix_order_state", "state", "placed_at", "id"),
        sa.Index("ix_order_merchant_state", "merchant_id", "state", "placed_at", "id"),
        sa.Index("ix_order_merchant", "merchant_id", "placed_at", "id"),
        sa.Index("ix_order_buyer", "buyer", "placed_at", "id"),
        sa.Index("ix_order_live", "live_id", "placed_at", "id"),
        sa.Index(
            "ix_order_owing", "placed_at", "id", postgresql_where=sa.text("owed_minor > 0")
        ),
        SCHEMA,
    )

    id: str = columns.key()
    checkout_id: str = columns.ref("commerce.checkout.id", index=False)
    merchant_id: str = columns.ref(index=False)
    buyer: str = columns.ref(index=False)
    live_id: str | None = columns.ref(null=True, index=False)
    state: OrderState = columns.choice(OrderState, "order_state")
    currency: str = Field(sa_type=sa.Text)
    goods_minor: int = _minor()
    shipping_minor: int = _minor()
    duty_minor: int = _minor()
    tax_minor: int = _minor()
    fees_minor: int = _minor()
    total_minor: int = _minor()
    refunded_minor: int = Field(default=0, sa_type=sa.BigInteger)
    owed_minor: int = Field(
        default=0, sa_column=sa.Column(sa.BigInteger, nullable=False, server_default="0")
    )
    disputed_minor: int = Field(
        default=0, sa_column=sa.Column(sa.BigInteger, nullable=False, server_default="0")
    )
    covered_minor: int = Field(
        default=0, sa_column=sa.Column(sa.BigInteger, nullable=False, server_default="0")
    )
    dispute: DisputeState | None = columns.choice(
        DisputeState, "order_dispute_state", null=True
    )
    commission_bps: int
    commission: dict[str, Any] = columns.json()
    terms: str = Field(sa_type=sa.Text)
    country: str = Field(sa_type=sa.Text)
    rules: list[dict[str, Any]] = columns.json()
    seller: dict[str, Any] = columns.json()
    placed_at: datetime = columns.moment()
    paid_at: datetime | None = columns.moment(null=True)
    shipped_at: datetime | None = columns.moment(null=True)
    delivered_at: datetime | None = columns.moment(null=True)
    ended_at: datetime | None = columns.moment(null=True)

    def money(self, minor: int) -> Money:
        """An amount in the order's currency."""
        return Money(minor, self.currency)

    @property
    def left(self) -> Money:
        """What can still go back: neither given back before, nor with a bank."""
        return self.money(self.total_minor - self.refunded_minor - self.disputed_minor)


class OrderDispute(SQLModel, table=True):
    """What a bank claims of one order, the dispute being about its purchase's payment. It may
    be more than is left of the order: what had gone back before can be taken again."""

    __tablename__ = "order_dispute"
    __table_args__ = (
        sa.UniqueConstraint("dispute_id", "order_id"),
        sa.CheckConstraint("amount_minor > 0", name="claims_something"),
        SCHEMA,
    )

    id: str = columns.key()
    dispute_id: str = columns.ref(index=False)
    order_id: str = columns.ref("commerce.order.id")
    merchant_id: str = columns.ref(index=False)
    amount_minor: int = _minor()
    currency: str = Field(sa_type=sa.Text)
    state: DisputeState = columns.choice(DisputeState, "order_dispute_state")
    opened_at: datetime = columns.moment()
    closed_at: datetime | None = columns.moment(null=True)


class OrderLine(SQLModel, table=True):
    """One variant in an order, with its product's page as it was.

    Of its ``count`` pieces, so many were ``shipped`` or ``cancelled``; of the shipped ones so
    many are ``returned`` (asked back, and not refused), and for ``refunded`` ones the buyer
    has the money or a replacement. A replacement names the line it stands for and carries
    that line's ``parts``: no money moved for it.

    ``offers`` says what was taken off its price, by which offer and why; ``goods_minor`` is
    what remained.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        sa.CheckConstraint("count > 0", name="counts_something"),
        sa.CheckConstraint(
            "least(shipped, cancelled, returned, refunded) >= 0"
            " AND shipped + cancelled <= count AND returned <= shipped"
            " AND refunded <= count",
            name="pieces_fit",
        ),
        sa.Index("ix_order_line_sku", "sku", "merchant_id", "order_id"),
        SCHEMA,
    )

    id: str = columns.key()
    order_id: str = columns.ref("commerce.order.id")
    merchant_id: str = columns.ref(index=False)
    hold_id: str = Field(sa_type=sa.Text, unique=True, foreign_key="commerce.hold.id")
    product_id: str = columns.ref(index=False)
    variant_id: str = columns.ref()
    card_id: str | None = columns.ref(null=True, index=False)
    segment_id: str | None = columns.ref(null=True)
    sku: str = Field(sa_type=sa.Text)
    count: int
    weight_g: int
    unit_price_minor: int = _minor()
    unit_price_currency: str = Field(sa_type=sa.Text)
    goods_minor: int = _minor()
    currency: str = Field(sa_type=sa.Text)
    offers: list[dict[str, Any]] = columns.json()
    snapshot: dict[str, Any] = columns.json()
    shipped: int = 0
    cancelled: int = 0
    returned: int = 0
    refunded: int = 0
    replaces_id: str | None = columns.ref(null=True, index=False)
    parts: dict[str, int] | None = columns.json(null=True, default=None)


class Consignment(SQLModel, table=True):
    """One parcel of one order, under the number that customs is told."""

    __tablename__ = "consignment"
    __table_args__ = (
        sa.CheckConstraint("weight_g > 0", name="weighs_something"),
        sa.Index("ix_consignment_tracking", "merchant_id", "tracking"),
        SCHEMA,
    )

    id: str = columns.key()
    order_id: str = columns.ref("commerce.order.id")
    merchant_id: str = columns.ref(index=False)
    carrier: str = Field(sa_type=sa.Text)
    tracking: str = Field(sa_type=sa.Text)
    weight_g: int
    declaration_id: str | None = columns.ref(null=True)
    shipped_at: datetime = columns.moment()
    delivered_at: datetime | None = columns.moment(null=True)


class ConsignmentLine(SQLModel, table=True):
    """So many pieces of a line are in a parcel."""

    __tablename__ = "consignment_line"
    __table_args__ = (sa.CheckConstraint("count > 0", name="counts_something"), SCHEMA)

    consignment_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.consignment.id"
    )
    line_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.order_line.id"
    )
    merchant_id: str = columns.ref(index=False)
    count: int


class OrderRefund(SQLModel, table=True):
    """Money given back for an order. ``parts`` says how much of it is goods, shipping, duty,
    tax and fees, and how much of the goods had gone back before. ``refund_id`` is the
    payment's refund: one made at the provider may be shared out over several orders."""

    __tablename__ = "order_refund"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "asked_key"),
        sa.CheckConstraint("amount_minor > 0", name="gives_something"),
        SCHEMA,
    )

    id: str = columns.key()
    refund_id: str = columns.ref()
    asked_key: str = Field(sa_type=sa.Text)
    order_id: str = columns.ref("commerce.order.id")
    merchant_id: str = columns.ref(index=False)
    amount_minor: int = _minor()
    currency: str = Field(sa_type=sa.Text)
    parts: dict[str, int] = columns.json()
    reason: str = Field(sa_type=sa.Text)
    state: RefundState = columns.choice(RefundState, "order_refund_state")
    by: str = columns.ref(index=False)
    requested_at: datetime = columns.moment()
    settled_at: datetime | None = columns.moment(null=True)
