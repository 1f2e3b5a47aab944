"""Refunds say under which reference a bank paid them past the provider; orders that owe are
found.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "refund", sa.Column("outside", sa.Text(), nullable=True), schema="payments"
    )
    op.create_check_constraint(
        op.f("ck_refund_outside"),
        "refund",
        "outside IS NULL OR (state = 'settled' AND provider_id IS NULL)",
        schema="payments",
    )
    op.create_index(
        "ix_order_owing",
        "order",
        ["placed_at", "id"],
        schema="commerce",
        postgresql_where=sa.text("owed_minor > 0"),
    )


def downgrade() -> None:
    op.drop_index("ix_order_owing", table_name="order", schema="commerce")
    op.drop_constraint("ck_refund_outside", "refund", schema="payments")
    op.drop_column("refund", "outside", schema="payments")
