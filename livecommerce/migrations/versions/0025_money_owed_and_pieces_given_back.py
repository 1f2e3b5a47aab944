"""Orders say what is owed after a refund that failed; holds say how many pieces came back.

Orders that stand as refunded though a refund of theirs failed go back to what their pieces
and parcels say.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_OWED = """
UPDATE commerce."order" o SET owed_minor = least(f.minor, o.total_minor - o.refunded_minor)
FROM (SELECT order_id, sum(amount_minor) AS minor FROM commerce.order_refund
      WHERE state = 'failed' GROUP BY order_id) f
WHERE f.order_id = o.id AND o.refunded_minor < o.total_minor
"""
_STATES = """
UPDATE commerce."order" o SET
  state = CASE
    WHEN NOT EXISTS (SELECT FROM commerce.order_line l
                     WHERE l.order_id = o.id AND l.shipped > 0) THEN 'cancelled'
    WHEN EXISTS (SELECT FROM commerce.consignment c
                 WHERE c.order_id = o.id AND c.delivered_at IS NULL) THEN 'shipped'
    ELSE 'delivered' END
WHERE o.state = 'refunded' AND o.owed_minor > 0
"""
_GIVEN_BACK = """
UPDATE commerce.hold h SET given_back = least(h.count, l.back)
FROM (SELECT l.hold_id, l.cancelled + coalesce((
        SELECT sum(cast(e ->> 'count' AS int))
        FROM commerce.order_return r, jsonb_array_elements(r.lines) e
        WHERE r.order_id = l.order_id AND r.state = 'refunded' AND e ->> 'line' = l.id
      ), 0) AS back
      FROM commerce.order_line l WHERE l.replaces_id IS NULL) l
WHERE l.hold_id = h.id AND l.back > 0
"""


def upgrade() -> None:
    op.add_column(
        "order",
        sa.Column("owed_minor", sa.BigInteger(), nullable=False, server_default="0"),
        schema="commerce",
    )
    op.add_column(
        "hold",
        sa.Column("given_back", sa.Integer(), nullable=False, server_default="0"),
        schema="commerce",
    )
    op.execute(_OWED)
    op.execute(_STATES)
    op.execute(_GIVEN_BACK)
    op.create_check_constraint(
        op.f("ck_order_debts_fit"),
        "order",
        "owed_minor BETWEEN 0 AND total_minor - refunded_minor",
        schema="commerce",
    )
    op.create_check_constraint(
        op.f("ck_hold_gives_back_what_it_was"),
        "hold",
        "given_back BETWEEN 0 AND count",
        schema="commerce",
    )


def downgrade() -> None:
    op.drop_column("hold", "given_back", schema="commerce")
    op.drop_column("order", "owed_minor", schema="commerce")
