"""Orders say what a bank claims of them, and shares what banks took for good; payees count how
often they were looked at.

Disputes that were told before fall on the orders of their purchase as they did in the books:
by what each order cost.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

from livecommerce.kernel import ids
from livecommerce.kernel.money import Money

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_STATES = ("open", "won", "lost")

_TOLD = """
SELECT d.id AS dispute_id, s.order_id, s.merchant_id, s.total_minor, d.taken_minor, d.currency,
       CASE d.state WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost' ELSE 'open' END AS state,
       d.opened_at, d.closed_at
FROM payments.dispute d JOIN commerce.merchant_share s ON s.payment_id = d.payment_id
WHERE d.taken_minor > 0 ORDER BY d.id, s.order_id
"""
_KEEP = """
INSERT INTO commerce.order_dispute (id, dispute_id, order_id, merchant_id, amount_minor, currency,
                                    state, opened_at, closed_at)
VALUES (:id, :dispute_id, :order_id, :merchant_id, :amount_minor, :currency, :state, :opened_at,
        :closed_at)
"""
_LOST = """
UPDATE commerce.merchant_share s SET lost_minor = l.minor
FROM (SELECT order_id, sum(amount_minor) AS minor FROM commerce.order_dispute
      WHERE state = 'lost' GROUP BY order_id) l
WHERE l.order_id = s.order_id
"""
_DISPUTED = """
UPDATE commerce."order" o SET
  dispute = d.state,
  disputed_minor = least(d.claimed, o.total_minor - o.refunded_minor),
  owed_minor = least(o.owed_minor,
                     o.total_minor - o.refunded_minor
                     - least(d.claimed, o.total_minor - o.refunded_minor)),
  covered_minor = CASE WHEN d.state = 'open' THEN greatest(0, o.owed_minor
    - (o.total_minor - o.refunded_minor
       - least(d.claimed, o.total_minor - o.refunded_minor))) ELSE 0 END
FROM (SELECT order_id,
             CASE WHEN bool_or(state = 'open') THEN 'open'
                  WHEN bool_or(state = 'lost') THEN 'lost' ELSE 'won' END AS state,
             coalesce(sum(amount_minor) FILTER (WHERE state <> 'won'), 0) AS claimed
      FROM commerce.order_dispute GROUP BY order_id) d
WHERE d.order_id = o.id
"""


def _state() -> sa.Enum:
    return sa.Enum(
        *_STATES,
        name="order_dispute_state",
        native_enum=False,
        create_constraint=True,
        length=32,
    )


def upgrade() -> None:
    for table, name in (
        ("order", "disputed_minor"),
        ("order", "covered_minor"),
        ("merchant_share", "lost_minor"),
    ):
        column = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column(table, column, schema="commerce")
    op.add_column("order", sa.Column("dispute", sa.String(32)), schema="commerce")
    op.create_check_constraint(
        op.f("ck_order_order_dispute_state"),
        "order",
        sa.column("dispute").in_(_STATES),
        schema="commerce",
    )
    for name in ("looks", "looked"):
        counted = sa.Column(name, sa.Integer(), nullable=False, server_default="0")
        op.add_column("payee", counted, schema="payments")
    _make_table()
    _share_out()
    op.execute(_LOST)
    op.execute(_DISPUTED)
    op.drop_constraint(op.f("ck_order_debts_fit"), "order", schema="commerce", type_="check")
    op.create_check_constraint(
        op.f("ck_order_debts_fit"),
        "order",
        "owed_minor BETWEEN 0 AND total_minor - refunded_minor - disputed_minor",
        schema="commerce",
    )
    op.create_check_constraint(
        op.f("ck_order_disputes_fit"),
        "order",
        "disputed_minor BETWEEN 0 AND total_minor - refunded_minor AND covered_minor >= 0",
        schema="commerce",
    )


def _make_table() -> None:
    op.create_table(
        "order_dispute",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("dispute_id", sa.Text(), nullable=False),
        sa.Column(
            "order_id", sa.Text(), sa.ForeignKey("commerce.order.id"), nullable=False
        ),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", _state(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("dispute_id", "order_id"),
        sa.CheckConstraint("amount_minor > 0", name="claims_something"),
        schema="commerce",
    )
    op.create_index(
        op.f("ix_order_dispute_order_id"), "order_dispute", ["order_id"], schema="commerce"
    )


def _share_out() -> None:
    connection = op.get_bind()
    told: dict[str, list[sa.RowMapping]] = {}
    for row in connection.execute(sa.text(_TOLD)).mappings():
        told.setdefault(row["dispute_id"], []).append(row)
    for rows in told.values():
        taken = Money(rows[0]["taken_minor"], rows[0]["currency"])
        parts = taken.split([row["total_minor"] for row in rows])
        for row, part in zip(rows, parts, strict=True):
            if part:
                about = {**row, "id": ids.new("odp"), "amount_minor": part.minor}
                connection.execute(sa.text(_KEEP), about)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_order_debts_fit"), "order", schema="commerce", type_="check")
    op.drop_table("order_dispute", schema="commerce")
    for name in ("looked", "looks"):
        op.drop_column("payee", name, schema="payments")
    op.drop_column("merchant_share", "lost_minor", schema="commerce")
    for name in ("dispute", "covered_minor", "disputed_minor"):
        op.drop_column("order", name, schema="commerce")
    op.create_check_constraint(
        op.f("ck_order_debts_fit"),
        "order",
        "owed_minor BETWEEN 0 AND total_minor - refunded_minor",
        schema="commerce",
    )
