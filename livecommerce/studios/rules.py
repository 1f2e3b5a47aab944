"""Studios' pure decisions: states, periods, buffers, the centre's day."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from livecommerce.kernel.clock import BEIJING

SHORTEST = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
FARTHEST = timedelta(days=180)
WALK_IN = timedelta(minutes=15)  # how long ago a slot may have begun when it is booked
PENCILLED_FOR = timedelta(hours=2)
CHECK_IN_BEFORE = timedelta(hours=1)
SEARCHED = timedelta(days=31)


class ResourceKind(StrEnum):
    """What can be occupied."""

    STUDIO = "studio"
    EQUIPMENT = "equipment"
    CREW = "crew"


PREFIX = {ResourceKind.STUDIO: "std", ResourceKind.EQUIPMENT: "eqp", ResourceKind.CREW: "crw"}


class AllocationKind(StrEnum):
    """Why a resource is occupied."""

    USE = "use"
    BLOCK = "block"


class AllocationState(StrEnum):
    """Held and confirmed block; the others are history."""

    HELD = "held"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class BookingState(StrEnum):
    """The life of a booking."""

    HELD = "held"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    DONE = "done"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


NEXT: dict[BookingState, frozenset[BookingState]] = {
    BookingState.HELD: frozenset(
        {BookingState.CONFIRMED, BookingState.EXPIRED, BookingState.CANCELLED}
    ),
    BookingState.CONFIRMED: frozenset(
        {
            BookingState.CHECKED_IN,
            BookingState.DONE,
            BookingState.CANCELLED,
            BookingState.NO_SHOW,
        }
    ),
    BookingState.CHECKED_IN: frozenset({BookingState.DONE}),
    BookingState.DONE: frozenset(),
    BookingState.EXPIRED: frozenset(),
    BookingState.CANCELLED: frozenset(),
    BookingState.NO_SHOW: frozenset(),
}


def before(state: BookingState) -> list[BookingState]:
    """The states from which ``state`` can be reached."""
    return [old for old, reachable in NEXT.items() if state in reachable]


def refusal(starts_at: datetime, ends_at: datetime, *, now: datetime) -> str | None:
    """Why nobody may book this period, or nothing if they may."""
    if ends_at <= starts_at:
        return "empty"
    if starts_at < now - WALK_IN:
        return "past"
    if ends_at - starts_at < SHORTEST:
        return "too short"
    if ends_at - starts_at > LONGEST:
        return "too long"
    if starts_at > now + FARTHEST:
        return "too far ahead"
    return None


def may_check_in(starts_at: datetime, ends_at: datetime, *, now: datetime) -> bool:
    """From an hour before the slot until its end."""
    return starts_at - CHECK_IN_BEFORE <= now < ends_at


def day_of(now: datetime) -> date:
    """The day it is in the centre."""
    return now.astimezone(BEIJING).date()


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """When a day begins and ends in the centre."""
    start = datetime.combine(day, time(), BEIJING)
    end = datetime.combine(day + timedelta(days=1), time(), BEIJING)
    return start, end
