"""What can be done with a live session. Every action may be repeated: the second time it
changes nothing, tells nothing and returns the same row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.clock import Period
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from streams.sessions import events, queries, rules
from streams.sessions.errors import LiveExists, WrongLiveState
from streams.sessions.rules import State
from streams.sessions.tables import LiveSession


async def create(
    tx: Tx,
    *,
    reference: str,
    host_reference: str,
    title: Mapping[str, str],
    period: Period,
    rehearsal: bool = False,
    now: datetime,
) -> LiveSession:
    """A scheduled live session.

    Raises:
        LiveExists: the reference has one already (a cancelled one or a rehearsal is none).
    """
    made = await tx.execute(
        insert(LiveSession)
        .values(
            id=ids.new("liv"),
            reference=reference,
            host_reference=host_reference,
            title=dict(title),
            state=State.SCHEDULED,
            version=1,
            rehearsal=rehearsal,
            starts_at=period.start,
            ends_at=period.end,
            changed_at=now,
        )
        .on_conflict_do_nothing()
        .returning(LiveSession)
    )
    live = made.scalar_one_or_none()
    if live is None:
        there = await queries.for_reference(tx, reference)
        raise LiveExists(live=there.id if there else None)
    await emit(tx, events.LiveScheduled(**_facts(live)))
    return live


async def move(tx: Tx, live: str, slot: Period, *, now: datetime) -> LiveSession:
    """It has another slot. Its state, and so its ``version``, stays as it was.

    Raises:
        NoSuchLive: there is no such live session.
        WrongLiveState: it is on air, or over.
    """
    moved = await tx.execute(
        sa.update(LiveSession)
        .where(col(LiveSession.id) == live, col(LiveSession.state).in_(rules.TO_COME))
        .values(starts_at=slot.start, ends_at=slot.end, changed_at=now)
        .returning(LiveSession)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    row = moved.scalar_one_or_none()
    if row is None:
        row = await queries.get(tx, live)
        raise WrongLiveState(live=live, state=row.state)
    return row


async def clear(
    tx: Tx, live: str, clearance: Mapping[str, Any], *, now: datetime
) -> LiveSession:
    """It may go on air. ``clearance`` says who let it, when and why, and is kept as given."""
    row, moved = await _move(tx, live, State.READY, now, clearance=dict(clearance))
    if moved:
        await emit(tx, events.LiveReady(**_facts(row)))
    return row


async def start(tx: Tx, live: str, *, now: datetime) -> LiveSession:
    """Its picture is there: on air for the first time, or again after an interruption."""
    fresh, back = frozenset({State.READY}), frozenset({State.INTERRUPTED})
    row, first = await _move(
        tx, live, State.LIVE, now, since=fresh, settled=back, started_at=now
    )
    moved = first
    if row.state is State.INTERRUPTED:
        row, moved = await _move(tx, live, State.LIVE, now, since=back)
    if moved:
        await emit(tx, events.LiveStarted(**_facts(row), first=first))
    return row


async def pause(tx: Tx, live: str, *, now: datetime) -> LiveSession:
    """People see the curtain instead of the picture until it is resumed."""
    row, moved = await _move(tx, live, State.PAUSED, now)
    if moved:
        await emit(tx, events.LivePaused(**_facts(row)))
    return row


async def resume(tx: Tx, live: str, *, now: datetime) -> LiveSession:
    """The pause is over."""
    row, moved = await _move(tx, live, State.LIVE, now, since=frozenset({State.PAUSED}))
    if moved:
        await emit(tx, events.LiveResumed(**_facts(row)))
    return row


async def interrupt(tx: Tx, live: str, *, now: datetime) -> LiveSession:
    """Its encoder was lost. The room, the chat and the shelf stay as they are."""
    row, moved = await _move(tx, live, State.INTERRUPTED, now)
    if moved:
        await emit(tx, events.LiveInterrupted(**_facts(row)))
    return row


async def end(tx: Tx, live: str, *, now: datetime) -> LiveSession:
    """It is over. Ending what is archived already changes nothing."""
    row, moved = await _move(
        tx, live, State.ENDED, now, settled=frozenset({State.ARCHIVED}), ended_at=now
    )
    if moved:
        await emit(tx, events.LiveEnded(**_facts(row)))
    return row


async def archive(tx: Tx, live: str, *, now: datetime) -> LiveSession:
    """Its recording is complete."""
    row, moved = await _move(tx, live, State.ARCHIVED, now)
    if moved:
        await emit(tx, events.LiveArchived(**_facts(row)))
    return row


async def cancel(tx: Tx, live: str, *, now: datetime) -> LiveSession:
    """It will not take place; its reference is free for another."""
    row, moved = await _move(tx, live, State.CANCELLED, now)
    if moved:
        await emit(tx, events.LiveCancelled(**_facts(row)))
    return row


async def _move(
    tx: Tx,
    live: str,
    target: State,
    now: datetime,
    *,
    since: frozenset[State] | None = None,
    settled: frozenset[State] = frozenset(),
    **changes: Any,
) -> tuple[LiveSession, bool]:
    """Enter ``target`` by one guarded statement; says whether this call did it.

    Raises:
        NoSuchLive: there is no such live session.
        WrongLiveState: it is in none of the states before ``target``, nor in it.
    """
    moved = await tx.execute(
        sa.update(LiveSession)
        .where(
            col(LiveSession.id) == live,
            col(LiveSession.state).in_(rules.before(target) if since is None else since),
        )
        .values(state=target, version=LiveSession.version + 1, changed_at=now, **changes)
        .returning(LiveSession)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    row = moved.scalar_one_or_none()
    if row is not None:
        return row, True
    row = await queries.get(tx, live)
    if row.state is target or row.state in settled:
        return row, False
    raise WrongLiveState(live=live, state=row.state, wanted=target)


def _facts(row: LiveSession) -> dict[str, Any]:
    return {
        "live": row.id,
        "state": row.state,
        "version": row.version,
        "at": row.changed_at,
        "host_reference": row.host_reference,
        "reference": row.reference,
        "rehearsal": row.rehearsal,
    }
