"""Pieces of lines, cancellations, returns, parcels of parts, invoices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ORDER_STATES = ("placed", "paid", "shipped", "delivered", "cancelled", "refunded")
_STOCK_REASONS = (
    *("received", "counted", "held", "sold", "lapsed", "released", "reclaimed", "returned"),
    *("damaged", "transferred"),
)
_SIDES = ("buyer", "merchant", "centre")
_KINDS = ("invoice", "credit_note")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _allow(table: str, name: str, column: str, values: tuple[str, ...]) -> None:
    """The column holds one of these from now on."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, schema="commerce", type_="check")
    listed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(
        op.f(f"ck_{table}_{name}"), table, f"{column} IN ({listed})", schema="commerce"
    )


def upgrade() -> None:
    first, rest = _ORDER_STATES[:2], _ORDER_STATES[2:]
    _allow("order", "order_state", "state", (*first, "partly_shipped", *rest))
    _allow("stock_journal", "stock_reason", "reason", (*_STOCK_REASONS, "written_off"))
    _count_pieces()
    _make_tables()
    op.create_index(
        "ix_order_line_sku", "order_line", ["merchant_id", "sku"], schema="commerce"
    )
    op.create_index(
        "ix_consignment_tracking", "consignment", ["merchant_id", "tracking"], schema="commerce"
    )
    op.create_index(
        "ix_checkout_email", "checkout", [sa.text("lower(email)")], schema="commerce"
    )
    op.create_index(
        "ix_checkout_recipient",
        "checkout",
        [sa.text("lower(address ->> 'name')")],
        schema="commerce",
    )


def _count_pieces() -> None:
    """What was shipped so far was shipped whole; what was paid back unshipped never left."""
    for name in ("shipped", "cancelled", "returned", "refunded"):
        column = sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        op.add_column("order_line", column, schema="commerce")
        op.alter_column("order_line", name, server_default=None, schema="commerce")
    op.add_column("order_line", sa.Column("replaces_id", sa.Text()), schema="commerce")
    parts = sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()))
    op.add_column("order_line", parts, schema="commerce")
    op.execute(
        "UPDATE commerce.order_line l SET shipped = l.count FROM commerce.consignment c"
        " WHERE c.order_id = l.order_id"
    )
    op.execute(
        "UPDATE commerce.order_line l SET cancelled = l.count, refunded = l.count"
        ' FROM commerce."order" o WHERE o.id = l.order_id AND o.state = \'refunded\''
        " AND l.shipped = 0"
    )
    op.create_check_constraint(
        op.f("ck_order_line_pieces_fit"),
        "order_line",
        "least(shipped, cancelled, returned, refunded) >= 0"
        " AND shipped + cancelled <= count AND returned <= shipped AND refunded <= count",
        schema="commerce",
    )


def _make_tables() -> None:
    _make_parcels()
    op.create_table(
        "cancellation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("side", _choice("cancellation_side", *_SIDES), nullable=False),
        sa.Column(
            "reason",
            _choice(
                "cancellation_reason",
                *("changed_mind", "by_mistake", "too_slow", "out_of_stock", "faulty"),
                *("not_carried", "suspicious", "buyer_asked", "other"),
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("refund_id", sa.Text()),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["commerce.order.id"], name=op.f("fk_cancellation_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation")),
        schema="commerce",
    )
    op.create_index(
        op.f("ix_cancellation_order_id"), "cancellation", ["order_id"], schema="commerce"
    )
    _make_returns()
    _make_invoices()


def _make_parcels() -> None:
    op.create_table(
        "consignment_line",
        sa.Column("consignment_id", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_consignment_line_counts_something")),
        sa.ForeignKeyConstraint(
            ["consignment_id"],
            ["commerce.consignment.id"],
            name=op.f("fk_consignment_line_consignment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["commerce.order_line.id"], name=op.f("fk_consignment_line_line_id")
        ),
        sa.PrimaryKeyConstraint(
            "consignment_id", "line_id", name=op.f("pk_consignment_line")
        ),
        schema="commerce",
    )
    op.execute(
        "INSERT INTO commerce.consignment_line (consignment_id, line_id, merchant_id, count)"
        " SELECT c.id, l.id, c.merchant_id, l.count FROM commerce.consignment c"
        " JOIN commerce.order_line l USING (order_id)"
    )


def _make_returns() -> None:
    op.create_table(
        "order_return",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column(
            "state",
            _choice(
                "return_state",
                *("asked", "approved", "refused", "withdrawn"),
                *("received", "inspected", "refunded", "exchanged"),
            ),
            nullable=False,
        ),
        sa.Column("wish", _choice("return_wish", "refund", "exchange"), nullable=False),
        sa.Column(
            "reason",
            _choice(
                "return_reason",
                *("changed_mind", "wrong_size", "not_as_shown", "faulty"),
                *("damaged_on_the_way", "wrong_item", "too_late", "other"),
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("inspection", postgresql.JSONB(astext_type=sa.Text())),
        sa.Column("refund_id", sa.Text()),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text()),
        sa.Column("inspected_by", sa.Text()),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("received_at", sa.DateTime(timezone=True)),
        sa.Column("inspected_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["order_id"], ["commerce.order.id"], name=op.f("fk_order_return_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_return")),
        schema="commerce",
    )
    op.create_index(
        op.f("ix_order_return_order_id"), "order_return", ["order_id"], schema="commerce"
    )
    op.create_index(
        "ix_order_return_merchant",
        "order_return",
        ["merchant_id", "asked_at", "id"],
        schema="commerce",
    )


def _make_invoices() -> None:
    op.create_table(
        "invoice_counter",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("kind", _choice("invoice_counter_kind", *_KINDS), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "kind", name=op.f("pk_invoice_counter")),
        schema="commerce",
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("kind", _choice("invoice_kind", *_KINDS), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_invoice_numbered_from_one")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["commerce.order.id"], name=op.f("fk_invoice_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint(
            "merchant_id", "kind", "number", name=op.f("uq_invoice_merchant_id_kind_number")
        ),
        sa.UniqueConstraint("source_id", name=op.f("uq_invoice_source_id")),
        schema="commerce",
    )
    op.create_index(op.f("ix_invoice_order_id"), "invoice", ["order_id"], schema="commerce")


def downgrade() -> None:
    for table in (
        *("invoice", "invoice_counter", "order_return", "cancellation", "consignment_line"),
    ):
        op.drop_table(table, schema="commerce")
    for index, table in (
        ("ix_checkout_recipient", "checkout"),
        ("ix_checkout_email", "checkout"),
        ("ix_consignment_tracking", "consignment"),
        ("ix_order_line_sku", "order_line"),
    ):
        op.drop_index(index, table_name=table, schema="commerce")
    for column in ("parts", "replaces_id", "refunded", "returned", "cancelled", "shipped"):
        op.drop_column("order_line", column, schema="commerce")
    op.execute(
        "UPDATE commerce.\"order\" SET state = 'shipped' WHERE state = 'partly_shipped'"
    )
    _allow("order", "order_state", "state", _ORDER_STATES)
