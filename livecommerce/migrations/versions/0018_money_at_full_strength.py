"""Folded balances, plans, shares, adjustments; payees, transfers, payouts, disputes."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
MOMENT = sa.DateTime(timezone=True)


def kinds(name: str, *values: str) -> sa.Enum:
    """Text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def text(name: str, *, null: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.Text(), nullable=null)


def moment(name: str, *, null: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, MOMENT, nullable=null)


def minor(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.BigInteger(), nullable=False)


def number(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.Integer(), nullable=False)


def json(name: str) -> "sa.Column[Any]":
    return sa.Column(name, JSON, nullable=False)


def state(name: str, *values: str) -> "sa.Column[Any]":
    return sa.Column("state", kinds(name, *values), nullable=False)


def pk(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def upgrade() -> None:
    folded_balances()
    plans_and_shares()
    adjustments()
    money_out()
    reconciliation()
    receipts()


def folded_balances() -> None:
    op.create_table(
        "ledger_month",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *(minor(name) for name in ("sum_minor", "entries", "first_id", "last_id")),
        fk("ledger_month", "account_id", "payments.ledger_account.id"),
        pk("ledger_month", "account_id", "month"),
        schema="payments",
    )
    op.create_table(
        "ledger_horizon",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        minor("entry_id"),
        moment("folded_at"),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_horizon_one_row")),
        pk("ledger_horizon", "id"),
        schema="payments",
    )


def plans_and_shares() -> None:
    op.create_table(
        "merchant_plan",
        text("id"),
        text("merchant_id"),
        number("bps"),
        json("minimums"),
        json("caps"),
        *(number(name) for name in ("subsidy_bps", "hold_days", "reserve_bps", "reserve_days")),
        moment("valid_from"),
        text("set_by"),
        moment("set_at"),
        sa.CheckConstraint("bps BETWEEN 0 AND 10000 AND subsidy_bps BETWEEN 0 AND 10000"
            " AND reserve_bps BETWEEN 0 AND 10000 AND hold_days >= 0 AND reserve_days >= 0", name=op.f("ck_merchant_plan_makes_sense")),
        fk("merchant_plan", "merchant_id", "commerce.merchant.id"),
        pk("merchant_plan", "id"),
        schema="commerce",
    )
    op.create_index(
        "ix_merchant_plan_newest",
        "merchant_plan",
        ["merchant_id", "valid_from"],
        schema="commerce",
    )
    op.add_column("order", sa.Column("commission", JSON, nullable=True), schema="commerce")
    op.execute(
        'UPDATE commerce."order" SET commission = jsonb_build_object('
        "'bps', commission_bps, 'minimum_minor', null, 'cap_minor', null, 'subsidy_bps', 0,"
        " 'hold_days', 7, 'reserve_bps', 0, 'reserve_days', 90, 'plan', null)"
    )
    op.alter_column("order", "commission", nullable=False, schema="commerce")
    op.create_table(
        "merchant_share",
        text("order_id"),
        text("merchant_id"),
        text("payment_id"),
        state("share_state", "pending", "available", "gone"),
        text("currency"),
        *(minor(n) for n in ("total_minor", "share_minor", "left_minor")),
        *(minor(n) for n in ("reserve_minor", "sent_minor", "held_minor")),
        number("transfers"),
        number("blocked"),
        json("terms"),
        moment("paid_at"),
        *(moment(n, null=True) for n in ("due_at", "released_at", "reserve_due_at")),
        sa.CheckConstraint("left_minor BETWEEN 0 AND share_minor", name=op.f("ck_merchant_share_refunds_fit")),
        sa.CheckConstraint("least(reserve_minor, sent_minor, held_minor, blocked) >= 0", name=op.f("ck_merchant_share_counts")),
        fk("merchant_share", "merchant_id", "commerce.merchant.id"),
        pk("merchant_share", "order_id"),
        schema="commerce",
    )
    for name, columns, where in (
        ("payment_id", ["payment_id"], None),
        ("due", ["due_at"], "state = 'pending'"),
        ("reserve", ["reserve_due_at"], "reserve_minor > 0"),
        ("newest", ["merchant_id", "paid_at", "order_id"], None),
    ):
        op.create_index(
            f"ix_merchant_share_{name}",
            "merchant_share",
            columns,
            schema="commerce",
            postgresql_where=None if where is None else sa.text(where),
        )
    # What is in the books already: sold orders, less what refunds took of their shares.
    op.execute("""
INSERT INTO commerce.merchant_share (order_id, merchant_id, payment_id, state, currency,
  total_minor, share_minor, left_minor, reserve_minor, sent_minor, held_minor, transfers,
  blocked, terms, paid_at, due_at)
SELECT o.id, o.merchant_id, c.payment_id, 'pending', o.currency, o.total_minor, s.share,
       greatest(0, least(s.share, s.share - coalesce(r.back, 0))), 0, 0, 0, 0, 0, o.commission,
       o.paid_at, o.shipped_at + interval '7 days'
FROM commerce."order" o JOIN commerce.checkout c ON c.id = o.checkout_id
JOIN LATERAL (
  SELECT coalesce(-sum(e.amount_minor), 0) AS share FROM payments.ledger_posting p
  JOIN payments.ledger_entry e ON e.posting_id = p.id
  JOIN payments.ledger_account a ON a.id = e.account_id AND a.code = 'merchant_pending'
  WHERE p.source = o.id AND p.kind = 'sale'
) s ON true
LEFT JOIN LATERAL (
  SELECT sum(e.amount_minor) AS back FROM commerce.order_refund f
  JOIN payments.ledger_posting p ON p.source = f.id AND p.kind IN ('refund', 'refund.reversed')
  JOIN payments.ledger_entry e ON e.posting_id = p.id
  JOIN payments.ledger_account a ON a.id = e.account_id AND a.code = 'merchant_pending'
  WHERE f.order_id = o.id
) r ON true
WHERE o.paid_at IS NOT NULL AND EXISTS (
  SELECT FROM payments.ledger_posting p WHERE p.source = o.id AND p.kind = 'sale')
""")


def adjustments() -> None:
    op.create_table(
        "adjustment",
        text("id"),
        state("adjustment_state", "proposed", "approved", "refused"),
        text("reverses_kind", null=True),
        text("reverses_source", null=True),
        json("entries"),
        text("reason"),
        text("proposed_by"),
        moment("proposed_at"),
        text("decided_by", null=True),
        moment("decided_at", null=True),
        sa.CheckConstraint("state <> 'approved' OR decided_by <> proposed_by", name=op.f("ck_adjustment_second_pair_of_eyes")),
        sa.CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name=op.f("ck_adjustment_decided")),
        pk("adjustment", "id"),
        schema="commerce",
    )
    op.create_index(
        "ix_adjustment_newest", "adjustment", ["proposed_at", "id"], schema="commerce"
    )


