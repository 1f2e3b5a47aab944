"""States, periods, the centre's day, and the search for alternatives."""

from datetime import UTC, date, datetime, timedelta

import pytest

from livecommerce.studios import rules
from livecommerce.studios.alternatives import Candidate, Need, Slot, free_members, nearest
from livecommerce.studios.rules import BookingState

H = timedelta(hours=1)
M = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("start", "length", "reason"),
    [
        (H, H, None),
        (-15 * M, H, None),
        (-16 * M, H, "past"),
        (H, timedelta(0), "empty"),
        (H, -H, "empty"),
        (H, 29 * M, "too short"),
        (H, 12 * H, None),
        (H, 12 * H + M, "too long"),
        (181 * 24 * H, H, "too far ahead"),
    ],
)
def test_periods_nobody_may_book(
    start: timedelta, length: timedelta, reason: str | None, now: datetime
) -> None:
    assert rules.refusal(now + start, now + start + length, now=now) == reason


def test_every_state_is_in_the_table_and_ends_are_ends() -> None:
    assert set(rules.NEXT) == set(BookingState)
    assert rules.before(BookingState.DONE) == [BookingState.CONFIRMED, BookingState.CHECKED_IN]
    reachable = {state for after in rules.NEXT.values() for state in after}
    assert reachable == set(BookingState) - {BookingState.HELD}


def test_the_centres_day_is_shanghais() -> None:
    start, end = rules.bounds_of(date(2026, 11, 23))
    assert start.astimezone(UTC) == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert end - start == timedelta(hours=24)
    assert rules.day_of(datetime(2026, 11, 22, 16, tzinfo=UTC)) == date(2026, 11, 23)
    assert rules.day_of(datetime(2026, 11, 22, 15, 59, tzinfo=UTC)) == date(2026, 11, 22)


def need(*among: str, count: int = 1, before: int = 0, after: int = 0) -> Need:
    return Need(among, count, before * M, after * M)


def test_set_up_and_tear_down_must_be_free_too(now: datetime) -> None:
    gaps = {"a": [(now, now + 2 * H)]}
    assert free_members(need("a"), gaps, now, now + 2 * H) == ["a"]
    assert free_members(need("a", before=1), gaps, now, now + 2 * H) == []
    assert free_members(need("a", after=1), gaps, now, now + 2 * H) == []
    assert free_members(need("a", before=30, after=30), gaps, now + H / 2, now + H) == ["a"]


def test_the_nearest_alternatives_come_first_and_none_is_past(now: datetime) -> None:
    wished = now + 2 * H
    gaps = {
        "one": [(now - 9 * H, wished), (wished + H, wished + 9 * H)],
        "two": [(now, wished + 9 * H)],
    }
    candidates = [Candidate("one", 0, need("one")), Candidate("two", 3, need("two"))]
    found = nearest(candidates, [], gaps, wished, wished + H, now=now)
    assert found == [
        Slot("one", wished + H, wished + 2 * H),
        Slot("one", wished - H, wished),
        Slot("two", wished, wished + H),
        Slot("two", wished + H / 2, wished + 3 * H / 2),
        Slot("two", wished - H / 2, wished + H / 2),
    ]
    assert all(slot.starts_at >= now for slot in found)


def test_an_alternative_has_everything_that_was_wanted(now: datetime) -> None:
    gaps = {
        "studio": [(now, now + 72 * H)],
        "cam1": [(now + 3 * H, now + 5 * H)],
        "cam2": [(now + 4 * H, now + 9 * H)],
    }
    candidates = [Candidate("studio", 0, need("studio"))]
    both = [need("cam1", "cam2", count=2)]
    found = nearest(candidates, both, gaps, now, now + H, now=now)
    assert found == [Slot("studio", now + 4 * H, now + 5 * H)]
    assert nearest(candidates, [need("cam3")], gaps, now, now + H, now=now) == []
