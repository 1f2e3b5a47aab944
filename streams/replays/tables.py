"""Recording parts and the replay made of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns


class State(StrEnum):
    """How far a replay is."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


class RecordingPart(SQLModel, table=True):
    """One file of the recording: an encoder's stay from when it was let in until it left.
    ``path`` is relative to the recording root."""

    __tablename__ = "recording_part"
    __table_args__ = ({"schema": "streams"},)

    id: str = columns.key()
    live_id: str = columns.ref("streams.live_session.id")
    publication_id: str = columns.ref("streams.publication.id")
    path: str = Field(sa_type=sa.Text, unique=True)
    started_at: datetime = columns.moment()
    finished_at: datetime = columns.moment()


class Replay(SQLModel, table=True):
    """One per live session. Its files lie in a directory named after it; ``timeline`` says
    which stretch of it was recorded when, and where its chapters are."""

    __tablename__ = "replay"
    __table_args__ = ({"schema": "streams"},)

    id: str = columns.key()
    live_id: str = Field(sa_type=sa.Text, unique=True, foreign_key="streams.live_session.id")
    state: State = columns.choice(State, "replay_state")
    wanted_at: datetime = columns.moment()
    ready_at: datetime | None = columns.moment(null=True)
    duration_ms: int = Field(default=0, sa_type=sa.BigInteger)
    timeline: dict[str, Any] | None = columns.json(null=True, default=None)
    failure: str | None = Field(default=None, sa_type=sa.Text)
