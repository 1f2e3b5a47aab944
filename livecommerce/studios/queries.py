"""Reads of resources, bookings and the roster."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlmodel import col

from livecommerce.identity import queries as people
from livecommerce.kernel.clock import BEIJING, in_utc
from livecommerce.kernel.db import Tx
from livecommerce.kernel.page import Cursor
from livecommerce.studios import inventory, rules
from livecommerce.studios.errors import BadPeriod, NoSuchBooking
from livecommerce.studios.rules import AllocationState, BookingState, ResourceKind
from livecommerce.studios.tables import Allocation, Booking, Resource, ResourceClass
from livecommerce.studios.wire import (
    BookingOut,
    GapOut,
    PeriodOut,
    ResourceOut,
    RosterEntryOut,
    RosterOut,
    RosterRowOut,
    TakenOut,
)
from livecommerce.web.principal import Principal
from livecommerce.web.wire import Both, PageOut

_BLOCKING = (AllocationState.HELD, AllocationState.CONFIRMED)
_PAGE = 50

_OPEN = sa.text(
    """
    SELECT r.id, lower(g) AS starts_at, upper(g) AS ends_at
      FROM commerce.resource r JOIN commerce.resource_class c ON c.key = r.class_key,
           LATERAL (SELECT tstzrange(:from, :to, '[)') AS s) AS day,
           LATERAL unnest(CASE WHEN c.always_open THEN tstzmultirange(s) ELSE
             (SELECT range_agg(o.during * s) FROM commerce.opening o
               WHERE o.resource_id = r.id AND o.during && s) END) AS g
     WHERE r.retired_at IS NULL ORDER BY r.id, lower(g)
    """
)


async def resources(tx: Tx, kind: ResourceKind | None = None) -> list[ResourceOut]:
    """Everything that can be booked, in the order the centre lists it."""
    query = (
        sa.select(Resource, ResourceClass)
        .join(ResourceClass, col(ResourceClass.key) == col(Resource.class_key))
        .where(col(Resource.retired_at).is_(None))
        .order_by(col(ResourceClass.position), col(Resource.position), col(Resource.id))
    )
    if kind is not None:
        query = query.where(col(Resource.kind) == kind)
    return [_resource_out(row, of) for row, of in (await tx.execute(query)).all()]


async def availability(
    tx: Tx,
    *,
    starts_at: datetime,
    ends_at: datetime,
    at_least: timedelta,
    kind: ResourceKind,
    now: datetime,
) -> list[GapOut]:
    """When each resource of the kind is open and free, from now on.

    Raises:
        BadPeriod: the period is empty, over, or longer than a month.
    """
    start, end = max(in_utc(starts_at), now), in_utc(ends_at)
    if end <= start:
        raise BadPeriod(reason="past" if end <= now else "empty")
    if end - start > rules.SEARCHED:
        raise BadPeriod(reason="too long", most_days=rules.SEARCHED.days)
    names = {row.id: row.name for row in await resources(tx, kind)}
    free = await inventory.free_time(tx, names, start, end, at_least=at_least)
    return [
        GapOut(resource=resource, name=name, starts_at=lo, ends_at=hi)
        for resource, name in names.items()
        for lo, hi in free.get(resource, ())
    ]


async def booking(tx: Tx, booking_id: str, *, held_still: bool = False) -> BookingOut:
    """The booking, whoever asks.

    Args:
        held_still: nobody moves or cancels it until the transaction ends.

    Raises:
        NoSuchBooking: there is none.
    """
    lock = {"read": True} if held_still else None
    row = await tx.get(Booking, booking_id, with_for_update=lock, populate_existing=held_still)
    if row is None:
        raise NoSuchBooking(booking=booking_id)
    return (await _booking_outs(tx, [row]))[0]


async def stands(tx: Tx, booking_id: str) -> bool:
    """Whether the booking is firm and not over: what happens in its slot is its merchant's."""
    state = sa.select(col(Booking.state)).where(col(Booking.id) == booking_id)
    firm = {BookingState.CONFIRMED, BookingState.CHECKED_IN}
    return (await tx.execute(state)).scalar_one_or_none() in firm


async def booking_for(tx: Tx, booking_id: str, *, who: Principal) -> BookingOut:
    """The booking, if it is the caller's merchant's or the caller is staff.

    Raises:
        NoSuchBooking: there is none, or it is somebody else's.
    """
    found = await booking(tx, booking_id)
    if not who.is_staff() and not who.member_of(found.merchant):
        raise NoSuchBooking(booking=booking_id)
    return found


async def bookings(
    tx: Tx, *, who: Principal, merchant: str | None, cursor: str | None
) -> PageOut[BookingOut]:
    """Bookings, the latest first: of one merchant, or of all that the caller may see.

    Raises:
        NotYours: the merchant is somebody else's.
    """
    query = sa.select(Booking).order_by(col(Booking.starts_at).desc(), col(Booking.id).desc())
    if merchant is not None:
        if not who.is_staff():
            who.must_act_for(merchant)
        query = query.where(col(Booking.merchant_id) == merchant)
    elif not who.is_staff():
        query = query.where(col(Booking.merchant_id).in_(sorted(who.memberships)))
    if cursor is not None:
        seen = Cursor.decode(cursor)
        after = sa.tuple_(col(Booking.starts_at), col(Booking.id)) < (seen.at, seen.id)
        query = query.where(after)
    rows = list((await tx.execute(query.limit(_PAGE + 1))).scalars())
    shown = rows[:_PAGE]
    more = Cursor(shown[-1].starts_at, shown[-1].id).encode() if len(rows) > _PAGE else None
    return PageOut[BookingOut](items=await _booking_outs(tx, shown), next_cursor=more)


