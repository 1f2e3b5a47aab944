"""Merchants' settlement currencies, what the provider exchanged, and fetched rates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("settled_in", "exchange_rate"):
        op.add_column("payment", sa.Column(name, sa.Text(), nullable=True), schema="payments")
    # What was booked before stood in the currency that was paid, unless the books say that it
    # was exchanged.
    op.execute("""
UPDATE payments.payment p SET settled_in = p.currency
WHERE EXISTS (SELECT FROM payments.ledger_posting l
              WHERE l.source = p.balance_transaction AND l.kind = 'fee')
  AND NOT EXISTS (
    SELECT FROM payments.ledger_posting l JOIN payments.ledger_entry e ON e.posting_id = l.id
    WHERE l.source = p.balance_transaction AND l.kind = 'fee' AND e.currency <> p.currency)
""")
    op.add_column(
        "dispute", sa.Column("fee_currency", sa.Text(), nullable=True), schema="payments"
    )
    op.add_column(
        "merchant_plan", sa.Column("settles_in", sa.Text(), nullable=True), schema="commerce"
    )
    for name in ("sold_currency", "rate", "rate_source"):
        op.add_column(
            "merchant_share", sa.Column(name, sa.Text(), nullable=True), schema="commerce"
        )
    for name in ("sold_minor", "sold_left_minor"):
        op.add_column(
            "merchant_share",
            sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"),
            schema="commerce",
        )
        op.alter_column("merchant_share", name, server_default=None, schema="commerce")
    op.add_column("merchant_share", sa.Column("rate_on", sa.Date(), nullable=True), schema="commerce")
    op.create_check_constraint(
        op.f("ck_merchant_share_exchanged"),
        "merchant_share",
        "(sold_currency IS NULL) = (rate IS NULL)",
        schema="commerce",
    )
    op.create_table(
        "rate_day",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("per_euro", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_rate_day")),
        schema="commerce",
    )


def downgrade() -> None:
    raise NotImplementedError("the ledger is not taken apart")
