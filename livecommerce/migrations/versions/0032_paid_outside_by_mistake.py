"""What was written down as paid past the provider may turn out never to have been paid; open
inquiries of banks are found at once.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_BEFORE = "outside IS NULL OR (state = 'settled' AND provider_id IS NULL)"
_NOW = "outside IS NULL OR (state IN ('settled', 'failed') AND provider_id IS NULL)"


def upgrade() -> None:
    _check(_NOW)
    op.create_index(
        "ix_dispute_inquiry",
        "dispute",
        ["reference"],
        schema="payments",
        postgresql_where=sa.text("state = 'inquiry'"),
    )


def downgrade() -> None:
    op.drop_index("ix_dispute_inquiry", table_name="dispute", schema="payments")
    _check(_BEFORE)  # refused while there are any: the earlier schema cannot say so


def _check(fits: str) -> None:
    name = op.f("ck_refund_outside")
    op.drop_constraint(name, "refund", schema="payments", type_="check")
    op.create_check_constraint(name, "refund", fits, schema="payments")
