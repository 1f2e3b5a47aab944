"""Buyers known to the payment provider, and the ways to pay that they keep there; and when
payees' accounts were last asked about."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "payment", sa.Column("customer", sa.Text(), nullable=True), schema="payments"
    )
    op.add_column(
        "payment",
        sa.Column("keeps", sa.Boolean(), nullable=False, server_default=sa.false()),
        schema="payments",
    )
    op.alter_column("payment", "keeps", server_default=None, schema="payments")
    op.create_table(
        "payer",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_payer")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_payer_provider_id")),
        schema="payments",
    )
    op.add_column(
        "payee",
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        schema="payments",
    )
    states = sa.Enum(
        *("kept", "leaving", "gone"),
        name="method_state",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    op.create_table(
        "saved_method",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("state", states, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "brand", "last4")),
        sa.Column("exp_month", sa.Integer(), nullable=False),
        sa.Column("exp_year", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state = 'gone' OR owner IS NOT NULL", name=op.f("ck_saved_method_is_somebodys")
        ),
        sa.ForeignKeyConstraint(
            ["owner"], ["payments.payer.owner"], name=op.f("fk_saved_method_owner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_method")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_saved_method_provider_id")),
        schema="payments",
    )
    op.create_index(
        "ix_saved_method_owner", "saved_method", ["owner", "kept_at", "id"], schema="payments"
    )
    op.create_index(
        "ix_saved_method_leaving",
        "saved_method",
        ["left_at"],
        schema="payments",
        postgresql_where=sa.text("state = 'leaving'"),
    )


def downgrade() -> None:
    op.drop_column("payee", "heard_at", schema="payments")
    op.drop_table("saved_method", schema="payments")
    op.drop_table("payer", schema="payments")
    op.drop_column("payment", "keeps", schema="payments")
    op.drop_column("payment", "customer", schema="payments")
