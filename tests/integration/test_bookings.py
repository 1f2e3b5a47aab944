"""A slot is taken by one, whole or not at all; and the refused learn what would work."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.identity import actions as people
from livecommerce.identity import rules as identity_rules
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
    TooFewExist,
    WrongBookingState,
)
from livecommerce.studios.events import PencilRanOut
from livecommerce.studios.rules import BookingState, ResourceKind
from livecommerce.studios.wire import BookingOut, BookSlot, MoveSlot
from livecommerce.web.principal import (
    Kind,
    MerchantRole,
    NotAllowed,
    NotYours,
    Principal,
    StaffRole,
)
from streams.sessions.events import LiveEnded

H = timedelta(hours=1)
M = timedelta(minutes=1)
UNGUARDED = "EXCLUDE USING gist (resource_id WITH =, during WITH &&) WHERE (status = 'never')"


@dataclass
class Centre:
    """Two bed studios and a kitchen; two cameras, a light; one host. Open for a week."""

    db: Database
    now: datetime
    ids: dict[str, str]

    def want(self, **changes: Any) -> BookSlot:
        wish = {
            "merchant": self.ids["luxi"],
            "studio": self.ids["bed-1"],
            "starts_at": self.now + 2 * H,
            "ends_at": self.now + 4 * H,
        }
        return BookSlot.model_validate({**wish, **changes})

    def member(self, merchant: str, *roles: MerchantRole) -> Principal:
        held = MappingProxyType({self.ids[merchant]: frozenset(roles)})
        return Principal(id=f"usr_{merchant}", kind=Kind.PERSON, memberships=held)

    @property
    def host(self) -> Principal:
        return self.member("luxi", MerchantRole.HOST)

    @property
    def scheduler(self) -> Principal:
        roles = frozenset({StaffRole.SCHEDULER})
        return Principal(id="usr_desk", kind=Kind.PERSON, staff=roles)

    async def book(self, by: Principal | None = None, **changes: Any) -> BookingOut:
        async with self.db.begin() as tx:
            return await actions.book(
                tx, self.want(**changes), by=by or self.host, now=self.now
            )

    async def try_book(self, **changes: Any) -> BookingOut | SlotTaken:
        try:
            return await self.book(**changes)
        except SlotTaken as taken:
            return taken

    async def do(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        async with self.db.begin() as tx:
            return await work(tx, *args, **{"by": self.host, "now": self.now, **kwargs})

    async def overlaps(self) -> int:
        async with self.db.begin() as tx:
            return int(
                await tx.scalar(
                    sa.text(
                        "SELECT count(*) FROM commerce.allocation a JOIN commerce.allocation b"
                        " ON a.resource_id = b.resource_id AND a.id < b.id"
                        " AND a.during && b.during"
                        " WHERE a.status IN ('held', 'confirmed')"
                        " AND b.status IN ('held', 'confirmed')"
                    )
                )
            )

    async def scalar(self, query: str) -> Any:
        async with self.db.begin() as tx:
            return await tx.scalar(sa.text(query))


@pytest.fixture
async def centre(db: Database, now: datetime) -> Centre:
    ids: dict[str, str] = {}
    numbers = count(1)
    name = {"zh": "名", "en": "Name"}
    async with db.begin() as tx:
        for slug in ("luxi", "yunmian"):
            first = f"91320600MA1NX{next(numbers):04d}"
            ids[slug] = await people.add_merchant(
                tx,
                slug=slug,
                name=name,
                legal_name=name,
                uscc=first + identity_rules.uscc_check(first),
                customs_code="3206961234",
                licence="L",
                address=name,
                contact={"name": "n", "phone": "p", "email": "e"},
                now=now,
            )
        for key, kind, before, after in (
            ("bed", ResourceKind.STUDIO, 30, 30),
            ("kitchen", ResourceKind.STUDIO, 30, 30),
            ("camera", ResourceKind.EQUIPMENT, 30, 30),
            ("light", ResourceKind.EQUIPMENT, 0, 0),
            ("host", ResourceKind.CREW, 0, 0),
        ):
            await actions.add_class(
                tx,
                key=key,
                kind=kind,
                name=name,
                set_up_minutes=before,
                tear_down_minutes=after,
                always_open=kind is ResourceKind.EQUIPMENT,
                position=0,
            )
        for slug in (
            "bed-1",
            "bed-2",
            "kitchen-1",
            "camera-1",
            "camera-2",
            "light-1",
            "host-1",
        ):
            key = slug.rpartition("-")[0]
            kind = {"camera": ResourceKind.EQUIPMENT, "light": ResourceKind.EQUIPMENT}.get(
                key, ResourceKind.CREW if key == "host" else ResourceKind.STUDIO
            )
            ids[slug] = await actions.add_resource(
                tx,
                slug=slug,
                kind=kind,
                class_key=key,
                name={"zh": slug, "en": slug},
                description=name,
                attributes={},
                position=0,
            )
            await actions.open_for(tx, ids[slug], [(now - 24 * H, now + 24 * 7 * H)])
    return Centre(db, now, ids)


async def test_a_hundred_want_one_slot_and_one_gets_it(centre: Centre) -> None:
    answers = await asyncio.gather(*(centre.try_book() for _ in range(100)))
    assert sum(isinstance(answer, BookingOut) for answer in answers) == 1
    assert await centre.overlaps() == 0
    assert await centre.scalar("SELECT count(*) FROM commerce.booking") == 1


async def test_without_the_constraint_looking_first_double_books(centre: Centre) -> None:
    """The twin: the same code, on a table whose constraint excludes nothing."""
    async with centre.db.begin() as tx:
        table = "ALTER TABLE commerce.allocation"
        await tx.execute(sa.text(f"{table} DROP CONSTRAINT ex_allocation_no_overlap"))
        await tx.execute(
            sa.text(f"{table} ADD CONSTRAINT ex_allocation_no_overlap {UNGUARDED}")
        )
    answers = await asyncio.gather(*(centre.try_book() for _ in range(100)))
    assert sum(isinstance(answer, BookingOut) for answer in answers) > 1
    assert await centre.overlaps() > 0


async def test_the_deployed_constraint_is_the_intended_one(centre: Centre) -> None:
    """Migration tools do not notice when an exclusion constraint changes; this does."""
    definition = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{}'"
    assert await centre.scalar(definition.format("ex_allocation_no_overlap")) == (
        "EXCLUDE USING gist (resource_id WITH =, during WITH &&) WHERE (((status)::text = ANY"
        " ((ARRAY['held'::character varying, 'confirmed'::character varying])::text[])))"
    )
    assert await centre.scalar(definition.format("ck_allocation_range")) == (
        "CHECK (((NOT isempty(during)) AND lower_inc(during) AND (NOT upper_inc(during))"
        " AND (NOT lower_inf(during)) AND (NOT upper_inf(during))))"
    )
    deferrable = "SELECT condeferrable FROM pg_constraint WHERE conname = '{}'"
    assert await centre.scalar(deferrable.format("ex_allocation_no_overlap")) is False


async def test_a_bundle_is_taken_whole_or_not_at_all(centre: Centre) -> None:
    await centre.book(crew=["host"], equipment=["camera", "camera", "light"])
    answer = await centre.try_book(studio=centre.ids["bed-2"], equipment=["light"])
    assert isinstance(answer, SlotTaken)
    assert await centre.scalar("SELECT count(*) FROM commerce.allocation") == 5
    assert await centre.scalar("SELECT count(*) FROM commerce.booking") == 1
    (blocker,) = answer.facts["blockers"]  # type: ignore[misc]
    assert blocker == {
        "resource": centre.ids["light-1"],
        "name": {"zh": "light-1", "en": "light-1"},
        "from": (centre.now + 2 * H).isoformat(),
        "to": (centre.now + 4 * H).isoformat(),
        "reason": "taken",
    }


async def test_the_alternatives_are_near_and_bookable(centre: Centre) -> None:
    await centre.book(equipment=["light"])
    answer = await centre.try_book(equipment=["light"])
    assert isinstance(answer, SlotTaken)
    found: list[dict[str, Any]] = answer.facts["alternatives"]  # type: ignore[assignment]
    assert [(f["studio"], f["starts_at"]) for f in found[:3]] == [
        (centre.ids["bed-1"], (centre.now + 5 * H).isoformat()),
        (centre.ids["bed-2"], (centre.now + 4 * H).isoformat()),
        (centre.ids["bed-2"], centre.now.isoformat()),
    ], "bed 1 needs an hour between; the light is free again at 4 h, and before 2 h"
    assert {f["studio"] for f in found} == {
        centre.ids["bed-1"],
        centre.ids["bed-2"],
        centre.ids["kitchen-1"],
    }
    for alternative in found:
        alternative.pop("name")
        booked = await centre.book(equipment=["light"], **alternative)
        await centre.do(actions.cancel, booked.id)


async def test_any_of_a_class_takes_a_free_one_and_says_when_there_is_none(
    centre: Centre,
) -> None:
    first = await centre.book(studio="bed")
    second = await centre.book(studio="bed")
    assert {first.studio, second.studio} == {centre.ids["bed-1"], centre.ids["bed-2"]}
    third = await centre.try_book(studio="bed")
    assert isinstance(third, SlotTaken)
    assert len(third.facts["blockers"]) == 2  # type: ignore[arg-type]
    with pytest.raises(TooFewExist):
        await centre.book(studio="kitchen", equipment=["camera"] * 3)


async def test_many_want_any_of_two_and_two_get_it(centre: Centre) -> None:
    answers = await asyncio.gather(*(centre.try_book(studio="bed") for _ in range(30)))
    assert sum(isinstance(answer, BookingOut) for answer in answers) == 2


async def test_set_up_and_tear_down_keep_bookings_apart(centre: Centre) -> None:
    await centre.book()
    start = centre.now + 4 * H
    for minutes, fits in ((0, False), (59, False), (60, True)):
        answer = await centre.try_book(
            starts_at=start + minutes * M, ends_at=start + H + minutes * M
        )
        assert isinstance(answer, BookingOut) is fits, minutes


async def test_outside_opening_hours_says_closed(centre: Centre) -> None:
    late = centre.now + 24 * 8 * H
    answer = await centre.try_book(starts_at=late, ends_at=late + H)
    assert isinstance(answer, SlotTaken)
    (blocker,) = answer.facts["blockers"]  # type: ignore[misc]
    assert blocker["reason"] == "closed"  # type: ignore[index]


async def test_churn_shows_nobody_a_deadlock(centre: Centre) -> None:
    """Overlapping but unequal bundles, taken, moved and given back by twelve at once."""
    done = 0

    async def churn(seed: int) -> None:
        nonlocal done
        for step in range(12):
            start = centre.now + ((seed * 7 + step * 3) % 8) * H / 2
            answer = await centre.try_book(
                studio=centre.ids[f"bed-{1 + (seed + step) % 2}"],
                equipment=["light", "camera"] if seed % 2 else ["camera"],
                crew=["host"] if seed % 3 else [],
                starts_at=start,
                ends_at=start + H,
            )
            if isinstance(answer, SlotTaken):
                continue
            later = MoveSlot(starts_at=start + H / 2, ends_at=start + 3 * H / 2)
            with suppress(SlotTaken):
                await centre.do(actions.move, answer.id, later)
            await centre.do(actions.cancel, answer.id)
            done += 1

    await asyncio.gather(*(churn(seed) for seed in range(12)))
    assert done > 12
    assert await centre.overlaps() == 0
    assert (
        await centre.scalar(
            "SELECT count(*) FROM commerce.allocation WHERE status = 'confirmed'"
        )
        == 0
    )


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
