"""Order lines are found by SKU for one merchant and for all, from the index alone.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_order_line_sku", table_name="order_line", schema="commerce")
    op.create_index(
        "ix_order_line_sku",
        "order_line",
        ["sku", "merchant_id", "order_id"],
        schema="commerce",
    )


def downgrade() -> None:
    op.drop_index("ix_order_line_sku", table_name="order_line", schema="commerce")
    op.create_index(
        "ix_order_line_sku", "order_line", ["merchant_id", "sku"], schema="commerce"
    )
