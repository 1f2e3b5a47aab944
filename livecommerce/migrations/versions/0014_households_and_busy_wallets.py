"""Limits per household, one extension for a busy wallet, order lists by state."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hold", sa.Column("household", sa.Text(), nullable=True), schema="commerce")
    op.create_index(
        "ix_hold_household",
        "hold",
        ["household", "variant_id"],
        schema="commerce",
        postgresql_where=sa.text("household IS NOT NULL"),
    )
    op.add_column(
        "checkout",
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=True),
        schema="commerce",
    )
    op.create_index(
        "ix_order_state", "order", ["state", "placed_at", "id"], schema="commerce"
    )
    op.create_index(
        "ix_order_merchant_state",
        "order",
        ["merchant_id", "state", "placed_at", "id"],
        schema="commerce",
    )


def downgrade() -> None:
    op.drop_index("ix_order_merchant_state", "order", schema="commerce")
    op.drop_index("ix_order_state", "order", schema="commerce")
    op.drop_column("checkout", "extended_at", schema="commerce")
    op.drop_index("ix_hold_household", "hold", schema="commerce")
    op.drop_column("hold", "household", schema="commerce")
