"""What was given up is counted by an index, however much was done.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_TABLES = ("outbox", "job")


def upgrade() -> None:
    for table in _TABLES:
        op.create_index(
            f"ix_{table}_parked",
            table,
            ["id"],
            schema="kernel",
            postgresql_where=sa.text("parked_at IS NOT NULL"),
        )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_index(f"ix_{table}_parked", table, schema="kernel")