async def roster(tx: Tx, day: date, *, who: Principal) -> RosterOut:
    """Who occupies what on a day. Merchants see of others only that something is taken."""
    start, end = rules.bounds_of(day)
    entries = await _entries(tx, start, end, who)
    open_: dict[str, list[PeriodOut]] = {}
    for row in (await tx.execute(_OPEN, {"from": start, "to": end})).all():
        period = PeriodOut(starts_at=row.starts_at, ends_at=row.ends_at)
        open_.setdefault(row.id, []).append(period)
    rows = [
        RosterRowOut(resource=r, open=open_.get(r.id, []), taken=entries.get(r.id, []))
        for r in await resources(tx)
    ]
    return RosterOut(
        day=day, zone=str(BEIJING), starts_at=in_utc(start), ends_at=in_utc(end), rows=rows
    )


async def _entries(
    tx: Tx, start: datetime, end: datetime, who: Principal
) -> dict[str, list[RosterEntryOut]]:
    span = Range(start, end, bounds="[)")
    query = (
        sa.select(Allocation, Booking)
        .outerjoin(Booking, col(Booking.id) == col(Allocation.booking_id))
        .where(col(Allocation.status).in_(_BLOCKING), col(Allocation.during).op("&&")(span))
        .order_by(sa.func.lower(col(Allocation.during)))
    )
    found = (await tx.execute(query)).all()
    names = await people.merchant_names(tx, {b.merchant_id for _, b in found if b is not None})
    entries: dict[str, list[RosterEntryOut]] = {}
    for allocation, of in found:
        mine = of if of is not None and _may_see(who, of.merchant_id) else None
        entry = RosterEntryOut(
            kind=allocation.kind,
            during=_period(allocation.during),
            on_air=_period(allocation.on_air) if mine is not None else None,
            booking=mine.id if mine is not None else None,
            merchant=mine.merchant_id if mine is not None else None,
            merchant_name=Both(**names[mine.merchant_id]) if mine is not None else None,
            title=Both(**mine.title) if mine is not None and mine.title else None,
            state=mine.state if mine is not None else None,
        )
        entries.setdefault(allocation.resource_id, []).append(entry)
    return entries


def _may_see(who: Principal, merchant: str) -> bool:
    return who.is_staff() or who.member_of(merchant)


async def _booking_outs(tx: Tx, rows: Sequence[Booking]) -> list[BookingOut]:
    wanted = [row.id for row in rows]
    # What a booking had when it ended is told, too; only what a move replaced is not.
    query = (
        sa.select(Allocation, Resource)
        .join(Resource, col(Resource.id) == col(Allocation.resource_id))
        .where(
            col(Allocation.booking_id).in_(wanted),
            col(Allocation.status) != AllocationState.SUPERSEDED,
        )
        .order_by(col(Resource.kind).desc(), col(Resource.class_key), col(Resource.position))
    )
    taken: dict[str, list[TakenOut]] = {row.id: [] for row in rows}
    for allocation, resource in (await tx.execute(query)).all():
        taken[str(allocation.booking_id)].append(
            TakenOut(
                id=resource.id,
                kind=resource.kind,
                class_key=resource.class_key,
                name=Both(**resource.name),
                during=_period(allocation.during),
            )
        )
    names = await people.merchant_names(tx, {row.merchant_id for row in rows})
    return [_booking_out(row, names[row.merchant_id], taken[row.id]) for row in rows]


def _booking_out(row: Booking, name: dict[str, str], taken: list[TakenOut]) -> BookingOut:
    return BookingOut(
        id=row.id,
        merchant=row.merchant_id,
        merchant_name=Both(**name),
        title=Both(**row.title) if row.title else None,
        note=row.note,
        state=row.state,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        studio=next(t.id for t in taken if t.kind is ResourceKind.STUDIO),
        resources=taken,
        booked_by=row.booked_by,
        booked_at=row.booked_at,
        expires_at=row.expires_at if row.state is BookingState.HELD else None,
        checked_in_at=row.checked_in_at,
        ended_at=row.ended_at,
    )


def _resource_out(row: Resource, of: ResourceClass) -> ResourceOut:
    return ResourceOut(
        id=row.id,
        slug=row.slug,
        kind=row.kind,
        class_key=row.class_key,
        class_name=Both(**of.name),
        name=Both(**row.name),
        description=Both(**row.description),
        attributes=row.attributes,
        picture=row.picture,
        set_up_minutes=of.set_up_minutes,
        tear_down_minutes=of.tear_down_minutes,
    )


def _period(of: Any) -> PeriodOut:
    return PeriodOut(starts_at=in_utc(of.lower), ends_at=in_utc(of.upper))
