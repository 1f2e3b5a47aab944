"""A slot is taken by one, whole or not at all; and the refused learn what would work."""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.kernel.db import Database
from livecommerce.studios import actions
from livecommerce.studios.errors import (
    SlotTaken,
    TooFewExist,
)
from livecommerce.studios.wire import BookingOut, MoveSlot
from tests.booking_centre import Centre, H, M, open_centre

UNGUARDED = "EXCLUDE USING gist (resource_id WITH =, during WITH &&) WHERE (status = 'never')"


@pytest.fixture
async def centre(db: Database, now: datetime) -> Centre:
    return await open_centre(db, now)


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
