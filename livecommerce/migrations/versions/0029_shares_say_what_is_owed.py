"""Shares say what was taken beyond them.

Shares that had gone and got money back from a refund that bounced are available again.

Revision ID: 0029
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0025"
branch_labels = None
depends_on = None

SHARE = "merchant_share"


def upgrade() -> None:
    op.add_column(
        SHARE,
        sa.Column("over_minor", sa.BigInteger(), nullable=False, server_default="0"),
        schema="commerce",
    )
    op.execute(
        "UPDATE commerce.merchant_share SET state = 'available'"
        " WHERE state = 'gone' AND left_minor > 0"
    )
    op.drop_constraint(op.f("ck_merchant_share_counts"), SHARE, schema="commerce")
    op.create_check_constraint(
        op.f("ck_merchant_share_counts"),
        SHARE,
        "least(reserve_minor, sent_minor, held_minor, over_minor, blocked) >= 0",
        schema="commerce",
    )
    op.create_check_constraint(
        op.f("ck_merchant_share_gone_is_empty"),
        SHARE,
        "state <> 'gone' OR left_minor = 0",
        schema="commerce",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_merchant_share_gone_is_empty"), SHARE, schema="commerce")
    op.drop_constraint(op.f("ck_merchant_share_counts"), SHARE, schema="commerce")
    op.create_check_constraint(
        op.f("ck_merchant_share_counts"),
        SHARE,
        "least(reserve_minor, sent_minor, held_minor, blocked) >= 0",
        schema="commerce",
    )
    op.drop_column(SHARE, "over_minor", schema="commerce")
