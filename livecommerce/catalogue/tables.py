"""Products, variants, stock, holds and the stock journal, as stored."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from livecommerce.catalogue.rules import Basis, HoldState, LocationKind, Reason, SheetState
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
    alts: dict[str, dict[str, str]] = columns.json(default={})
    textile: dict[str, Any] = columns.json(default={})
    options: list[dict[str, Any]] = columns.json()
    version: int = 1
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
        sa.Index(
            "uq_variant_combination",
            "product_id",
            "options",
            unique=True,
            postgresql_where=sa.text("archived_at IS NULL"),
        ),
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
    measures: dict[str, Any] = columns.json(default={})
    position: int = 0
    archived_at: datetime | None = columns.moment(null=True)


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


class WasPrice(SQLModel, table=True):
    """What a price is compared with. There is none without its basis (Order 117, Art. 32)."""

    __tablename__ = "was_price"
    __table_args__ = (
        sa.CheckConstraint("price_minor > 0", name="price_positive"),
        SCHEMA,
    )

    variant_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.variant.id"
    )
    currency: str = Field(sa_type=sa.Text, primary_key=True)
    price_minor: int = Field(sa_type=sa.BigInteger)
    basis: Basis = columns.choice(Basis, "price_basis")
    since: date


_NOT_LATER = {"fastupdate": "off"}
"""Words go into the index at once: products are written seldom, and asked for often."""


class ProductSearch(SQLModel, table=True):
    """The words a product is found by, weighted; kept by whoever writes the product."""

    __tablename__ = "product_search"
    __table_args__ = (
        sa.Index(
            "ix_product_search_words",
            "words",
            postgresql_using="gin",
            postgresql_with=_NOT_LATER,
        ),
        SCHEMA,
    )

    product_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.product.id"
    )
    words: Any = Field(sa_type=TSVECTOR, nullable=False)


class ProductPicture(SQLModel, table=True):
    """A picture that a merchant gave us, by what it shows; its files lie in the data folder."""

    __tablename__ = "product_picture"
    __table_args__ = (SCHEMA,)

    merchant_id: str = Field(sa_type=sa.Text, primary_key=True)
    digest: str = Field(sa_type=sa.Text, primary_key=True)
    width: int
    height: int
    added_by: str = columns.ref(index=False)
    added_at: datetime = columns.moment()


class StockLocation(SQLModel, table=True):
    """Where goods lie. Sales are taken from the lowest ``priority`` first."""

    __tablename__ = "stock_location"
    __table_args__ = (SCHEMA,)

    id: str = columns.key()
    merchant_id: str = columns.ref()
    name: dict[str, str] = columns.json()
    kind: LocationKind = columns.choice(LocationKind, "location_kind")
    priority: int = 0
    created_at: datetime = columns.moment()


class StockAt(SQLModel, table=True):
    """How many of a variant lie at one location. Together they are what is on hand: a
    deferred trigger compares the sums before every commit. Changed only by a transaction
    that has locked the variant's stock row."""

    __tablename__ = "stock_at"
    __table_args__ = (sa.CheckConstraint("on_hand >= 0", name="on_hand_not_negative"), SCHEMA)

    variant_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.stock.variant_id"
    )
    location_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="commerce.stock_location.id"
    )
    on_hand: int = 0


