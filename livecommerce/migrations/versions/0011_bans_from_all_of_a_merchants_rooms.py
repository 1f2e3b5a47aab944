"""Mutes and bans that hold in every room of one owner."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _standing(place: str) -> None:
    """One mute or ban of somebody stands in one place."""
    op.create_index(
        "uq_chat_mute_standing",
        "chat_mute",
        ["speaker", sa.text(place)],
        unique=True,
        schema="streams",
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def upgrade() -> None:
    op.add_column("chat_mute", sa.Column("owner", sa.Text()), schema="streams")
    op.create_index("ix_chat_mute_owner", "chat_mute", ["owner"], schema="streams")
    op.create_check_constraint(
        op.f("ck_chat_mute_one_place"),
        "chat_mute",
        "live_id IS NULL OR owner IS NULL",
        schema="streams",
    )
    op.drop_index("uq_chat_mute_standing", "chat_mute", schema="streams")
    _standing("coalesce(live_id, owner, '')")


def downgrade() -> None:
    op.execute("DELETE FROM streams.chat_mute WHERE owner IS NOT NULL")
    op.drop_index("uq_chat_mute_standing", "chat_mute", schema="streams")
    op.drop_constraint(op.f("ck_chat_mute_one_place"), "chat_mute", schema="streams")
    op.drop_column("chat_mute", "owner", schema="streams")
    _standing("coalesce(live_id, '')")
