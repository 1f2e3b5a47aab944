"""Charges that are sent to their merchant at once: agreed by plan, kept on payment and share."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

PLAN = "bps BETWEEN 0 AND 10000 AND subsidy_bps BETWEEN 0 AND 10000 AND reserve_bps BETWEEN 0 AND 10000 AND hold_days >= 0 AND reserve_days >= 0"
KEEPS_NOTHING = " AND (charge_mode = 'separate' OR (hold_days = 0 AND reserve_bps = 0))"


def upgrade() -> None:
    mode = sa.Enum(
        *("separate", "destination"),
        name="charge_mode",
        native_enum=False,
        create_constraint=False,
        length=32,
    )
    op.add_column(
        "merchant_plan",
        sa.Column("charge_mode", mode, nullable=False, server_default="separate"),
        schema="commerce",
    )
    op.alter_column("merchant_plan", "charge_mode", server_default=None, schema="commerce")
    op.create_check_constraint(
        op.f("ck_merchant_plan_charge_mode"),
        "merchant_plan",
        "charge_mode IN ('separate', 'destination')",
        schema="commerce",
    )
    op.drop_constraint("ck_merchant_plan_makes_sense", "merchant_plan", schema="commerce")
    op.create_check_constraint(
        op.f("ck_merchant_plan_makes_sense"),
        "merchant_plan",
        PLAN + KEEPS_NOTHING,
        schema="commerce",
    )
    op.add_column(
        "merchant_share",
        sa.Column("charging", sa.Text(), nullable=False, server_default="separate"),
        schema="commerce",
    )
    op.alter_column("merchant_share", "charging", server_default=None, schema="commerce")
    for name in ("direct_owner", "direct_account"):
        op.add_column("payment", sa.Column(name, sa.Text(), nullable=True), schema="payments")
    op.add_column(
        "payment", sa.Column("fee_minor", sa.BigInteger(), nullable=True), schema="payments"
    )
    op.add_column(
        "transfer", sa.Column("application_fee", sa.Text(), nullable=True), schema="payments"
    )


def downgrade() -> None:
    op.drop_column("transfer", "application_fee", schema="payments")
    for name in ("fee_minor", "direct_account", "direct_owner"):
        op.drop_column("payment", name, schema="payments")
    op.drop_column("merchant_share", "charging", schema="commerce")
    op.drop_constraint("ck_merchant_plan_makes_sense", "merchant_plan", schema="commerce")
    op.create_check_constraint(
        op.f("ck_merchant_plan_makes_sense"), "merchant_plan", PLAN, schema="commerce"
    )
    op.drop_column("merchant_plan", "charge_mode", schema="commerce")
