"""Chat as stored: every message, who may not speak, and how each room speaks."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from streams.chat.rules import Kind, Outcome, Speakers, Why
from streams.chat.words import Action


class ChatMessage(SQLModel, table=True):
    """Something that was said. A deleted message keeps its text, for the archive. One that
    was not ``shown`` was left out of a flood's sample."""

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
    shown: bool = True
    deleted_at: datetime | None = columns.moment(null=True)
    deleted_by: str | None = columns.ref(null=True, index=False)


class Mute(SQLModel, table=True):
    """Somebody may not speak, or not be there, in one live session, in every room of one
    ``owner`` or (without either) anywhere, until then or (without a moment) until it is
    lifted. ``address``: the mark of an address from which no guest may speak either."""

    __tablename__ = "chat_mute"
    __table_args__ = (
        sa.Index(
            "uq_chat_mute_standing",
            "speaker",
            sa.text("coalesce(live_id, owner, '')"),
            unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
        sa.CheckConstraint("live_id IS NULL OR owner IS NULL", name="one_place"),
        sa.Index("ix_chat_mute_changed_at", "changed_at"),
        {"schema": "streams"},
    )

    id: str = columns.key()
    live_id: str | None = columns.ref(null=True)
    owner: str | None = columns.ref(null=True)
    speaker: str = columns.ref(index=False)
    kind: Kind = columns.choice(Kind, "chat_mute_kind", default=Kind.MUTE)
    address: str | None = columns.ref(null=True, index=False)
    until: datetime | None = columns.moment(null=True)
    reason: str = Field(default="", sa_type=sa.Text)
    muted_at: datetime = columns.moment()
    muted_by: str = columns.ref(index=False)
    lifted_at: datetime | None = columns.moment(null=True)
    lifted_by: str | None = columns.ref(null=True, index=False)
    changed_at: datetime = columns.moment()

    @property
    def place(self) -> str | None:
        """Where it holds: a live session, an owner's rooms, or (none) everywhere."""
        return self.live_id or self.owner


class ChatRoom(SQLModel, table=True):
    """How one room speaks, and what is pinned in it. A room without a row speaks as usual."""

    __tablename__ = "chat_room"
    __table_args__ = (
        sa.CheckConstraint("slow BETWEEN 0 AND 300", name="slow"),
        sa.CheckConstraint("shown BETWEEN 1 AND 1000", name="shown"),
        sa.CheckConstraint("length(announcement) <= 300", name="announcement"),
        sa.Index("ix_chat_room_changed_at", "changed_at"),
        {"schema": "streams"},
    )

    live_id: str = columns.key()
    slow: int = 0
    approve: bool = False
    links: bool = False
    speakers: Speakers = columns.choice(Speakers, "chat_speakers", default=Speakers.ALL)
    paused: bool = False
    shown: int = 10
    version: int = Field(default=0, sa_type=sa.BigInteger)
    announcement: str = Field(default="", sa_type=sa.Text)
    announcement_version: int = Field(default=0, sa_type=sa.BigInteger)
    announced_at: datetime | None = columns.moment(null=True)
    changed_at: datetime = columns.moment()
    changed_by: str = columns.ref(index=False)


class ChatWord(SQLModel, table=True):
    """A word that viewers do not say in the rooms of its owner (or, owner ``*``, in any)."""

    __tablename__ = "chat_word"
    __table_args__ = (
        sa.Index(
            "uq_chat_word_standing",
            "owner",
            "folded",
            unique=True,
            postgresql_where=sa.text("removed_at IS NULL"),
        ),
        sa.CheckConstraint("length(word) BETWEEN 1 AND 60", name="word_length"),
        sa.Index("ix_chat_word_changed_at", "changed_at"),
        {"schema": "streams"},
    )

    id: str = columns.key()
    owner: str = columns.ref(index=False)
    word: str = Field(sa_type=sa.Text)
    folded: str = Field(sa_type=sa.Text)
    action: Action = columns.choice(Action, "chat_word_action")
    added_at: datetime = columns.moment()
    added_by: str = columns.ref(index=False)
    removed_at: datetime | None = columns.moment(null=True)
    removed_by: str | None = columns.ref(null=True, index=False)
    changed_at: datetime = columns.moment()


class ChatReview(SQLModel, table=True):
    """A message that did not simply go to the room: held until somebody decides, refused, or
    shown with words masked. ``text`` is what was written, ``wording`` what would be shown."""

    __tablename__ = "chat_review"
    __table_args__ = (
        sa.Index(
            "ix_chat_review_waiting",
            "live_id",
            "asked_at",
            "id",
            postgresql_where=sa.text("outcome = 'waiting'"),
        ),
        {"schema": "streams"},
    )

    id: str = columns.key()
    live_id: str = columns.ref()
    speaker: str = columns.ref()
    name: str = Field(sa_type=sa.Text)
    text: str = Field(sa_type=sa.Text)
    wording: str = Field(sa_type=sa.Text)
    why: Why = columns.choice(Why, "chat_review_why")
    words: list[str] = columns.json()
    outcome: Outcome = columns.choice(Outcome, "chat_review_outcome")
    asked_at: datetime = columns.moment()
    decided_at: datetime | None = columns.moment(null=True)
    decided_by: str | None = columns.ref(null=True, index=False)
