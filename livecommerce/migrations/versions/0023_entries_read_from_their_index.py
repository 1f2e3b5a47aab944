"""An account's entries are read from their index alone."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INDEX = "ix_ledger_entry_account"
COLUMNS = ["account_id", "id"]


def upgrade() -> None:
    op.drop_index(INDEX, table_name="ledger_entry", schema="payments")
    op.create_index(
        INDEX,
        "ledger_entry",
        COLUMNS,
        schema="payments",
        postgresql_include=["amount_minor", "posting_id"],
    )


def downgrade() -> None:
    raise NotImplementedError("the ledger is not taken apart")
