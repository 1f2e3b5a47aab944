"""Products, variants, stock, holds and the stock journal, as stored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.catalogue.rules import HoldState, Reason
from livecommerce.kernel import columns

SCHEMA = {"schema": "commerce"}


class Product(SQLModel, table=True):
    """Something a merchant sells, in one or more variants."""

    __tablename__ = "product"
    __table_args__ = (
        sa.Index("ix_product_merchant", "merchant_id", "created_at", "id"),
        SCHEMA,
    )

    id: str = columns.key()
    merchant_id: str = columns.ref(index=False)
    title: dict[str, str] = columns.json()
    description: dict[str, str] = columns.json()
    category: str = Field(sa_type=sa.Text)
    hs_code: str = Field(sa_type=sa.Text)
    origin: str = Field(sa_type=sa.Text)
    fibre: list[dict[str, Any]] = columns.json()
    customs_name: str = Field(sa_type=sa.Text)
    customs_unit: str = Field(sa_type=sa.Text)
    gmodel: dict[str, str] = columns.json()
    pictures: list[str] = columns.json()
    options: list[dict[str, Any]] = columns.json()
    created_at: datetime = columns.moment()
    archived_at: datetime | None = columns.moment(null=True)


class Variant(SQLModel, table=True):
    """The exact thing: one value in each of its product's dimensions, with a SKU."""

    __tablename__ = "variant"
    __table_args__ = (
        sa.UniqueConstraint("merchant_id", "sku"),
        sa.CheckConstraint("length(sku) BETWEEN 1 AND 20", name="sku_fits_customs"),
        sa.CheckConstraint("weight_g > 0", name="weighs_something"),
        sa.CheckConstraint("price_minor >= 0", name="price_not_negative"),
        SCHEMA,
    )

    id: str = columns.key()
    product_id: str = columns.ref("commerce.product.id")
    merchant_id: str = columns.ref(index=False)
    sku: str = Field(sa_type=sa.Text)
    options: dict[str, str] = columns.json()
    weight_g: int
    price_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(sa_type=sa.Text)
    position: int = 0


class VariantPrice(SQLModel, table=True):
    """A list price in one more currency."""

    __tablename__ = "variant_price"
    __table_args__ = (
        sa.CheckConstraint("price_minor >= 0", name="price_not_negative"),
        SCHEMA,
    )

    variant_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.variant.id"
    )
    currency: str = Field(sa_type=sa.Text, primary_key=True)
    price_minor: int = Field(sa_type=sa.BigInteger)


class Stock(SQLModel, table=True):
    """How many there are and how many of those are spoken for. Half-filled pages keep the
    hottest rows of the system from growing an index entry on every sale."""

    __tablename__ = "stock"
    __table_args__ = (
        sa.CheckConstraint("held BETWEEN 0 AND on_hand", name="held_within_on_hand"),
        {**SCHEMA, "postgresql_with": {"fillfactor": "50"}},
    )

    variant_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.variant.id"
    )
    product_id: str = columns.ref("commerce.product.id")
    on_hand: int = 0
    held: int = 0
    version: int = Field(default=0, sa_type=sa.BigInteger)


class Hold(SQLModel, table=True):
    """Goods set aside for one buyer. Once in a checkout, the checkout decides its end."""

    __tablename__ = "hold"
    __table_args__ = (
        sa.CheckConstraint("count > 0", name="counts_something"),
        sa.CheckConstraint("price_minor >= 0", name="price_not_negative"),
        sa.Index(
            "ix_hold_lapsing",
            "hold_until",
            postgresql_where=sa.text("state = 'held' AND checkout_id IS NULL"),
        ),
        sa.Index("ix_hold_buyer", "buyer", "variant_id"),
        sa.Index(
            "ix_hold_household",
            "household",
            "variant_id",
            postgresql_where=sa.text("household IS NOT NULL"),
        ),
        SCHEMA,
    )

    id: str = columns.key()
    claim_key: str = Field(sa_type=sa.Text, unique=True)
    variant_id: str = columns.ref("commerce.variant.id", index=False)
    merchant_id: str = columns.ref(index=False)
    buyer: str = columns.ref(index=False)
    live_id: str | None = columns.ref(null=True)
    card_id: str | None = columns.ref(null=True, index=False)
    segment_id: str | None = columns.ref(null=True, index=False)
    count: int
    price_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(sa_type=sa.Text)
    state: HoldState = columns.choice(HoldState, "hold_state")
    hold_until: datetime = columns.moment()
    checkout_id: str | None = columns.ref(null=True)
    household: str | None = columns.ref(null=True, index=False)
    claimed_at: datetime = columns.moment()
    ended_at: datetime | None = columns.moment(null=True)


class StockMove(SQLModel, table=True):
    """One movement of stock. The sum of a variant's movements is its stock."""

    __tablename__ = "stock_journal"
    __table_args__ = (
        sa.CheckConstraint("on_hand <> 0 OR held <> 0", name="moves_something"),
        sa.Index("ix_stock_journal_variant", "variant_id", "id"),
        SCHEMA,
    )

    id: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    )
    variant_id: str = columns.ref("commerce.variant.id", index=False)
    on_hand: int
    held: int
    reason: Reason = columns.choice(Reason, "stock_reason")
    reference: str = columns.ref(index=False)
    at: datetime = columns.moment()


JOURNAL_IS_APPEND_ONLY = (
    """
CREATE FUNCTION commerce.stock_journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  RAISE EXCEPTION 'the stock journal is append-only' USING ERRCODE = 'restrict_violation';
END $$
""",
    """
CREATE TRIGGER stock_journal_is_append_only
  BEFORE UPDATE OR DELETE ON commerce.stock_journal
  FOR EACH STATEMENT EXECUTE FUNCTION commerce.stock_journal_is_append_only()
""",
)

_JOURNAL = SQLModel.metadata.tables["commerce.stock_journal"]
for _statement in JOURNAL_IS_APPEND_ONLY:
    sa.event.listen(_JOURNAL, "after_create", sa.DDL(_statement))  # type: ignore[no-untyped-call]
