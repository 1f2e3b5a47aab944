"""What is asked for every minute, or compared every night, is found by an index.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_WAITS = sa.text("state IN ('wanted', 'asked')")


def upgrade() -> None:
    def index(name: str, table: str, columns: list[str], **how: object) -> None:
        op.create_index(name, table, columns, schema="payments", **how)  # type: ignore[arg-type]

    index("ix_inbox_said", "inbox", ["source", "said_at"])
    odd = sa.text("outcome = 'not understood'")
    index("ix_inbox_odd", "inbox", ["received_at"], postgresql_where=odd)
    index("ix_transfer_waiting", "transfer", ["id"], postgresql_where=_WAITS)
    index("ix_transfer_reversal_waiting", "transfer_reversal", ["id"], postgresql_where=_WAITS)
    known = sa.text("charge IS NOT NULL")
    index("ix_payment_charge", "payment", ["charge"], postgresql_where=known)
    brin = {"postgresql_using": "brin"}
    index("ix_ledger_posting_occurred", "ledger_posting", ["occurred_at"], **brin)


def downgrade() -> None:
    raise NotImplementedError("the ledger is not taken apart")
