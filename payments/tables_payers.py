"""Buyers whom the provider knows, and the ways to pay that they keep there, as stored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from payments.rules import MethodState

SCHEMA = "payments"


def _text(*, null: bool = False, **extra: Any) -> Any:
    if null:
        extra.setdefault("default", None)
    return Field(sa_type=sa.Text, nullable=null, **extra)


class Payer(SQLModel, table=True):
    """Somebody who keeps ways to pay, and what the provider calls them. Their name, mail and
    address are not told to it: it needs none of them for that."""

    __tablename__ = "payer"
    __table_args__ = (sa.UniqueConstraint("provider_id"), {"schema": SCHEMA})

    owner: str = columns.key()
    provider_id: str | None = _text(null=True)
    wanted_at: datetime = columns.moment()


class SavedMethod(SQLModel, table=True):
    """A way to pay that its owner keeps with the provider: what it is called, never what it
    is. One that is gone before we heard of it has no owner."""

    __tablename__ = "saved_method"
    __table_args__ = (
        sa.UniqueConstraint("provider_id"),
        sa.CheckConstraint("state = 'gone' OR owner IS NOT NULL", name="is_somebodys"),
        sa.Index("ix_saved_method_owner", "owner", "kept_at", "id"),
        sa.Index(
            "ix_saved_method_leaving",
            "left_at",
            postgresql_where=sa.text("state = 'leaving'"),
        ),
        {"schema": SCHEMA},
    )

    id: str = columns.key()
    owner: str | None = columns.ref("payments.payer.owner", null=True, index=False)
    provider_id: str = _text()
    state: MethodState = columns.choice(MethodState, "method_state")
    kind: str = _text()
    brand: str = _text()
    last4: str = _text()
    exp_month: int
    exp_year: int
    fingerprint: str | None = _text(null=True, repr=False)
    kept_at: datetime = columns.moment()
    left_at: datetime | None = columns.moment(null=True)
