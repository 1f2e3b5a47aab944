"""Runs of the reconciliation and what they found, as stored."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.kernel.money import Money
from payments.matching import Match

SCHEMA = {"schema": "payments"}

ITSELF = "reconciliation"
"""Who closes what a later run finds in order."""


class Reconciliation(SQLModel, table=True):
    """One run: how many things matched, how many are open, and whether the sums agree."""

    __tablename__ = "reconciliation"
    __table_args__ = (sa.Index("ix_reconciliation_newest", "until"), SCHEMA)

    id: str = columns.key()
    since: datetime = columns.moment()
    until: datetime = columns.moment()
    matched: int
    young: int
    open: int
    proof: list[dict[str, Any]] = columns.json()


class ReconciliationItem(SQLModel, table=True):
    """One thing on which our books and the provider do not agree, until it is explained.

    ``adjustment`` is the one that is to even it out. The figures of what is closed are those
    that matched or were evened out, or still differ and were explained in words."""

    __tablename__ = "reconciliation_item"
    __table_args__ = (
        sa.UniqueConstraint("thing", "currency"),
        sa.Index(
            "ix_reconciliation_item_open", "at", postgresql_where=sa.text("closed_at IS NULL")
        ),
        SCHEMA,
    )

    id: str = columns.key()
    thing: str = Field(sa_type=sa.Text)
    match: Match = columns.choice(Match, "reconciliation_match")
    kind: str = Field(sa_type=sa.Text)
    currency: str = Field(sa_type=sa.Text)
    ours_minor: int = Field(sa_type=sa.BigInteger)
    theirs_minor: int = Field(sa_type=sa.BigInteger)
    lines: list[str] = columns.json()
    at: datetime = columns.moment()
    found_at: datetime = columns.moment()
    adjustment: str | None = columns.ref(null=True, index=False)
    closed_at: datetime | None = columns.moment(null=True)
    closed_by: str | None = columns.ref(null=True, index=False)
    why: str | None = Field(default=None, sa_type=sa.Text)

    @property
    def ours(self) -> Money:
        """What our books have."""
        return Money(self.ours_minor, self.currency)

    @property
    def theirs(self) -> Money:
        """What the provider has."""
        return Money(self.theirs_minor, self.currency)


class ReconciliationCorrection(SQLModel, table=True):
    """A correction in the books (by its source), and the difference that it evened out."""

    __tablename__ = "reconciliation_correction"
    __table_args__ = (SCHEMA,)

    source: str = columns.key()
    item: str = columns.ref("payments.reconciliation_item.id", index=False)
