"""What people can do with slots: book, move, confirm, check in, cancel, free."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range, insert
from sqlmodel import col

from livecommerce.identity import queries as people
from livecommerce.identity.audit import audit
from livecommerce.kernel import ids
from livecommerce.kernel.clock import Period
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.studios import inventory, queries, rules, taking
from livecommerce.studios.errors import (
    BadPeriod,
    LiveHasBegun,
    NoSuchBooking,
    NotTheHour,
    WrongBookingState,
)
from livecommerce.studios.events import (
    BookingCancelled,
    BookingCheckedIn,
    BookingConfirmed,
    BookingMade,
    BookingMoved,
    PencilRanOut,
    SlotFreed,
)
from livecommerce.studios.rules import AllocationState, BookingState, ResourceKind
from livecommerce.studios.tables import Allocation, Booking, Opening, Resource, ResourceClass
from livecommerce.studios.taking import Slot
from livecommerce.studios.wire import BookingOut, BookSlot, MoveSlot
from livecommerce.web.principal import MerchantRole, Principal, StaffRole
from streams.ingest import actions as ingest
from streams.sessions import actions as sessions
from streams.sessions import queries as live_sessions
from streams.sessions.errors import WrongLiveState

BOOKERS = (MerchantRole.OWNER, MerchantRole.HOST, MerchantRole.ASSISTANT)
SCHEDULERS = (StaffRole.SCHEDULER, StaffRole.OPERATOR)
_BLOCKING = (AllocationState.HELD, AllocationState.CONFIRMED)

# A live session that ends early gives back what it no longer needs; packing up still does.
_SHORTEN = sa.text(
    """
    UPDATE commerce.allocation a
       SET during = CASE WHEN freed.from_ > lower(a.during)
                    THEN tstzrange(lower(a.during), freed.from_, '[)') ELSE a.during END,
           status = CASE WHEN freed.from_ > lower(a.during) THEN a.status ELSE 'cancelled' END
      FROM (SELECT r.id, CAST(:at AS timestamptz)
                   + c.tear_down_minutes * interval '1 minute' AS from_
              FROM commerce.resource r JOIN commerce.resource_class c ON c.key = r.class_key
           ) AS freed
     WHERE a.booking_id = :booking AND a.status = 'confirmed'
       AND freed.id = a.resource_id AND freed.from_ < upper(a.during)
    RETURNING a.resource_id
    """
)


async def book(tx: Tx, want: BookSlot, *, by: Principal, now: datetime) -> BookingOut:
    """Take a studio with equipment and crew, whole; or in pencil, for two hours.

    Raises:
        NotYours, NotAllowed: the caller may not book for this merchant.
        BadPeriod: empty, past, too short, too long or too far ahead.
        NoSuchResource, TooFewExist: the wish names what the centre does not have.
        SlotTaken: with blockers and the nearest alternatives.
    """
    if not by.is_staff(*SCHEDULERS):
        by.must_act_for(want.merchant, *BOOKERS)
    await people.seller(tx, want.merchant)
    _must_be_bookable(want.starts_at, want.ends_at, now)
    stock = await inventory.read(tx)
    wanted = stock.understand(want.studio, want.equipment, want.crew)
    state = BookingState.HELD if want.pencil else BookingState.CONFIRMED
    expires_at = now + rules.PENCILLED_FOR if want.pencil else None
    row = Booking(
        id=ids.new("bkg"),
        merchant_id=want.merchant,
        state=state,
        title=want.title.model_dump() if want.title is not None else None,
        note=want.note,
        starts_at=want.starts_at,
        ends_at=want.ends_at,
        booked_by=by.id,
        booked_at=now,
        expires_at=expires_at,
    )
    tx.add(row)
    await tx.flush()
    status = AllocationState.HELD if want.pencil else AllocationState.CONFIRMED
    slot = Slot(row.id, wanted, want.starts_at, want.ends_at, status)
    taken = [span.resource for span in await taking.take(tx, stock, slot, now=now)]
    made = BookingMade(
        booking=row.id,
        merchant=want.merchant,
        state=state,
        starts_at=want.starts_at,
        ends_at=want.ends_at,
        resources=taken,
        expires_at=expires_at,
    )
    await emit(tx, made)
    if expires_at is not None:
        await emit(tx, PencilRanOut(booking=row.id), at=expires_at)
    await _audit(tx, row, by, "book", now)
    return await queries.booking(tx, row.id)


async def move(
    tx: Tx, booking_id: str, want: MoveSlot, *, by: Principal, now: datetime
) -> BookingOut:
    """Give the booking another time, or another studio; everything else comes along, its
    live session and the stream key for it too.

    Raises:
        NoSuchBooking, NotAllowed: not there, not the caller's, or not in their role.
        WrongBookingState: the people are in already, or it is over.
        LiveHasBegun: its live session is on air, or was.
        BadPeriod, NoSuchResource, SlotTaken: as for :func:`book`; it stays as it was.
    """
    row = await _mine(tx, booking_id, by)
    if row.state not in {BookingState.HELD, BookingState.CONFIRMED}:
        raise WrongBookingState(booking=row.id, state=row.state)
    _must_be_bookable(want.starts_at, want.ends_at, now)
    current = {
        kind: [resource for resource, of in await _taken_now(tx, row.id) if of is kind]
        for kind in ResourceKind
    }
    stock = await inventory.read(tx)
    wanted = stock.understand(
        want.studio or current[ResourceKind.STUDIO][0],
        current[ResourceKind.EQUIPMENT],
        current[ResourceKind.CREW],
    )
    held = row.state is BookingState.HELD
    status = AllocationState.HELD if held else AllocationState.CONFIRMED
    slot = Slot(row.id, wanted, want.starts_at, want.ends_at, status)
    before = [resource for of_kind in current.values() for resource in of_kind]
    taken = [s.resource for s in await taking.retake(tx, stock, slot, before, now=now)]
    row.starts_at, row.ends_at = want.starts_at, want.ends_at
    await tx.flush()
    await _move_live(tx, row, now)
    moved = BookingMoved(
        booking=row.id,
        merchant=row.merchant_id,
        starts_at=want.starts_at,
        ends_at=want.ends_at,
        resources=taken,
    )
    await emit(tx, moved)
    await _audit(tx, row, by, "move", now)
    return await queries.booking(tx, row.id)


async def confirm(tx: Tx, booking_id: str, *, by: Principal, now: datetime) -> BookingOut:
    """Make a pencilled booking firm; confirming twice is the same.

    Raises:
        NoSuchBooking, NotAllowed: not there, not the caller's, or not in their role.
        WrongBookingState: its time ran out, or it was cancelled.
    """
    row = await _mine(tx, booking_id, by)
    lapsed = row.expires_at is not None and row.expires_at <= now
    if row.state is BookingState.HELD and not lapsed:
        row.state, row.expires_at = BookingState.CONFIRMED, None
        await _set_allocations(tx, row.id, AllocationState.CONFIRMED)
        await emit(tx, BookingConfirmed(booking=row.id, merchant=row.merchant_id))
        await _audit(tx, row, by, "confirm", now)
    elif row.state is not BookingState.CONFIRMED:
        raise WrongBookingState(booking=row.id, state=row.state)
    await tx.flush()
    return await queries.booking(tx, row.id)


async def check_in(tx: Tx, booking_id: str, *, by: Principal, now: datetime) -> BookingOut:
    """Record that the merchant's people are in; twice is the same.

    Raises:
        NoSuchBooking, NotAllowed: not there, not the caller's, or not in their role.
        WrongBookingState: it is not a firm booking.
        NotTheHour: more than an hour early, or after the end.
    """
    row = await _mine(tx, booking_id, by)
    if row.state is BookingState.CONFIRMED:
        if not rules.may_check_in(row.starts_at, row.ends_at, now=now):
            raise NotTheHour(booking=row.id, starts_at=row.starts_at.isoformat())
        row.state, row.checked_in_at = BookingState.CHECKED_IN, now
        await tx.flush()
        checked = BookingCheckedIn(booking=row.id, merchant=row.merchant_id, at=now)
        await emit(tx, checked)
        await _audit(tx, row, by, "check_in", now)
    elif row.state is not BookingState.CHECKED_IN:
        raise WrongBookingState(booking=row.id, state=row.state)
    return await queries.booking(tx, row.id)


async def cancel(tx: Tx, booking_id: str, *, by: Principal, now: datetime) -> None:
    """Give everything back, and cancel the live session that was to be in it; cancelling
    twice is the same.

    Raises:
        NoSuchBooking, NotAllowed: not there, not the caller's, or not in their role.
        WrongBookingState: the people are in already, or it is over.
        LiveHasBegun: its live session is on air, or was.
    """
    row = await _mine(tx, booking_id, by)
    if row.state is BookingState.CANCELLED:
        return
    if BookingState.CANCELLED not in rules.NEXT[row.state]:
        raise WrongBookingState(booking=row.id, state=row.state)
    row.state = BookingState.CANCELLED
    await tx.flush()
    await _cancel_live(tx, row, now)
    await _set_allocations(tx, row.id, AllocationState.CANCELLED)
    cancelled = BookingCancelled(
        booking=row.id, merchant=row.merchant_id, starts_at=row.starts_at, ends_at=row.ends_at
    )
    await emit(tx, cancelled)
    await _audit(tx, row, by, "cancel", now)


async def free_the_rest(tx: Tx, booking_id: str, *, at: datetime) -> None:
    """The live session ended at ``at``: what is left of the slot is free again.

    An unknown booking is nobody's slot, and one that is over stays as it is.
    """
    states = rules.before(BookingState.DONE)
    done = (
        sa.update(Booking)
        .where(col(Booking.id) == booking_id, col(Booking.state).in_(states))
        .values(state=BookingState.DONE, ended_at=at)
        .returning(col(Booking.merchant_id))
    )
    merchant = (await tx.execute(done)).scalar_one_or_none()
    if merchant is None:
        return
    freed = await tx.execute(_SHORTEN, {"booking": booking_id, "at": at})
    if freed.all():
        await emit(tx, SlotFreed(booking=booking_id, merchant=merchant, at=at))


async def expire(tx: Tx, booking_id: str, *, now: datetime) -> None:
    """A pencilled booking that nobody confirmed in time gives everything back."""
    expired = (
        sa.update(Booking)
        .where(
            col(Booking.id) == booking_id,
            col(Booking.state) == BookingState.HELD,
            col(Booking.expires_at) <= now,
        )
        .values(state=BookingState.EXPIRED)
        .returning(col(Booking.id))
    )
    if (await tx.execute(expired)).scalar_one_or_none() is not None:
        await _set_allocations(tx, booking_id, AllocationState.EXPIRED)


async def add_class(tx: Tx, **values: Any) -> None:
    """A class of resources, or its new facts if it is known."""
    made = insert(ResourceClass).values(values)
    await tx.execute(made.on_conflict_do_update(index_elements=["key"], set_=values))


async def add_resource(tx: Tx, *, slug: str, kind: ResourceKind, **values: Any) -> str:
    """A resource, or its new facts if the slug is known; its id."""
    new = {"id": ids.new(rules.PREFIX[kind]), "slug": slug, "kind": kind, **values}
    made = insert(Resource).values(new)
    same = made.on_conflict_do_update(index_elements=["slug"], set_=values)
    return str((await tx.execute(same.returning(col(Resource.id)))).scalar_one())


async def open_for(tx: Tx, resource: str, periods: Sequence[tuple[datetime, datetime]]) -> None:
    """Opening hours or shifts; periods that are open already stay as they are."""
    rows = [
        {"resource_id": resource, "during": Range(start, end, bounds="[)")}
        for start, end in periods
    ]
    if rows:
        await tx.execute(insert(Opening).values(rows).on_conflict_do_nothing())


def _must_be_bookable(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    reason = rules.refusal(starts_at, ends_at, now=now)
    if reason is not None:
        raise BadPeriod(reason=reason)


async def _mine(tx: Tx, booking_id: str, by: Principal) -> Booking:
    """The booking, locked, if the caller may change it."""
    row = await tx.get(Booking, booking_id, with_for_update=True)
    if row is None or not (by.is_staff() or by.member_of(row.merchant_id)):
        raise NoSuchBooking(booking=booking_id)
    if not by.is_staff(*SCHEDULERS):
        by.must_act_for(row.merchant_id, *BOOKERS)
    return row


async def _move_live(tx: Tx, row: Booking, now: datetime) -> None:
    """In the booking's transaction: at no moment is a key good in a slot that was left."""
    live = await live_sessions.for_reference(tx, row.id)
    if live is None:
        return
    try:
        await ingest.move(tx, live.id, Period(row.starts_at, row.ends_at), now=now)
    except WrongLiveState as begun:
        raise LiveHasBegun(booking=row.id, **begun.facts) from begun


