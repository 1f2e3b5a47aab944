"""How rooms speak: rules, words, what waits for approval; bans beside mutes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def kinds(name: str, *values: str) -> sa.Enum:
    """Text that is one of these."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "chat_review",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("live_id", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("why", kinds("chat_review_why", "approval", "word"), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "outcome",
            kinds(
                "chat_review_outcome", "waiting", "approved", "rejected", "refused", "masked"
            ),
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_review")),
        schema="streams",
    )
    for column in ("live_id", "speaker"):
        op.create_index(f"ix_chat_review_{column}", "chat_review", [column], schema="streams")
    op.create_index(
        "ix_chat_review_waiting",
        "chat_review",
        ["live_id", "asked_at", "id"],
        schema="streams",
        postgresql_where=sa.text("outcome = 'waiting'"),
    )
    op.create_table(
        "chat_room",
        sa.Column("live_id", sa.Text(), nullable=False),
        sa.Column("slow", sa.Integer(), nullable=False),
        sa.Column("approve", sa.Boolean(), nullable=False),
        sa.Column("links", sa.Boolean(), nullable=False),
        sa.Column(
            "speakers", kinds("chat_speakers", "all", "accounts", "team"), nullable=False
        ),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("announcement_version", sa.BigInteger(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "length(announcement) <= 300", name=op.f("ck_chat_room_announcement")
        ),
        sa.CheckConstraint("shown BETWEEN 1 AND 1000", name=op.f("ck_chat_room_shown")),
        sa.CheckConstraint("slow BETWEEN 0 AND 300", name=op.f("ck_chat_room_slow")),
        sa.PrimaryKeyConstraint("live_id", name=op.f("pk_chat_room")),
        schema="streams",
    )
    op.create_table(
        "chat_word",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column(
            "action", kinds("chat_word_action", "mask", "hold", "reject"), nullable=False
        ),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "length(word) BETWEEN 1 AND 60", name=op.f("ck_chat_word_word_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_word")),
        schema="streams",
    )
    op.create_index(
        "uq_chat_word_standing",
        "chat_word",
        ["owner", "folded"],
        unique=True,
        schema="streams",
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    _add_to_what_is_there()
    for table in ("chat_room", "chat_word", "chat_mute"):
        op.create_index(f"ix_{table}_changed_at", table, ["changed_at"], schema="streams")


def _add_to_what_is_there() -> None:
    """Messages so far were shown; who was muted so far was not banned."""
    op.add_column(
        "chat_message",
        sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.true()),
        schema="streams",
    )
    op.alter_column("chat_message", "shown", server_default=None, schema="streams")
    op.add_column(
        "chat_mute",
        sa.Column("kind", sa.String(32), nullable=False, server_default="mute"),
        schema="streams",
    )
    op.alter_column("chat_mute", "kind", server_default=None, schema="streams")
    op.create_check_constraint(
        op.f("ck_chat_mute_chat_mute_kind"),
        "chat_mute",
        "kind IN ('mute', 'ban')",
        schema="streams",
    )
    op.add_column("chat_mute", sa.Column("address", sa.Text()), schema="streams")
    op.add_column(
        "chat_mute", sa.Column("changed_at", sa.DateTime(timezone=True)), schema="streams"
    )
    op.execute("UPDATE streams.chat_mute SET changed_at = greatest(muted_at, lifted_at)")
    op.alter_column("chat_mute", "changed_at", nullable=False, schema="streams")


def downgrade() -> None:
    for table in ("chat_word", "chat_room", "chat_review"):
        op.drop_table(table, schema="streams")
    for column in ("changed_at", "address", "kind"):
        op.drop_column("chat_mute", column, schema="streams")
    op.drop_column("chat_message", "shown", schema="streams")
