"""Studios as stored. The exclusion constraint is what makes double booking impossible."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlmodel import Field, SQLModel

from livecommerce.kernel import columns
from livecommerce.studios.rules import (
    AllocationKind,
    AllocationState,
    BookingState,
    ResourceKind,
)

_SCHEMA = {"schema": "commerce"}
# Empty ranges would pass the exclusion constraint, and open ends would block for ever.
_WHOLE = (
    "NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)"
    " AND NOT lower_inf(during) AND NOT upper_inf(during)"
)
_BLOCKS = "status IN ('held', 'confirmed')"


class ResourceClass(SQLModel, table=True):
    """Resources that can stand in for each other, and the time they need before and after."""

    __tablename__ = "resource_class"
    __table_args__ = (
        sa.CheckConstraint("set_up_minutes BETWEEN 0 AND 240", name="set_up"),
        sa.CheckConstraint("tear_down_minutes BETWEEN 0 AND 240", name="tear_down"),
        _SCHEMA,
    )

    key: str = Field(sa_type=sa.Text, primary_key=True)
    kind: ResourceKind = columns.choice(ResourceKind, "resource_class_kind")
    name: dict[str, str] = columns.json()
    set_up_minutes: int
    tear_down_minutes: int
    always_open: bool
    position: int


class Resource(SQLModel, table=True):
    """A studio, one unit of equipment, or a person of the crew."""

    __tablename__ = "resource"
    __table_args__ = (_SCHEMA,)

    id: str = columns.key()
    slug: str = Field(sa_type=sa.Text, unique=True)
    kind: ResourceKind = columns.choice(ResourceKind, "resource_kind")
    class_key: str = columns.ref("commerce.resource_class.key")
    name: dict[str, str] = columns.json()
    description: dict[str, str] = columns.json()
    attributes: dict[str, Any] = columns.json()
    picture: str | None = Field(default=None, sa_type=sa.Text)
    position: int
    retired_at: datetime | None = columns.moment(null=True)


class Opening(SQLModel, table=True):
    """A time in which a resource may be occupied: opening hours, shifts."""

    __tablename__ = "opening"
    __table_args__ = (
        sa.CheckConstraint(_WHOLE, name="range"),
        ExcludeConstraint(
            ("resource_id", "="), ("during", "&&"), name="ex_opening_no_overlap", using="gist"
        ),
        _SCHEMA,
    )

    id: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    )
    resource_id: str = columns.ref("commerce.resource.id", index=False)
    during: Any = Field(sa_column=sa.Column(TSTZRANGE(), nullable=False))


class Booking(SQLModel, table=True):
    """Allocations taken together, for one merchant's live session."""

    __tablename__ = "booking"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="period"),
        sa.CheckConstraint("(state = 'held') <= (expires_at IS NOT NULL)", name="held_expires"),
        sa.Index("ix_booking_merchant_id_starts_at_id", "merchant_id", "starts_at", "id"),
        _SCHEMA,
    )

    id: str = columns.key()
    merchant_id: str = columns.ref("commerce.merchant.id", index=False)
    state: BookingState = columns.choice(BookingState, "booking_state")
    title: dict[str, str] | None = columns.json(null=True)
    note: str | None = Field(default=None, sa_type=sa.Text)
    starts_at: datetime = columns.moment(index=True)
    ends_at: datetime = columns.moment()
    booked_by: str = columns.ref(index=False)
    booked_at: datetime = columns.moment()
    expires_at: datetime | None = columns.moment(null=True)
    checked_in_at: datetime | None = columns.moment(null=True)
    ended_at: datetime | None = columns.moment(null=True)


class Allocation(SQLModel, table=True):
    """A resource's occupation for a period; set-up and tear-down are inside ``during``."""

    __tablename__ = "allocation"
    __table_args__ = (
        sa.CheckConstraint(_WHOLE, name="range"),
        sa.CheckConstraint("(kind = 'use') = (booking_id IS NOT NULL)", name="use_is_booked"),
        ExcludeConstraint(
            ("resource_id", "="),
            ("during", "&&"),
            name="ex_allocation_no_overlap",
            using="gist",
            where=sa.text(_BLOCKS),
        ),
        sa.Index(
            "ix_allocation_during",
            "during",
            postgresql_using="gist",
            postgresql_where=sa.text(_BLOCKS),
        ),
        _SCHEMA,
    )

    id: str = columns.key()
    booking_id: str | None = columns.ref("commerce.booking.id", null=True)
    resource_id: str = columns.ref("commerce.resource.id", index=False)
    kind: AllocationKind = columns.choice(AllocationKind, "allocation_kind")
    on_air: Any = Field(default=None, sa_column=sa.Column(TSTZRANGE(), nullable=True))
    during: Any = Field(sa_column=sa.Column(TSTZRANGE(), nullable=False))
    status: AllocationState = columns.choice(AllocationState, "allocation_status")


# "text WITH =" inside a GiST index is this extension's; some builds do not ship it, and then
# creating the tables fails here, at once.
NEEDS_BTREE_GIST = "CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public"
for _table in ("commerce.opening", "commerce.allocation"):
    sa.event.listen(
        SQLModel.metadata.tables[_table],
        "before_create",
        sa.DDL(NEEDS_BTREE_GIST),  # type: ignore[no-untyped-call]
    )
