"""Studios' bodies as clients see them."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.studios.rules import AllocationKind, BookingState, ResourceKind
from livecommerce.web.wire import Both, Wire

Wish = str  # a resource's id, or the key of a class of which any free one will do


class PeriodOut(Wire):
    """A half-open span of time."""

    starts_at: datetime
    ends_at: datetime


class ResourceOut(Wire):
    """A studio, a piece of equipment or a crew member."""

    id: str
    slug: str
    kind: ResourceKind
    class_key: str
    class_name: Both
    name: Both
    description: Both
    attributes: dict[str, Any]
    picture: str | None
    set_up_minutes: int
    tear_down_minutes: int


class BookSlot(Wire):
    """A wish for a slot: a studio with all that belongs to it, whole or not at all.

    ``studio``, and each of ``equipment`` and ``crew``, is an id, or the key of a class of
    which any free one will do; repeat a class to get several.
    """

    merchant: str
    studio: Wish = Field(min_length=1, max_length=64)
    starts_at: Instant
    ends_at: Instant
    equipment: list[Wish] = Field(default=[], max_length=40)
    crew: list[Wish] = Field(default=[], max_length=20)
    title: Both | None = None
    note: str | None = Field(default=None, max_length=1000)
    pencil: bool = False


class MoveSlot(Wire):
    """Another time, and if wished another studio; equipment and crew come along."""

    starts_at: Instant
    ends_at: Instant
    studio: Wish | None = Field(default=None, min_length=1, max_length=64)


class TakenOut(Wire):
    """One resource of a booking, and how long it is occupied, set-up and tear-down included."""

    id: str
    kind: ResourceKind
    class_key: str
    name: Both
    during: PeriodOut


class BookingOut(Wire):
    """A booking with all it takes."""

    id: str
    merchant: str
    merchant_name: Both
    title: Both | None
    note: str | None
    state: BookingState
    starts_at: datetime
    ends_at: datetime
    studio: str
    resources: list[TakenOut]
    booked_by: str
    booked_at: datetime
    expires_at: datetime | None
    checked_in_at: datetime | None
    ended_at: datetime | None


class GapOut(Wire):
    """A time in which a resource is open and free."""

    resource: str
    name: Both
    starts_at: datetime
    ends_at: datetime


class RosterEntryOut(Wire):
    """One bar on the roster. Of other merchants' bookings one sees only that they are."""

    kind: AllocationKind
    during: PeriodOut
    on_air: PeriodOut | None
    booking: str | None
    merchant: str | None
    merchant_name: Both | None
    title: Both | None
    state: BookingState | None


class RosterRowOut(Wire):
    """A resource's day."""

    resource: ResourceOut
    open: list[PeriodOut]
    taken: list[RosterEntryOut]


class RosterOut(Wire):
    """A day of the centre, in its own wall-clock time."""

    day: date
    zone: str
    starts_at: datetime
    ends_at: datetime
    rows: list[RosterRowOut]