def money_out() -> None:
    op.add_column("inbox", text("account", null=True), schema="payments")
    op.create_table(
        "payee",
        text("owner"),
        state("payee_state", "opening", "onboarding", "ready", "restricted"),
        text("country"),
        text("email"),
        text("provider_id", null=True),
        json("due"),
        moment("wanted_at"),
        moment("ready_at", null=True),
        pk("payee", "owner"),
        unique("payee", "provider_id"),
        schema="payments",
    )
    op.create_table(
        "transfer",
        *(text(n) for n in ("id", "owner", "reference", "payment_id", "key")),
        state("transfer_state", "wanted", "asked", "sent", "refused"),
        minor("amount_minor"),
        minor("taken_back_minor"),
        text("currency"),
        text("provider_id", null=True),
        text("failure", null=True),
        moment("wanted_at"),
        moment("asked_at", null=True),
        moment("sent_at", null=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_transfer_amount")),
        sa.CheckConstraint("taken_back_minor BETWEEN 0 AND amount_minor", name=op.f("ck_transfer_taken_back")),
        fk("transfer", "payment_id", "payments.payment.id"),
        pk("transfer", "id"),
        unique("transfer", "key"),
        unique("transfer", "provider_id"),
        schema="payments",
    )
    op.create_table(
        "transfer_reversal",
        *(text(n) for n in ("id", "transfer_id", "key")),
        state("reversal_state", "wanted", "asked", "sent", "refused"),
        minor("amount_minor"),
        text("currency"),
        text("provider_id", null=True),
        text("failure", null=True),
        moment("wanted_at"),
        moment("settled_at", null=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_transfer_reversal_amount")),
        fk("transfer_reversal", "transfer_id", "payments.transfer.id"),
        pk("transfer_reversal", "id"),
        unique("transfer_reversal", "key"),
        schema="payments",
    )
    op.create_table(
        "payout",
        text("id"),
        text("owner", null=True),
        state("payout_state", "pending", "in_transit", "paid", "failed", "canceled"),
        minor("amount_minor"),
        text("currency"),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        text("failure", null=True),
        moment("made_at"),
        moment("arrives_at"),
        pk("payout", "id"),
        schema="payments",
    )
    op.create_table(
        "dispute",
        *(text(n) for n in ("id", "provider_id", "payment_id", "reference")),
        state("dispute_state", "inquiry", "needs_answer", "under_review", "won", "lost"),
        *(minor(n) for n in ("amount_minor", "taken_minor", "fee_minor")),
        text("currency"),
        text("reason"),
        text("note"),
        json("evidence"),
        moment("answer_by", null=True),
        moment("opened_at"),
        moment("answered_at", null=True),
        moment("closed_at", null=True),
        fk("dispute", "payment_id", "payments.payment.id"),
        pk("dispute", "id"),
        unique("dispute", "provider_id"),
        schema="payments",
    )
    for name, table, columns in (
        ("ix_payment_newest", "payment", ["recorded_at", "id"]),
        ("ix_refund_newest", "refund", ["requested_at", "id"]),
        ("ix_transfer_newest", "transfer", ["owner", "wanted_at", "id"]),
        ("ix_transfer_reference", "transfer", ["reference"]),
        ("ix_transfer_payment_id", "transfer", ["payment_id"]),
        ("ix_transfer_reversal_transfer_id", "transfer_reversal", ["transfer_id"]),
        ("ix_payout_newest", "payout", ["owner", "made_at", "id"]),
        ("ix_dispute_newest", "dispute", ["opened_at", "id"]),
        ("ix_dispute_payment_id", "dispute", ["payment_id"]),
        ("ix_dispute_reference", "dispute", ["reference"]),
    ):
        op.create_index(name, table, columns, schema="payments")


def reconciliation() -> None:
    op.create_table(
        "reconciliation",
        text("id"),
        moment("since"),
        moment("until"),
        *(number(n) for n in ("matched", "young", "open")),
        json("proof"),
        pk("reconciliation", "id"),
        schema="payments",
    )
    op.create_index(
        "ix_reconciliation_newest", "reconciliation", ["until"], schema="payments"
    )
    matches = ("matched", "young", "missing_here", "missing_there", "differing")
    op.create_table(
        "reconciliation_item",
        text("id"),
        text("thing"),
        sa.Column("match", kinds("reconciliation_match", *matches), nullable=False),
        text("kind"),
        text("currency"),
        minor("ours_minor"),
        minor("theirs_minor"),
        json("lines"),
        moment("at"),
        moment("found_at"),
        text("adjustment", null=True),
        moment("closed_at", null=True),
        text("closed_by", null=True),
        text("why", null=True),
        pk("reconciliation_item", "id"),
        unique("reconciliation_item", "thing", "currency"),
        schema="payments",
    )
    op.create_index(
        "ix_reconciliation_item_open",
        "reconciliation_item",
        ["at"],
        schema="payments",
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def receipts() -> None:
    op.create_table(
        "merchant_receipt",
        text("order_id"),
        text("merchant_id"),
        number("year"),
        minor("paid_minor"),
        text("currency"),
        minor("dollars_minor"),
        text("rate"),
        text("rate_source"),
        moment("at"),
        fk("merchant_receipt", "merchant_id", "commerce.merchant.id"),
        pk("merchant_receipt", "order_id"),
        schema="commerce",
    )
    op.create_index(
        "ix_merchant_receipt_year",
        "merchant_receipt",
        ["merchant_id", "year"],
        schema="commerce",
        postgresql_include=["dollars_minor"],
    )
    op.create_table(
        "receipts_alert",
        text("merchant_id"),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("threshold_minor", sa.BigInteger(), autoincrement=False, nullable=False),
        moment("at"),
        fk("receipts_alert", "merchant_id", "commerce.merchant.id"),
        pk("receipts_alert", "merchant_id", "year", "threshold_minor"),
        schema="commerce",
    )


def downgrade() -> None:
    raise NotImplementedError("the ledger is not taken apart")
