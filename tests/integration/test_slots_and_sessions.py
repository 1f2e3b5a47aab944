"""A live session goes where its booking goes, and nowhere without it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import pytest
import sqlalchemy as sa

from livecommerce.kernel.clock import Period
from livecommerce.kernel.db import Database
from livecommerce.live import actions as live_actions
from livecommerce.live.errors import OutsideSlot
from livecommerce.live.wire import MakeLive
from livecommerce.studios import actions, queries
from livecommerce.studios.errors import LiveHasBegun
from livecommerce.studios.rules import BookingState
from livecommerce.studios.wire import BookingOut, MoveSlot
from livecommerce.web.wire import Both
from streams.ingest import actions as ingest
from streams.ingest import queries as ingested
from streams.ingest import rules
from streams.ingest.rules import Reason
from streams.media.port import PublishAttempt, Publisher
from streams.sessions import actions as sessions
from streams.sessions import queries as live_sessions
from streams.sessions.rules import State
from tests.booking_centre import Centre, H, open_centre

WANT = Both(zh="专场", en="Show")


@dataclass
class Slot:
    """A booking whose live session is ready, with a key."""

    centre: Centre
    booking: BookingOut
    live: str
    key: str

    async def publish(self, at: datetime) -> ingest.Decision:
        """The encoder comes with the key."""
        who = Publisher("nginx", "e1", "1")
        attempt = PublishAttempt(who, "live", self.live, query={"key": self.key})
        return await self.centre.db.run(
            lambda tx: ingest.decide(tx, attempt, stands=queries.stands, now=at)
        )

    async def state(self) -> State:
        async with self.centre.db.begin() as tx:
            return (await live_sessions.get(tx, self.live)).state


@pytest.fixture
async def slot(db: Database, now: datetime) -> Slot:
    centre = await open_centre(db, now)
    booking = await centre.book()
    want = MakeLive(booking=booking.id, title=WANT)
    live = (await centre.do(live_actions.make, want)).id
    async with db.begin() as tx:
        session = await sessions.clear(tx, live, {"by": "test"}, now=now)
        issued = await ingest.issue_key(tx, live, valid=rules.window(session.slot), now=now)
    return Slot(centre, booking, live, issued.key)


async def test_a_cancelled_booking_has_no_session_and_no_key(slot: Slot) -> None:
    await slot.centre.do(actions.cancel, slot.booking.id)
    await slot.centre.do(actions.cancel, slot.booking.id)
    assert await slot.state() is State.CANCELLED
    assert (await slot.publish(slot.booking.starts_at)).reason is Reason.OVER


async def test_what_is_on_air_is_ended_not_cancelled_or_moved(slot: Slot) -> None:
    assert (await slot.publish(slot.booking.starts_at)).allowed
    later = MoveSlot(starts_at=slot.centre.now + 6 * H, ends_at=slot.centre.now + 8 * H)
    for refused in (
        slot.centre.do(actions.cancel, slot.booking.id),
        slot.centre.do(actions.move, slot.booking.id, later),
    ):
        with pytest.raises(LiveHasBegun):
            await refused
    async with slot.centre.db.begin() as tx:
        assert await queries.booking(tx, slot.booking.id) == slot.booking
    assert await slot.state() is State.LIVE


async def test_the_encoder_and_the_cancellation_at_once_one_of_them_wins(slot: Slot) -> None:
    answer, decision = await asyncio.gather(
        slot.centre.do(actions.cancel, slot.booking.id),
        slot.publish(slot.booking.starts_at),
        return_exceptions=True,
    )
    assert isinstance(decision, ingest.Decision)
    async with slot.centre.db.begin() as tx:
        booking = await queries.booking(tx, slot.booking.id)
    assert decision.allowed == isinstance(answer, LiveHasBegun)
    assert decision.allowed == (booking.state is BookingState.CONFIRMED)
    assert await slot.state() is (State.LIVE if decision.allowed else State.CANCELLED)


async def test_session_and_key_move_with_the_booking(slot: Slot) -> None:
    later = MoveSlot(starts_at=slot.centre.now + 26 * H, ends_at=slot.centre.now + 28 * H)
    await slot.centre.do(actions.move, slot.booking.id, later)
    async with slot.centre.db.begin() as tx:
        session = await live_sessions.get(tx, slot.live)
        row = await ingested.of_live(tx, slot.live)
    assert (session.starts_at, session.ends_at) == (later.starts_at, later.ends_at)
    assert row is not None
    assert row.valid == rules.window(session.slot)
    assert (await slot.publish(slot.booking.starts_at)).reason is Reason.EARLY
    assert (await slot.publish(later.starts_at)).allowed


async def test_a_key_whose_booking_does_not_stand_is_refused(slot: Slot) -> None:
    """Whatever became of the booking, and whoever forgot the session."""
    gone = sa.text("UPDATE commerce.booking SET state = 'no_show' WHERE id = :id")
    async with slot.centre.db.begin() as tx:
        await tx.execute(gone, {"id": slot.booking.id})
    assert (await slot.publish(slot.booking.starts_at)).reason is Reason.NO_SLOT
    assert await slot.state() is State.READY
    async with slot.centre.db.begin() as tx:
        row = await ingested.of_live(tx, slot.live)
        assert row is not None
        assert row.refusal is Reason.NO_SLOT


async def test_no_session_is_made_for_what_is_being_cancelled(
    db: Database, now: datetime
) -> None:
    centre = await open_centre(db, now)
    booking = await centre.book()
    want = MakeLive(booking=booking.id, title=WANT)
    made, cancelled = await asyncio.gather(
        centre.do(live_actions.make, want),
        centre.do(actions.cancel, booking.id),
        return_exceptions=True,
    )
    assert cancelled is None
    async with db.begin() as tx:
        assert await live_sessions.for_reference(tx, booking.id) is None
    assert not isinstance(made, BaseException) or isinstance(made, OutsideSlot)


async def test_twin_that_does_not_hold_the_booking_still_leaves_a_session_behind(
    db: Database, now: datetime
) -> None:
    """Look at the booking, then make the session: a cancellation slips in between."""
    centre = await open_centre(db, now)
    booking = await centre.book()
    async with db.begin() as tx:
        seen = await queries.booking(tx, booking.id)
        assert seen.state is BookingState.CONFIRMED
        await centre.do(actions.cancel, booking.id)
        slot = Period(seen.starts_at, seen.ends_at)
        await sessions.create(
            tx, reference=seen.id, host_reference=seen.merchant, title={}, period=slot, now=now
        )
    async with db.begin() as tx:
        assert await live_sessions.for_reference(tx, booking.id) is not None
        assert not await queries.stands(tx, booking.id)