class SheetImport(SQLModel, table=True):
    """A sheet that somebody sent: its rows, and the report they were shown."""

    __tablename__ = "sheet_import"
    __table_args__ = (SCHEMA,)

    id: str = columns.key()
    merchant_id: str = columns.ref()
    filename: str = Field(sa_type=sa.Text)
    cells: list[dict[str, str]] = columns.json()
    report: dict[str, Any] = columns.json()
    plan: str = Field(sa_type=sa.Text)
    state: SheetState = columns.choice(SheetState, "sheet_state")
    sent_by: str = columns.ref(index=False)
    sent_at: datetime = columns.moment()
    applied_at: datetime | None = columns.moment(null=True)


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
    """Goods set aside for one buyer. Once in a checkout, the checkout decides its end.

    ``offer_id`` names the special price it was given, ``normal_minor`` what a piece costs
    without it. ``given_back`` pieces were cancelled, or came back for their money: no limit
    counts them any more."""

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
        sa.Index(
            "ix_hold_offer",
            "offer_id",
            "buyer",
            postgresql_where=sa.text("offer_id IS NOT NULL"),
        ),
        sa.CheckConstraint("given_back BETWEEN 0 AND count", name="gives_back_what_it_was"),
        sa.CheckConstraint(
            "(offer_id IS NULL) = (normal_minor IS NULL)", name="offer_says_what_was_normal"
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
    offer_id: str | None = columns.ref(null=True, index=False)
    normal_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    state: HoldState = columns.choice(HoldState, "hold_state")
    hold_until: datetime = columns.moment()
    given_back: int = Field(
        default=0, sa_column=sa.Column(sa.Integer, nullable=False, server_default="0")
    )
    checkout_id: str | None = columns.ref(null=True)
    household: str | None = columns.ref(null=True, index=False)
    claimed_at: datetime = columns.moment()
    ended_at: datetime | None = columns.moment(null=True)


class StockMove(SQLModel, table=True):
    """One movement of stock. The sum of a variant's movements is its stock, and the sum of
    those at a location is what lies there. A hold is set aside nowhere in particular."""

    __tablename__ = "stock_journal"
    __table_args__ = (
        sa.CheckConstraint("on_hand <> 0 OR held <> 0", name="moves_something"),
        sa.CheckConstraint("on_hand = 0 OR location_id IS NOT NULL", name="says_where"),
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
    location_id: str | None = columns.ref("commerce.stock_location.id", null=True, index=False)
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

LOCATIONS_SUM_TO_STOCK = (
    """
CREATE FUNCTION commerce.locations_sum_to_stock() RETURNS trigger LANGUAGE plpgsql AS
$$ DECLARE there bigint; counted bigint;
BEGIN
  SELECT on_hand INTO there FROM commerce.stock WHERE variant_id = NEW.variant_id;
  SELECT coalesce(sum(on_hand), 0) INTO counted FROM commerce.stock_at
    WHERE variant_id = NEW.variant_id;
  IF there <> counted THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'the locations of '
      || NEW.variant_id || ' hold ' || counted || ', its stock says ' || there;
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE CONSTRAINT TRIGGER stock_begins_at_locations
  AFTER INSERT ON commerce.stock DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION commerce.locations_sum_to_stock()
""",
    """
CREATE CONSTRAINT TRIGGER stock_is_at_locations
  AFTER UPDATE ON commerce.stock DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.on_hand <> NEW.on_hand)
  EXECUTE FUNCTION commerce.locations_sum_to_stock()
""",
    """
CREATE CONSTRAINT TRIGGER locations_sum_to_stock
  AFTER INSERT OR UPDATE ON commerce.stock_at DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION commerce.locations_sum_to_stock()
""",
    """
CREATE FUNCTION commerce.stock_at_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  RAISE EXCEPTION 'a location that held goods is kept' USING ERRCODE = 'restrict_violation';
END $$
""",
    """
CREATE TRIGGER stock_at_is_kept BEFORE DELETE ON commerce.stock_at
  FOR EACH STATEMENT EXECUTE FUNCTION commerce.stock_at_is_kept()
""",
)

_JOURNAL = SQLModel.metadata.tables["commerce.stock_journal"]
for _statement in JOURNAL_IS_APPEND_ONLY:
    sa.event.listen(_JOURNAL, "after_create", sa.DDL(_statement))  # type: ignore[no-untyped-call]
_STOCK_AT = SQLModel.metadata.tables["commerce.stock_at"]
for _statement in LOCATIONS_SUM_TO_STOCK:
    sa.event.listen(_STOCK_AT, "after_create", sa.DDL(_statement))  # type: ignore[no-untyped-call]
