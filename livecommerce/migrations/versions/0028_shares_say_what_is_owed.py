"""Shares say what was taken beyond them; what is not sent says why; a transfer may be of no
payment.

Shares that had gone and got money back from a refund that bounced are available again.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SHARE = "merchant_share"
UNSENT = (
    "CASE WHEN state = 'pending' THEN 0"
    " ELSE left_minor - reserve_minor - held_minor - sent_minor END - over_minor"
)


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
    op.create_index(
        "ix_merchant_share_unsent",
        SHARE,
        ["merchant_id", "currency", "released_at", "order_id"],
        schema="commerce",
        postgresql_where=sa.text(f"({UNSENT}) <> 0"),
    )
    # Without them the planner takes a third of all shares to be unsent, and reads them all.
    op.execute(
        "CREATE STATISTICS commerce.merchant_share_unsent"
        f" ON ({UNSENT}) FROM commerce.merchant_share"
    )
    op.create_table(
        "sending_wait",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "refusals >= 0 AND amount_minor > 0", name=op.f("ck_sending_wait_counts")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"],
            ["commerce.merchant.id"],
            name=op.f("fk_sending_wait_merchant_id"),
        ),
        sa.PrimaryKeyConstraint("reference", "currency", name=op.f("pk_sending_wait")),
        schema="commerce",
    )
    op.create_index(
        "ix_sending_wait_newest", "sending_wait", ["merchant_id", "since"], schema="commerce"
    )
    op.alter_column("transfer", "payment_id", nullable=True, schema="payments")
    op.add_column(
        "transfer_reversal",
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        schema="payments",
    )
    # What is open may have been asked for already: it is looked up before it is asked again.
    op.execute(
        "UPDATE payments.transfer_reversal SET asked_at = wanted_at"
        " WHERE state IN ('wanted', 'asked')"
    )


def downgrade() -> None:
    op.drop_column("transfer_reversal", "asked_at", schema="payments")
    op.alter_column("transfer", "payment_id", nullable=False, schema="payments")
    op.drop_table("sending_wait", schema="commerce")
    op.execute("DROP STATISTICS commerce.merchant_share_unsent")
    op.drop_index("ix_merchant_share_unsent", SHARE, schema="commerce")
    op.drop_constraint(op.f("ck_merchant_share_gone_is_empty"), SHARE, schema="commerce")
    op.drop_constraint(op.f("ck_merchant_share_counts"), SHARE, schema="commerce")
    op.create_check_constraint(
        op.f("ck_merchant_share_counts"),
        SHARE,
        "least(reserve_minor, sent_minor, held_minor, blocked) >= 0",
        schema="commerce",
    )
    op.drop_column(SHARE, "over_minor", schema="commerce")
