"""Late payments whose refund failed are found, and those that failed before are told again.

Nobody reacted to the failed refund of a late payment, or of nothing we know: the books still
say that it went. The fact is told once more, and what follows is done by those who hear it.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_LATE = "state = 'late_refunded'"
_TOLD_AGAIN = """
INSERT INTO kernel.outbox (topic, body)
SELECT 'payments.RefundFailed', jsonb_build_object(
  'refund', r.id, 'payment', r.payment_id, 'reference', r.reference,
  'amount', jsonb_build_object('minor', r.amount_minor, 'currency', r.currency),
  'code', coalesce(r.failure, 'unknown'), 'settled', r.settled_at IS NOT NULL)
FROM payments.refund r JOIN commerce.checkout c ON c.id = r.reference
WHERE r.state = 'failed'
  AND CASE WHEN r.settled_at IS NULL THEN c.state = 'late_refunded' ELSE EXISTS (
    SELECT 1 FROM payments.ledger_posting p
     WHERE p.source = r.id AND p.kind IN ('late-payment-refund', 'unmatched-refund')) END
  AND NOT EXISTS (SELECT 1 FROM commerce.order_refund o WHERE o.refund_id = r.id)
  AND NOT EXISTS (
    SELECT 1 FROM kernel.outbox w WHERE w.topic = 'payments.RefundFailed'
     AND w.told_at IS NULL AND w.body ->> 'refund' = r.id)
ORDER BY r.failed_at, r.id
"""


def upgrade() -> None:
    op.create_index(
        "ix_checkout_late",
        "checkout",
        ["ended_at", "id"],
        schema="commerce",
        postgresql_where=sa.text(_LATE),
    )
    op.execute(_TOLD_AGAIN)


def downgrade() -> None:
    op.drop_index("ix_checkout_late", "checkout", schema="commerce")