async def _cancel_live(tx: Tx, row: Booking, now: datetime) -> None:
    """In the booking's transaction: an encoder that comes at the same moment puts the session
    on air before this, which then refuses, or finds it cancelled."""
    live = await live_sessions.for_reference(tx, row.id)
    if live is None:
        return
    try:
        await sessions.cancel(tx, live.id, now=now)
    except WrongLiveState as begun:
        raise LiveHasBegun(booking=row.id, live=live.id, state=begun.facts["state"]) from begun


async def _taken_now(tx: Tx, booking_id: str) -> list[tuple[str, ResourceKind]]:
    query = (
        sa.select(col(Resource.id), col(Resource.kind))
        .join(Allocation, col(Allocation.resource_id) == col(Resource.id))
        .where(col(Allocation.booking_id) == booking_id, col(Allocation.status).in_(_BLOCKING))
        .order_by(col(Resource.id))
    )
    return [(row.id, row.kind) for row in (await tx.execute(query)).all()]


async def _set_allocations(tx: Tx, booking_id: str, status: AllocationState) -> None:
    changed = (
        sa.update(Allocation)
        .where(col(Allocation.booking_id) == booking_id, col(Allocation.status).in_(_BLOCKING))
        .values(status=status)
    )
    await tx.execute(changed)


async def _audit(tx: Tx, row: Booking, by: Principal, verb: str, now: datetime) -> None:
    action = f"bookings.{verb}"
    await audit(tx, by=by.id, action=action, subject=row.id, now=now, merchant=row.merchant_id)
