"""Studios over HTTP."""

from datetime import date, timedelta

from pydantic import AwareDatetime

from livecommerce.kernel.page import BadCursor
from livecommerce.studios import actions, queries, rules
from livecommerce.studios.errors import (
    BadPeriod,
    LiveHasBegun,
    NoSuchBooking,
    NoSuchResource,
    NotTheHour,
    SlotTaken,
    TooFewExist,
    WrongBookingState,
)
from livecommerce.studios.rules import ResourceKind
from livecommerce.studios.wire import (
    BookingOut,
    BookSlot,
    GapOut,
    MoveSlot,
    ResourceOut,
    RosterOut,
)
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member, staff
from livecommerce.web.wire import PageOut

_BOOKERS = member(*actions.BOOKERS) | staff(*actions.SCHEDULERS)
_INSIDERS = member() | staff()
_TAGS = ("studios",)


@route("GET", "/v1/studios", may=_INSIDERS, tags=_TAGS)
async def resources(call: Call, kind: ResourceKind | None = None) -> list[ResourceOut]:
    """Studios, equipment and crew that can be booked."""
    return await queries.resources(call.tx, kind)


@route("GET", "/v1/availability", may=_INSIDERS, errors=(BadPeriod,), tags=_TAGS)
async def availability(
    call: Call,
    starts_at: AwareDatetime,
    ends_at: AwareDatetime,
    minutes: int = 60,
    kind: ResourceKind = ResourceKind.STUDIO,
) -> list[GapOut]:
    """When resources of a kind are open and free for at least so many minutes."""
    return await queries.availability(
        call.tx,
        starts_at=starts_at,
        ends_at=ends_at,
        at_least=timedelta(minutes=min(max(minutes, 0), 24 * 60)),
        kind=kind,
        now=call.now,
    )


@route("GET", "/v1/roster", may=_INSIDERS, tags=_TAGS)
async def roster(call: Call, day: date | None = None) -> RosterOut:
    """A day of the centre (today, if none is named): who occupies what."""
    return await queries.roster(call.tx, day or rules.day_of(call.now), who=call.who)


@route(
    "POST",
    "/v1/bookings",
    status=201,
    may=_BOOKERS,
    errors=(SlotTaken, BadPeriod, NoSuchResource, TooFewExist),
    tags=_TAGS,
)
async def book(call: Call, body: BookSlot) -> BookingOut:
    """Book a studio with equipment and crew: whole, or not at all."""
    return await actions.book(call.tx, body, by=call.who, now=call.now)


@route("GET", "/v1/bookings", may=_INSIDERS, errors=(BadCursor,), tags=_TAGS)
async def bookings(
    call: Call, merchant: str | None = None, cursor: str | None = None
) -> PageOut[BookingOut]:
    """Bookings, the latest first."""
    return await queries.bookings(call.tx, who=call.who, merchant=merchant, cursor=cursor)


@route("GET", "/v1/bookings/{booking}", may=_INSIDERS, errors=(NoSuchBooking,), tags=_TAGS)
async def booking(call: Call, booking: str) -> BookingOut:
    """One booking with all it takes."""
    return await queries.booking_for(call.tx, booking, who=call.who)


@route(
    "PATCH",
    "/v1/bookings/{booking}",
    may=_BOOKERS,
    errors=(
        *(NoSuchBooking, WrongBookingState, LiveHasBegun),
        *(SlotTaken, BadPeriod, NoSuchResource),
    ),
    tags=_TAGS,
)
async def move(call: Call, booking: str, body: MoveSlot) -> BookingOut:
    """Move a booking to another time or studio; it stays as it was if that is taken."""
    return await actions.move(call.tx, booking, body, by=call.who, now=call.now)


@route(
    "POST",
    "/v1/bookings/{booking}/confirm",
    may=_BOOKERS,
    errors=(NoSuchBooking, WrongBookingState),
    tags=_TAGS,
)
async def confirm(call: Call, booking: str) -> BookingOut:
    """Make a pencilled booking firm."""
    return await actions.confirm(call.tx, booking, by=call.who, now=call.now)


@route(
    "POST",
    "/v1/bookings/{booking}/check-in",
    may=_BOOKERS,
    errors=(NoSuchBooking, WrongBookingState, NotTheHour),
    tags=_TAGS,
)
async def check_in(call: Call, booking: str) -> BookingOut:
    """Check in at the studio, from an hour before the slot until its end."""
    return await actions.check_in(call.tx, booking, by=call.who, now=call.now)


@route(
    "DELETE",
    "/v1/bookings/{booking}",
    status=204,
    may=_BOOKERS,
    errors=(NoSuchBooking, WrongBookingState, LiveHasBegun),
    tags=_TAGS,
)
async def cancel(call: Call, booking: str) -> None:
    """Cancel a booking; everything it took is free again."""
    await actions.cancel(call.tx, booking, by=call.who, now=call.now)


ROUTES = [
    resources,
    availability,
    roster,
    book,
    bookings,
    booking,
    move,
    confirm,
    check_in,
    cancel,
]
