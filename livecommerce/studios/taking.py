"""Taking resources: the one place where allocations come into being or change their time.

What is wanted is taken by one INSERT in resource order that gives way to whoever was first;
the exclusion constraint decides. A short count means that somebody else has part of it, and
then nothing is kept. A plain INSERT would deadlock under churn; this one does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx, one_at_a_time
from livecommerce.studios import inventory
from livecommerce.studios.alternatives import FARTHEST, Gaps, Need, free_members, nearest
from livecommerce.studios.errors import SlotTaken
from livecommerce.studios.inventory import FreeTime, Inventory, Wanted
from livecommerce.studios.rules import AllocationState

TRIES = 3  # for "any of a class": the one we picked may be taken while we take it

_TAKE = sa.text(
    """
    INSERT INTO commerce.allocation
           (id, booking_id, resource_id, kind, on_air, during, status)
    SELECT u.id, :booking, u.resource, 'use', tstzrange(:starts_at, :ends_at, '[)'),
           tstzrange(u.lo, u.hi, '[)'), :status
      FROM unnest(CAST(:ids AS text[]), CAST(:resources AS text[]),
                  CAST(:los AS timestamptz[]), CAST(:his AS timestamptz[]))
           AS u(id, resource, lo, hi)
     ORDER BY u.resource
    ON CONFLICT ON CONSTRAINT ex_allocation_no_overlap DO NOTHING
    RETURNING resource_id
    """
)
_EXPIRE_STALE = sa.text(
    """
    WITH stale AS (
      SELECT id FROM commerce.booking b
       WHERE state = 'held' AND expires_at <= :now AND EXISTS (
             SELECT 1 FROM commerce.allocation a
              WHERE a.booking_id = b.id AND a.status = 'held'
                AND a.resource_id = ANY(CAST(:resources AS text[]))
                AND a.during && tstzrange(:from, :to, '[)'))
       ORDER BY id FOR UPDATE),
    gone AS (UPDATE commerce.booking SET state = 'expired'
              WHERE id IN (SELECT id FROM stale))
    UPDATE commerce.allocation SET status = 'expired'
     WHERE status = 'held' AND booking_id IN (SELECT id FROM stale)
    """
)
_SUPERSEDE = sa.text(
    """
    UPDATE commerce.allocation SET status = 'superseded'
     WHERE booking_id = :booking AND resource_id = :resource
       AND status IN ('held', 'confirmed')
    """
)
_BLOCKERS = sa.text(
    """
    SELECT resource_id, lower(during) AS starts_at, upper(during) AS ends_at
      FROM commerce.allocation a
      JOIN unnest(CAST(:resources AS text[]), CAST(:los AS timestamptz[]),
                  CAST(:his AS timestamptz[])) AS u(resource, lo, hi)
        ON a.resource_id = u.resource AND a.during && tstzrange(u.lo, u.hi, '[)')
     WHERE a.status IN ('held', 'confirmed')
       AND a.booking_id IS DISTINCT FROM CAST(:apart_from AS text)
     ORDER BY resource_id, lower(during)
    """
)


@dataclass(frozen=True, slots=True)
class Span:
    """One resource and how long it is occupied, set-up and tear-down included."""

    resource: str
    lo: datetime
    hi: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """What is to be taken, when, and for which booking."""

    booking: str
    wanted: Wanted
    starts_at: datetime
    ends_at: datetime
    status: AllocationState


class _Short(Exception):
    """Somebody was faster with part of it."""


async def take(tx: Tx, stock: Inventory, slot: Slot, *, now: datetime) -> list[Span]:
    """Occupy everything wanted, or nothing.

    Raises:
        SlotTaken: with what is in the way, and the nearest slots that would work.
    """
    needs = [stock.studio_need(slot.wanted), *stock.needs(slot.wanted)]
    await _expire_stale(tx, stock, slot, needs, now)
    for _ in range(TRIES):
        spans = await _pick(tx, stock, slot, needs)
        if spans is None:
            break
        try:
            async with tx.begin_nested():
                if await _insert(tx, slot, spans) < len(spans):
                    raise _Short
        except _Short:
            continue
        return spans
    raise await _refused(tx, stock, slot, needs, now=now)


async def retake(
    tx: Tx, stock: Inventory, slot: Slot, current: Sequence[str], *, now: datetime
) -> list[Span]:
    """Give up the booking's present allocations for those of ``slot``, or keep them.

    Moves wait for each other by resource, in order; and each resource is given up and taken
    again before the next is touched, so that moves and bookings take locks in one order.

    Raises:
        SlotTaken: as for :func:`take`.
    """
    needs = [stock.studio_need(slot.wanted), *stock.needs(slot.wanted)]
    everyone = {resource for need in needs for resource in need.among}
    for resource in sorted(everyone.union(current)):
        await one_at_a_time(tx, f"studios.move:{resource}")
    await _expire_stale(tx, stock, slot, needs, now)
    spans = await _pick(tx, stock, slot, needs, apart_from=slot.booking)
    if spans is not None:
        wished = {span.resource: span for span in spans}
        try:
            async with tx.begin_nested():
                for resource in sorted({*current, *wished}):
                    old = {"booking": slot.booking, "resource": resource}
                    await tx.execute(_SUPERSEDE, old)
                    if resource in wished and not await _insert(tx, slot, [wished[resource]]):
                        raise _Short
        except _Short:
            pass  # told below, with what is in the way
        else:
            return spans
    raise await _refused(tx, stock, slot, needs, now=now, apart_from=slot.booking)


async def _pick(
    tx: Tx,
    stock: Inventory,
    slot: Slot,
    needs: Sequence[Need],
    *,
    apart_from: str | None = None,
) -> list[Span] | None:
    """Who is free for it now, the first in the centre's order; nothing if not enough are."""
    gaps = await _gaps(tx, slot, needs, timedelta(), apart_from)
    picked: list[str] = []
    for need in needs:
        free = free_members(need, gaps, slot.starts_at, slot.ends_at)
        if len(free) < need.count:
            return None
        picked.extend(free[: need.count])
    return [_span(stock, resource, slot) for resource in sorted(picked)]


