"""The outbox: a fact is stored by the transaction that made it true, and told afterwards."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.kernel.db import Tx
from livecommerce.kernel.events import Event


class OutboxRow(SQLModel, table=True):
    """A fact waiting to be told. ``due_at`` is empty when it may be told at once."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index(
            "ix_outbox_untold",
            sa.text("due_at NULLS FIRST"),
            "id",
            postgresql_where=sa.text("told_at IS NULL AND parked_at IS NULL"),
        ),
        sa.Index("ix_outbox_parked", "id", postgresql_where=sa.text("parked_at IS NOT NULL")),
        {"schema": "kernel"},
    )

    id: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    )
    topic: str = Field(sa_type=sa.Text)
    body: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))
    due_at: datetime | None = columns.moment(null=True)
    attempts: int = Field(
        default=0, sa_column=sa.Column(sa.Integer, server_default="0", nullable=False)
    )
    told_at: datetime | None = columns.moment(null=True)
    parked_at: datetime | None = columns.moment(null=True)
    last_error: str | None = Field(default=None, sa_type=sa.Text)


class JobRow(SQLModel, table=True):
    """Work outside the database: one listener's share of one fact, leased while it runs."""

    __tablename__ = "job"
    __table_args__ = (
        sa.UniqueConstraint("outbox_id", "listener"),
        sa.Index(
            "ix_job_due",
            "run_at",
            "id",
            postgresql_where=sa.text("done_at IS NULL AND parked_at IS NULL"),
        ),
        sa.Index("ix_job_parked", "id", postgresql_where=sa.text("parked_at IS NOT NULL")),
        {"schema": "kernel"},
    )

    id: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    )
    outbox_id: int = Field(sa_type=sa.BigInteger)
    listener: str = Field(sa_type=sa.Text)
    topic: str = Field(sa_type=sa.Text)
    body: dict[str, Any] = Field(sa_column=sa.Column(JSONB, nullable=False))
    run_at: datetime = columns.moment()
    attempts: int = Field(
        default=0, sa_column=sa.Column(sa.Integer, server_default="0", nullable=False)
    )
    locked_until: datetime | None = columns.moment(null=True)
    done_at: datetime | None = columns.moment(null=True)
    parked_at: datetime | None = columns.moment(null=True)
    last_error: str | None = Field(default=None, sa_type=sa.Text)


async def emit(tx: Tx, *events: Event, at: datetime | None = None) -> None:
    """Tell the events once the caller's transaction commits, and not before ``at``."""
    rows = [{"topic": e.topic, "body": e.model_dump(mode="json"), "due_at": at} for e in events]
    if rows:
        await tx.execute(sa.insert(OutboxRow), rows)
        await tx.execute(sa.select(sa.func.pg_notify("outbox", "")))
