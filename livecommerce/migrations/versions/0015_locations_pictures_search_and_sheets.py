"""Stock by location, was-prices, textile attributes, pictures, search words, sheets."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

REASONS = (
    *("received", "counted", "held", "sold", "lapsed", "released", "reclaimed", "returned"),
    *("damaged", "transferred"),
)

RULES = (
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


def kinds(name: str, *values: str) -> sa.Enum:
    """Text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def moment(name: str, *, null: bool = False) -> sa.Column[Any]:
    """An aware moment."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def text(name: str) -> sa.Column[Any]:
    """A text."""
    return sa.Column(name, sa.Text(), nullable=False)


def json(name: str) -> sa.Column[Any]:
    """A JSON value."""
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=False)


def upgrade() -> None:
    _locations()
    _products()
    _beside_products()


def _locations() -> None:
    op.create_table(
        "stock_location",
        text("id"),
        text("merchant_id"),
        json("name"),
        sa.Column(
            "kind", kinds("location_kind", "warehouse", "studio", "shop", "other"), nullable=False
        ),
        sa.Column("priority", sa.Integer(), nullable=False),
        moment("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_location")),
        schema="commerce",
    )
    op.create_index(
        op.f("ix_stock_location_merchant_id"), "stock_location", ["merchant_id"], schema="commerce"
    )
    op.create_table(
        "stock_at",
        text("variant_id"),
        text("location_id"),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_at_on_hand_not_negative")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["commerce.stock.variant_id"], name=op.f("fk_stock_at_variant_id")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["commerce.stock_location.id"], name=op.f("fk_stock_at_location_id")
        ),
        sa.PrimaryKeyConstraint("variant_id", "location_id", name=op.f("pk_stock_at")),
        schema="commerce",
    )
    op.add_column("stock_journal", sa.Column("location_id", sa.Text()), schema="commerce")
    op.create_foreign_key(
        op.f("fk_stock_journal_location_id"),
        "stock_journal",
        "stock_location",
        ["location_id"],
        ["id"],
        source_schema="commerce",
        referent_schema="commerce",
    )
    named = op.f("ck_stock_journal_stock_reason")
    op.drop_constraint(named, "stock_journal", schema="commerce")
    listed = ", ".join(f"'{reason}'" for reason in REASONS)
    op.create_check_constraint(
        named, "stock_journal", f"reason IN ({listed})", schema="commerce"
    )
    _what_lies_there_so_far()
    op.create_check_constraint(
        op.f("ck_stock_journal_says_where"),
        "stock_journal",
        "on_hand = 0 OR location_id IS NOT NULL",
        schema="commerce",
    )
    for rule in RULES:
        op.execute(rule)


def _what_lies_there_so_far() -> None:
    """All that there is lies, and has always lain, in the merchant's main warehouse."""
    op.execute(
        "INSERT INTO commerce.stock_location (id, merchant_id, name, kind, priority, created_at)"
        " SELECT 'loc_' || substr(merchant_id, 5), merchant_id,"
        """ '{"zh": "主仓库", "en": "Main warehouse"}', 'warehouse', 0, min(created_at)"""
        " FROM commerce.product GROUP BY merchant_id"
    )
    op.execute(
        "INSERT INTO commerce.stock_at (variant_id, location_id, on_hand)"
        " SELECT s.variant_id, 'loc_' || substr(v.merchant_id, 5), s.on_hand"
        " FROM commerce.stock s JOIN commerce.variant v ON v.id = s.variant_id"
    )
    append_only = "TRIGGER stock_journal_is_append_only"
    op.execute(f"ALTER TABLE commerce.stock_journal DISABLE {append_only}")
    op.execute(
        "UPDATE commerce.stock_journal j SET location_id = 'loc_' || substr(v.merchant_id, 5)"
        " FROM commerce.variant v WHERE v.id = j.variant_id AND j.on_hand <> 0"
    )
    op.execute(f"ALTER TABLE commerce.stock_journal ENABLE {append_only}")


def _products() -> None:
    for table, column, default in (
        ("product", json("alts"), "{}"),
        ("product", json("textile"), "{}"),
        ("product", sa.Column("version", sa.Integer(), nullable=False), "1"),
        ("variant", json("measures"), "{}"),
    ):
        column.server_default = sa.DefaultClause(default)
        op.add_column(table, column, schema="commerce")
        op.alter_column(table, column.name, server_default=None, schema="commerce")
    op.add_column("variant", moment("archived_at", null=True), schema="commerce")
    op.create_index(
        "uq_variant_combination",
        "variant",
        ["product_id", "options"],
        unique=True,
        schema="commerce",
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "was_price",
        text("variant_id"),
        text("currency"),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "basis",
            kinds("price_basis", "lowest_7_days", "lowest_30_days", "suggested"),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.CheckConstraint("price_minor > 0", name=op.f("ck_was_price_price_positive")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["commerce.variant.id"], name=op.f("fk_was_price_variant_id")
        ),
        sa.PrimaryKeyConstraint("variant_id", "currency", name=op.f("pk_was_price")),
        schema="commerce",
    )


def _beside_products() -> None:
    op.create_table(
        "product_search",
        text("product_id"),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["commerce.product.id"], name=op.f("fk_product_search_product_id")
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_search")),
        schema="commerce",
    )
    op.create_index(
        "ix_product_search_words",
        "product_search",
        ["words"],
        schema="commerce",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "product_picture",
        text("merchant_id"),
        text("digest"),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        text("added_by"),
        moment("added_at"),
        sa.PrimaryKeyConstraint("merchant_id", "digest", name=op.f("pk_product_picture")),
        schema="commerce",
    )
    op.create_table(
        "sheet_import",
        text("id"),
        text("merchant_id"),
        text("filename"),
        json("cells"),
        json("report"),
        text("plan"),
        sa.Column("state", kinds("sheet_state", "checked", "applied"), nullable=False),
        text("sent_by"),
        moment("sent_at"),
        moment("applied_at", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_import")),
        schema="commerce",
    )
    op.create_index(
        op.f("ix_sheet_import_merchant_id"), "sheet_import", ["merchant_id"], schema="commerce"
    )


def downgrade() -> None:
    for table in ("sheet_import", "product_picture", "product_search", "was_price"):
        op.drop_table(table, schema="commerce")
    op.drop_index("uq_variant_combination", "variant", schema="commerce")
    for column in ("archived_at", "measures"):
        op.drop_column("variant", column, schema="commerce")
    for column in ("version", "textile", "alts"):
        op.drop_column("product", column, schema="commerce")
    for trigger in ("stock_is_at_locations", "stock_begins_at_locations"):
        op.execute(f"DROP TRIGGER {trigger} ON commerce.stock")
    op.drop_constraint("ck_stock_journal_says_where", "stock_journal", schema="commerce")
    op.drop_column("stock_journal", "location_id", schema="commerce")
    op.drop_table("stock_at", schema="commerce")
    op.drop_table("stock_location", schema="commerce")
    op.execute("DROP FUNCTION commerce.locations_sum_to_stock()")
    op.execute("DROP FUNCTION commerce.stock_at_is_kept()")
