"""The key and the publisher of each live session, and everyone who ever published to it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.kernel.clock import Period
from streams.ingest.rules import Reason, State
from streams.media.port import Publisher


class Ingest(SQLModel, table=True):
    """One per live session, made when its first key is issued. The key itself is not here."""

    __tablename__ = "ingest"
    __table_args__ = (
        sa.CheckConstraint("valid_from < valid_to", name="window"),
        sa.CheckConstraint("state <> 'live' OR client_id IS NOT NULL", name="publisher"),
        sa.Index("ix_ingest_live", "server", postgresql_where=sa.text("state = 'live'")),
        {"schema": "streams"},
    )

    live_id: str = Field(
        sa_type=sa.Text, primary_key=True, foreign_key="streams.live_session.id"
    )
    state: State = columns.choice(State, "ingest_state", default=State.IDLE)
    since: datetime = columns.moment()
    key_hash: str = Field(sa_type=sa.Text, repr=False)
    key_tail: str = Field(sa_type=sa.Text)
    valid_from: datetime = columns.moment()
    valid_to: datetime = columns.moment()
    issued_at: datetime = columns.moment()
    server: str | None = Field(default=None, sa_type=sa.Text)
    server_epoch: str | None = Field(default=None, sa_type=sa.Text)
    client_id: str | None = Field(default=None, sa_type=sa.Text)
    last_seen_at: datetime | None = columns.moment(null=True)
    bytes_in: int = Field(default=0, sa_type=sa.BigInteger)
    refusal: Reason | None = Field(
        default=None,
        sa_column=sa.Column(
            sa.Enum(
                Reason,
                name="ingest_refusal",
                native_enum=False,
                length=32,
                values_callable=lambda reasons: [reason.value for reason in reasons],
            )
        ),
    )
    refused_at: datetime | None = columns.moment(null=True)

    @property
    def valid(self) -> Period:
        """When the key is good."""
        return Period(self.valid_from, self.valid_to)

    @property
    def publisher(self) -> Publisher | None:
        """Who publishes, or published last."""
        if self.server is None or self.client_id is None:
            return None
        return Publisher(self.server, self.server_epoch, self.client_id)


class Publication(SQLModel, table=True):
    """One connection that was let in, from then until it left. Files are told by it."""

    __tablename__ = "publication"
    __table_args__ = (
        sa.Index("ix_publication_publisher", "server", "client_id", "started_at"),
        {"schema": "streams"},
    )

    id: str = columns.key()
    live_id: str = columns.ref("streams.live_session.id")
    server: str = Field(sa_type=sa.Text)
    server_epoch: str | None = Field(default=None, sa_type=sa.Text)
    client_id: str = Field(sa_type=sa.Text)
    started_at: datetime = columns.moment()
    ended_at: datetime | None = columns.moment(null=True)
    recorded_at: datetime | None = columns.moment(null=True)
