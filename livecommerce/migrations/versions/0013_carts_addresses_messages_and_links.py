"""What buyers keep: carts, addresses, messages with their orders; when a link was mailed."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def kinds(name: str, *values: str) -> sa.Enum:
    """Text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def moment(name: str, *, null: bool = False) -> sa.Column[Any]:
    """A moment, aware of its zone."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def text(name: str, *, null: bool = False) -> sa.Column[Any]:
    """A text or an id."""
    return sa.Column(name, sa.Text(), nullable=null)


def number(name: str, *, null: bool = False) -> sa.Column[Any]:
    """A count."""
    return sa.Column(name, sa.Integer(), nullable=null)


def upgrade() -> None:
    op.add_column("checkout", moment("link_sent_at", null=True), schema="commerce")
    op.create_table(
        "saved_address",
        text("id"),
        text("owner"),
        text("label"),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        moment("saved_at"),
        moment("changed_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_address")),
        schema="commerce",
    )
    op.create_index("ix_saved_address_owner", "saved_address", ["owner"], schema="commerce")
    op.create_index(
        "uq_saved_address_default",
        "saved_address",
        ["owner"],
        unique=True,
        schema="commerce",
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "cart",
        text("owner"),
        sa.Column("version", sa.BigInteger(), nullable=False),
        moment("changed_at"),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_cart")),
        schema="commerce",
    )
    op.create_table(
        "cart_item",
        text("id"),
        text("owner"),
        text("merchant_id"),
        text("live_id"),
        text("card_id"),
        text("variant_id"),
        number("count"),
        sa.Column("seen_minor", sa.BigInteger(), nullable=False),
        text("currency"),
        moment("added_at"),
        text("buying", null=True),
        number("buying_count", null=True),
        moment("buying_until", null=True),
        sa.CheckConstraint("count BETWEEN 1 AND 99", name=op.f("ck_cart_item_counts")),
        sa.CheckConstraint(
            "(buying IS NULL) = (buying_until IS NULL)"
            " AND (buying IS NULL) = (buying_count IS NULL)",
            name=op.f("ck_cart_item_bought_wholly"),
        ),
        sa.ForeignKeyConstraint(
            ["owner"], ["commerce.cart.owner"], name=op.f("fk_cart_item_owner")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["commerce.merchant.id"], name=op.f("fk_cart_item_merchant_id")
        ),
        sa.ForeignKeyConstraint(
            ["card_id"], ["commerce.card.id"], name=op.f("fk_cart_item_card_id")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["commerce.variant.id"], name=op.f("fk_cart_item_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_item")),
        sa.UniqueConstraint(
            "owner",
            "card_id",
            "variant_id",
            name=op.f("uq_cart_item_owner_card_id_variant_id"),
        ),
        schema="commerce",
    )
    op.create_table(
        "order_thread",
        text("order_id"),
        text("merchant_id"),
        number("count"),
        number("buyer_read"),
        number("merchant_read"),
        number("buyer_unread"),
        number("merchant_unread"),
        moment("last_at"),
        sa.Column(
            "last_side",
            kinds("order_thread_last_side", "buyer", "merchant", "staff"),
            nullable=False,
        ),
        text("last_text"),
        sa.CheckConstraint(
            "buyer_read <= count AND merchant_read <= count",
            name=op.f("ck_order_thread_read_fits"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["commerce.order.id"], name=op.f("fk_order_thread_order_id")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_thread")),
        schema="commerce",
    )
    op.create_index(
        "ix_order_thread_merchant",
        "order_thread",
        ["merchant_id", "last_at", "order_id"],
        schema="commerce",
    )
    op.create_index(
        "ix_order_thread_newest", "order_thread", ["last_at", "order_id"], schema="commerce"
    )
    op.create_table(
        "order_message",
        text("id"),
        text("order_id"),
        text("merchant_id"),
        number("number"),
        sa.Column(
            "side", kinds("order_message_side", "buyer", "merchant", "staff"), nullable=False
        ),
        text("author"),
        text("text"),
        moment("sent_at"),
        sa.CheckConstraint(
            "length(text) BETWEEN 1 AND 2000", name=op.f("ck_order_message_says_something")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["commerce.order_thread.order_id"],
            name=op.f("fk_order_message_order_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_message")),
        sa.UniqueConstraint(
            "order_id", "number", name=op.f("uq_order_message_order_id_number")
        ),
        schema="commerce",
    )


def downgrade() -> None:
    for table in ("order_message", "order_thread", "cart_item", "cart", "saved_address"):
        op.drop_table(table, schema="commerce")
    op.drop_column("checkout", "link_sent_at", schema="commerce")
