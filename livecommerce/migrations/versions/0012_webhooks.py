"""Webhook endpoints, what was told, and how far it came."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=True),
        sa.Column("live_id", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("only_for", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_event")),
        schema="commerce",
    )
    op.create_index(
        "ix_webhook_event_merchant_told",
        "webhook_event",
        ["merchant_id", "told_at"],
        unique=False,
        schema="commerce",
    )
    op.create_index(
        op.f("ix_webhook_event_told_at"),
        "webhook_event",
        ["told_at"],
        unique=False,
        schema="commerce",
    )
    op.create_table(
        "webhook_sequence",
        sa.Column("live_id", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("live_id", name=op.f("pk_webhook_sequence")),
        schema="commerce",
    )
    op.create_table(
        "webhook_stock",
        sa.Column("variant_id", sa.Text(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "plenty",
                "low",
                "out",
                name="webhook_stock_level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_webhook_stock")),
        schema="commerce",
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "on",
                "off",
                name="webhook_endpoint_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "off_because",
            sa.Enum(
                "owner",
                "failing",
                "gone",
                name="webhook_off_because",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("old_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'off') = (off_because IS NOT NULL)",
            name=op.f("ck_webhook_endpoint_off_why"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"],
            ["commerce.merchant.id"],
            name=op.f("fk_webhook_endpoint_merchant_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
        schema="commerce",
    )
    op.create_index(
        op.f("ix_webhook_endpoint_merchant_id"),
        "webhook_endpoint",
        ["merchant_id"],
        unique=False,
        schema="commerce",
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("endpoint_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "delivered",
                "failed",
                name="webhook_delivery_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("replay", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (ended_at IS NULL)", name=op.f("ck_webhook_delivery_ended")
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["commerce.webhook_endpoint.id"],
            name=op.f("fk_webhook_delivery_endpoint_id"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["commerce.webhook_event.id"],
            name=op.f("fk_webhook_delivery_event_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        schema="commerce",
    )
    op.create_index(
        op.f("ix_webhook_delivery_event_id"),
        "webhook_delivery",
        ["event_id"],
        unique=False,
        schema="commerce",
    )
    op.create_index(
        "ix_webhook_delivery_log",
        "webhook_delivery",
        ["endpoint_id", "made_at", "id"],
        unique=False,
        schema="commerce",
    )
    op.create_index(
        op.f("ix_webhook_delivery_made_at"),
        "webhook_delivery",
        ["made_at"],
        unique=False,
        schema="commerce",
    )
    op.create_index(
        "ix_webhook_delivery_waiting",
        "webhook_delivery",
        ["endpoint_id", "next_at", "id"],
        unique=False,
        schema="commerce",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "webhook_attempt",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["commerce.webhook_delivery.id"],
            name=op.f("fk_webhook_attempt_delivery_id"),
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_webhook_attempt")),
        schema="commerce",
    )


def downgrade() -> None:
    for table in ("attempt", "delivery", "endpoint", "stock", "sequence", "event"):
        op.drop_table(f"webhook_{table}", schema="commerce")