async def _insert(tx: Tx, slot: Slot, spans: Sequence[Span]) -> int:
    values = {
        "booking": slot.booking,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "status": slot.status.value,
        "ids": [ids.new("alc") for _ in spans],
        "resources": [span.resource for span in spans],
        "los": [span.lo for span in spans],
        "his": [span.hi for span in spans],
    }
    return len((await tx.execute(_TAKE, values)).all())


async def _expire_stale(
    tx: Tx, stock: Inventory, slot: Slot, needs: Sequence[Need], now: datetime
) -> None:
    """Clear away pencilled bookings in the way whose time is over."""
    spans = [_span(stock, resource, slot) for need in needs for resource in need.among]
    values = {
        "resources": [span.resource for span in spans],
        "from": min(span.lo for span in spans),
        "to": max(span.hi for span in spans),
        "now": now,
    }
    await tx.execute(_EXPIRE_STALE, values)


async def _refused(
    tx: Tx,
    stock: Inventory,
    slot: Slot,
    needs: Sequence[Need],
    *,
    now: datetime,
    apart_from: str | None = None,
) -> SlotTaken:
    """Why not, and when or where instead."""
    studios = stock.studios(slot.wanted)
    all_needs = [*needs, *(studio.need for studio in studios)]
    gaps = await _gaps(tx, slot, all_needs, FARTHEST, apart_from)
    instead = nearest(studios, needs[1:], gaps, slot.starts_at, slot.ends_at, now=now)
    return SlotTaken(
        blockers=await _blockers(tx, stock, slot, needs, gaps, apart_from),
        alternatives=[
            {
                "studio": found.studio,
                "name": stock[found.studio].name,
                "starts_at": found.starts_at.isoformat(),
                "ends_at": found.ends_at.isoformat(),
            }
            for found in instead
        ],
    )


async def _blockers(
    tx: Tx,
    stock: Inventory,
    slot: Slot,
    needs: Sequence[Need],
    gaps: Gaps,
    apart_from: str | None,
) -> list[dict[str, Any]]:
    """What is taken, and until when; never by whom. What is merely closed says so."""
    lacking: dict[str, Span] = {}
    for need in needs:
        free = free_members(need, gaps, slot.starts_at, slot.ends_at)
        if len(free) < need.count:
            lacking |= {r: _span(stock, r, slot) for r in need.among if r not in free}
    values = {
        "resources": list(lacking),
        "los": [span.lo for span in lacking.values()],
        "his": [span.hi for span in lacking.values()],
        "apart_from": apart_from,
    }
    taken = (await tx.execute(_BLOCKERS, values)).all()
    told = [_blocker(stock, r.resource_id, r.starts_at, r.ends_at, "taken") for r in taken]
    for resource in lacking.keys() - {row.resource_id for row in taken}:
        span = lacking[resource]
        told.append(_blocker(stock, resource, span.lo, span.hi, "closed"))
    return told


def _blocker(
    stock: Inventory, resource: str, lo: datetime, hi: datetime, reason: str
) -> dict[str, Any]:
    return {
        "resource": resource,
        "name": stock[resource].name,
        "from": lo.isoformat(),
        "to": hi.isoformat(),
        "reason": reason,
    }


async def _gaps(
    tx: Tx, slot: Slot, needs: Sequence[Need], around: timedelta, apart_from: str | None
) -> FreeTime:
    before = max(need.set_up for need in needs) + around
    after = max(need.tear_down for need in needs) + around
    return await inventory.free_time(
        tx,
        [resource for need in needs for resource in need.among],
        slot.starts_at - before,
        slot.ends_at + after,
        apart_from=apart_from,
    )


def _span(stock: Inventory, resource: str, slot: Slot) -> Span:
    of = stock[resource]
    return Span(resource, slot.starts_at - of.set_up, slot.ends_at + of.tear_down)
