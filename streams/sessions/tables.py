"""Live sessions as stored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.kernel.clock import Period
from streams.sessions.rules import State


class LiveSession(SQLModel, table=True):
    """One broadcast. ``reference`` and ``host_reference`` mean something only to whoever
    made it; ``clearance`` is why it was let on air, in the words of whoever cleared it."""

    __tablename__ = "live_session"
    __table_args__ = (
        sa.Index(
            "uq_live_session_reference",
            "reference",
            unique=True,
            postgresql_where=sa.text("state <> 'cancelled' AND NOT rehearsal"),
        ),
        sa.Index("ix_live_session_state", "state", "starts_at", "id"),
        sa.CheckConstraint("starts_at < ends_at", name="slot"),
        {"schema": "streams"},
    )

    id: str = columns.key()
    reference: str = columns.ref()
    host_reference: str = columns.ref()
    title: dict[str, str] = columns.json()
    state: State = columns.choice(State, "live_state")
    version: int = Field(default=1, sa_type=sa.Integer)
    rehearsal: bool = False
    starts_at: datetime = columns.moment()
    ends_at: datetime = columns.moment()
    changed_at: datetime = columns.moment()
    started_at: datetime | None = columns.moment(null=True)
    ended_at: datetime | None = columns.moment(null=True)
    clearance: dict[str, Any] | None = columns.json(null=True, default=None)

    @property
    def slot(self) -> Period:
        """The planned time."""
        return Period(self.starts_at, self.ends_at)
