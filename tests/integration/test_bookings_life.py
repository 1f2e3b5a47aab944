"""A booking from the pencil to its end: moved, checked in, freed, and who sees it."""

import asyncio
from datetime import datetime, timedelta

import pytest

from livecommerce.identity.errors import NoSuchMerchant
from livecommerce.kernel.db import Database
from livecommerce.kernel.relay import Relay
from livecommerce.studios import actions, queries, reactions, rules
from livecommerce.studios.errors import (
    BadPeriod,
    NoSuchBooking,
    NoSuchResource,
    NotTheHour,
    SlotTaken,
    WrongBookingState,
)
from livecommerce.studios.events import PencilRanOut
from livecommerce.studios.rules import BookingState, ResourceKind
from livecommerce.studios.wire import BookingOut, MoveSlot
from livecommerce.web.principal import (
    MerchantRole,
    NotAllowed,
    NotYours,
)
from streams.sessions.events import LiveEnded
from tests.booking_centre import Centre, H, M, open_centre


@pytest.fixture
async def centre(db: Database, now: datetime) -> Centre:
    return await open_centre(db, now)


async def test_a_move_takes_everything_along_or_stays(centre: Centre) -> None:
    booked = await centre.book(equipment=["light"], crew=["host"])
    await centre.book(
        studio=centre.ids["bed-2"],
        equipment=["camera"],
        starts_at=centre.now + 5 * H,
        ends_at=centre.now + 6 * H,
        by=centre.member("yunmian", MerchantRole.OWNER),
        merchant=centre.ids["yunmian"],
    )
    half_later = MoveSlot(starts_at=centre.now + 3 * H, ends_at=centre.now + 5 * H)
    moved = await centre.do(actions.move, booked.id, half_later)
    assert moved.starts_at == half_later.starts_at
    assert len(moved.resources) == 3
    into_other = MoveSlot(
        starts_at=centre.now + 4 * H, ends_at=centre.now + 6 * H, studio=centre.ids["bed-2"]
    )
    with pytest.raises(SlotTaken):
        await centre.do(actions.move, booked.id, into_other)
    async with centre.db.begin() as tx:
        assert await queries.booking(tx, booked.id) == moved


async def test_swapping_moves_hurt_nobody(centre: Centre) -> None:
    one = await centre.book()
    two = await centre.book(studio=centre.ids["bed-2"])
    period = {"starts_at": one.starts_at, "ends_at": one.ends_at}
    answers = await asyncio.gather(
        centre.do(actions.move, one.id, MoveSlot(studio=two.studio, **period)),
        centre.do(actions.move, two.id, MoveSlot(studio=one.studio, **period)),
        return_exceptions=True,
    )
    assert all(isinstance(answer, SlotTaken) for answer in answers)
    assert await centre.overlaps() == 0


async def test_what_may_not_be_booked(centre: Centre) -> None:
    with pytest.raises(BadPeriod) as bad:
        await centre.book(starts_at=centre.now - H)
    assert bad.value.facts == {"reason": "past"}
    with pytest.raises(NoSuchResource):
        await centre.book(studio=centre.ids["camera-1"])
    with pytest.raises(NoSuchResource):
        await centre.book(crew=["camera"])
    with pytest.raises(NotYours):
        await centre.book(merchant=centre.ids["yunmian"])
    with pytest.raises(NotAllowed):
        await centre.book(by=centre.member("luxi", MerchantRole.FINANCE))
    with pytest.raises(NoSuchMerchant):
        await centre.book(by=centre.scheduler, merchant="mer_nobody")


async def test_foreign_bookings_do_not_exist(centre: Centre) -> None:
    booked = await centre.book()
    stranger = centre.member("yunmian", MerchantRole.OWNER)
    period = {"starts_at": booked.starts_at, "ends_at": booked.ends_at}
    async with centre.db.begin() as tx:
        with pytest.raises(NoSuchBooking):
            await queries.booking_for(tx, booked.id, who=stranger)
        assert (await queries.booking_for(tx, booked.id, who=centre.scheduler)) == booked
        theirs = await queries.bookings(tx, who=stranger, merchant=None, cursor=None)
        assert theirs.items == []
        with pytest.raises(NotYours):
            await queries.bookings(tx, who=stranger, merchant=booked.merchant, cursor=None)
    for work, *rest in (
        (actions.cancel,),
        (actions.check_in,),
        (actions.confirm,),
        (actions.move, MoveSlot(**period)),
    ):
        with pytest.raises(NoSuchBooking):
            await centre.do(work, booked.id, *rest, by=stranger)


