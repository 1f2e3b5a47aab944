"""A line of the provider's balance that cannot be read is a difference of its own.

Revision ID: 0034
Revises: 0033
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_BEFORE = ("matched", "young", "missing_here", "missing_there", "differing")
_NAME = "ck_reconciliation_item_reconciliation_match"


def upgrade() -> None:
    _may_be(*_BEFORE, "unreadable")


def downgrade() -> None:
    op.execute("DELETE FROM payments.reconciliation_item WHERE match = 'unreadable'")
    _may_be(*_BEFORE)


def _may_be(*matches: str) -> None:
    op.drop_constraint(op.f(_NAME), "reconciliation_item", schema="payments", type_="check")
    named = ", ".join(f"'{match}'" for match in matches)
    op.create_check_constraint(
        op.f(_NAME), "reconciliation_item", f"match IN ({named})", schema="payments"
    )
