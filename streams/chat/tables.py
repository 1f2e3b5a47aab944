"""Chat as stored: every message, and who may not speak."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns


class ChatMessage(SQLModel, table=True):
    """Something that was said. A deleted message keeps its text, for the archive."""

    __tablename__ = "chat_message"
    __table_args__ = (
        sa.Index("ix_chat_message_live_id_id", "live_id", "id"),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 1000", name="text_length"),
        {"schema": "streams"},
    )

    id: str = columns.key()
    live_id: str = columns.ref(index=False)
    speaker: str = columns.ref()
    name: str = Field(sa_type=sa.Text)
    badge: str | None = Field(default=None, sa_type=sa.Text)
    text: str = Field(sa_type=sa.Text)
    said_at: datetime = columns.moment()
    deleted_at: datetime | None = columns.moment(null=True)
    deleted_by: str | None = columns.ref(null=True, index=False)


class Mute(SQLModel, table=True):
    """Somebody may not speak, in one live session or (without one) anywhere, until then or
    (without a moment) until it is lifted."""

    __tablename__ = "chat_mute"
    __table_args__ = (
        sa.Index(
            "uq_chat_mute_standing",
            "speaker",
            sa.text("coalesce(live_id, '')"),
            unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
        {"schema": "streams"},
    )

    id: str = columns.key()
    live_id: str | None = columns.ref(null=True)
    speaker: str = columns.ref(index=False)
    until: datetime | None = columns.moment(null=True)
    reason: str = Field(default="", sa_type=sa.Text)
    muted_at: datetime = columns.moment()
    muted_by: str = columns.ref(index=False)
    lifted_at: datetime | None = columns.moment(null=True)
    lifted_by: str | None = columns.ref(null=True, index=False)