async def test_the_roster_shows_merchants_only_their_own(centre: Centre) -> None:
    booked = await centre.book(equipment=["camera"])
    day = rules.day_of(centre.now)
    async with centre.db.begin() as tx:
        desk = await queries.roster(tx, day, who=centre.scheduler)
        other = await queries.roster(tx, day, who=centre.member("yunmian", MerchantRole.OWNER))
        tomorrow = await queries.roster(tx, day + timedelta(days=2), who=centre.scheduler)
    taken = {row.resource.slug: row.taken for row in desk.rows if row.taken}
    assert set(taken) == {"bed-1", "camera-1"}
    assert taken["bed-1"][0].booking == booked.id
    assert taken["bed-1"][0].during.starts_at == booked.starts_at - 30 * M
    (seen,) = [
        entry for row in other.rows for entry in row.taken if row.resource.slug == "bed-1"
    ]
    assert (seen.booking, seen.merchant, seen.merchant_name, seen.on_air) == (None,) * 4
    assert all(row.taken == [] for row in tomorrow.rows)
    assert len(tomorrow.rows) == 7
    assert desk.ends_at - desk.starts_at == 24 * H


async def test_availability_is_opening_less_what_is_taken(centre: Centre) -> None:
    booked = await centre.book()
    async with centre.db.begin() as tx:
        gaps = await queries.availability(
            tx,
            starts_at=centre.now - H,
            ends_at=centre.now + 6 * H,
            at_least=2 * H,
            kind=ResourceKind.STUDIO,
            now=centre.now,
        )
        with pytest.raises(BadPeriod):
            await queries.availability(
                tx,
                starts_at=centre.now,
                ends_at=centre.now + 32 * 24 * H,
                at_least=H,
                kind=ResourceKind.STUDIO,
                now=centre.now,
            )
    free = {(g.resource, g.starts_at, g.ends_at) for g in gaps}
    whole = centre.now, centre.now + 6 * H
    assert free == {(centre.ids["bed-2"], *whole), (centre.ids["kitchen-1"], *whole)}
    assert booked.ends_at == centre.now + 4 * H, "after it, 90 minutes are too short"


async def test_pencilled_slots_block_and_run_out(centre: Centre) -> None:
    pencilled = await centre.book(pencil=True)
    assert pencilled.state is BookingState.HELD
    assert isinstance(await centre.try_book(), SlotTaken)
    relay = Relay(centre.db, {PencilRanOut: [reactions.on_pencil_ran_out]}, {}, None)
    await relay.drain(centre.now + rules.PENCILLED_FOR)
    async with centre.db.begin() as tx:
        assert (await queries.booking(tx, pencilled.id)).state is BookingState.EXPIRED
    assert isinstance(await centre.try_book(), BookingOut)
    with pytest.raises(WrongBookingState):
        await centre.do(actions.confirm, pencilled.id)


async def test_a_stale_pencil_gives_way_before_anybody_rubs_it_out(centre: Centre) -> None:
    pencilled = await centre.book(
        pencil=True, starts_at=centre.now + 9 * H, ends_at=centre.now + 10 * H
    )
    centre.now += rules.PENCILLED_FOR
    firm = await centre.book(starts_at=pencilled.starts_at, ends_at=pencilled.ends_at)
    assert firm.state is BookingState.CONFIRMED
    assert await centre.overlaps() == 0


async def test_confirming_a_pencil_keeps_it(centre: Centre) -> None:
    pencilled = await centre.book(pencil=True)
    for _ in range(2):
        assert (await centre.do(actions.confirm, pencilled.id)).state is BookingState.CONFIRMED
    relay = Relay(centre.db, {PencilRanOut: [reactions.on_pencil_ran_out]}, {}, None)
    await relay.drain(centre.now + rules.PENCILLED_FOR)
    assert isinstance(await centre.try_book(), SlotTaken)


async def test_checking_in_at_the_hour_and_cancelling_before(centre: Centre) -> None:
    booked = await centre.book()
    with pytest.raises(NotTheHour):
        await centre.do(actions.check_in, booked.id)
    for _ in range(2):
        came = await centre.do(actions.check_in, booked.id, now=centre.now + H)
        assert came.checked_in_at == centre.now + H
    with pytest.raises(WrongBookingState):
        await centre.do(actions.cancel, booked.id)
    other = await centre.book(studio=centre.ids["bed-2"])
    for _ in range(2):
        await centre.do(actions.cancel, other.id)
    assert isinstance(await centre.try_book(studio=centre.ids["bed-2"]), BookingOut)


async def test_an_early_end_frees_the_rest_of_the_slot(centre: Centre) -> None:
    booked = await centre.book(equipment=["light"])
    at = centre.now + 3 * H
    ended = LiveEnded(
        live="liv_1",
        state="ended",
        version=5,
        at=at,
        host_reference=booked.merchant,
        reference=booked.id,
    )
    async with centre.db.begin() as tx:
        await reactions.on_live_ended(tx, ended.model_copy(update={"rehearsal": True}), now=at)
    assert isinstance(await centre.try_book(starts_at=at, ends_at=at + H), SlotTaken)
    for _ in range(2):
        async with centre.db.begin() as tx:
            await reactions.on_live_ended(tx, ended, now=at)
    async with centre.db.begin() as tx:
        done = await queries.booking(tx, booked.id)
    until = {r.class_key: r.during.ends_at for r in done.resources}
    assert done.state is BookingState.DONE
    assert until == {"bed": at + 30 * M, "light": at}
    again = await centre.book(starts_at=at + H, ends_at=at + 2 * H, equipment=["light"])
    assert again.state is BookingState.CONFIRMED
