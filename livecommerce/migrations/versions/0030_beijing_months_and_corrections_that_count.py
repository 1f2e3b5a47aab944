"""Corrections know the difference that they even out, and count as part of it; the ledger's
months are Beijing's.

What was evened out before is written down so: a closed difference whose words are the adjustment
that closed it.

Approved is only what people proposed and approved; what keys approved before stays as it is.

The months were those of UTC: they are emptied, and the job folds all entries anew, half a million
at a time; balances are right all the while, only slower to read.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_EVENED_OUT = """
WITH evened AS (
  UPDATE payments.reconciliation_item SET ours_minor = theirs_minor
  WHERE closed_at IS NOT NULL AND why = adjustment
  RETURNING adjustment, id
)
INSERT INTO payments.reconciliation_correction (source, item)
SELECT adjustment, id FROM evened
"""
_MATCHED = """
UPDATE payments.reconciliation_item SET ours_minor = theirs_minor
WHERE closed_at IS NOT NULL AND why = 'matched'
"""
_EXPLAINS = """
UPDATE commerce.adjustment a SET explains = i.id
FROM payments.reconciliation_item i WHERE i.adjustment = a.id
"""
_PEOPLE_APPROVE = (
    r"""
CREATE FUNCTION commerce.people_approve() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.proposed_by NOT LIKE 'usr\_%' OR NEW.decided_by NOT LIKE 'usr\_%' THEN
    RAISE EXCEPTION 'people_approve: an adjustment is proposed and approved by people'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$""",
    """
CREATE TRIGGER people_approve BEFORE INSERT OR UPDATE ON commerce.adjustment
  FOR EACH ROW WHEN (NEW.state = 'approved') EXECUTE FUNCTION commerce.people_approve()""",
)
_FOLD_ANEW = (
    "SELECT pg_advisory_xact_lock(hashtextextended('ledger-fold', 0))",
    "DELETE FROM payments.ledger_month",
    "DELETE FROM payments.ledger_horizon",
)


def upgrade() -> None:
    for statement in _FOLD_ANEW:
        op.execute(statement)
    op.create_table(
        "reconciliation_correction",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_reconciliation_correction")),
        sa.ForeignKeyConstraint(
            ["item"],
            ["payments.reconciliation_item.id"],
            name=op.f("fk_reconciliation_correction_item"),
        ),
        schema="payments",
    )
    op.add_column("adjustment", sa.Column("explains", sa.Text()), schema="commerce")
    for statement in (_EVENED_OUT, _MATCHED, _EXPLAINS):
        op.execute(statement)
    op.create_index(
        "uq_adjustment_one_at_a_time",
        "adjustment",
        ["explains"],
        unique=True,
        schema="commerce",
        postgresql_where=sa.text("state = 'proposed'"),
    )
    for statement in _PEOPLE_APPROVE:
        op.execute(statement)


def downgrade() -> None:
    for statement in _FOLD_ANEW:
        op.execute(statement)
    op.execute("DROP FUNCTION commerce.people_approve CASCADE")
    op.drop_column("adjustment", "explains", schema="commerce")
    op.drop_table("reconciliation_correction", schema="payments")
