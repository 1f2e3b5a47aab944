"""Ids, moments, cursors, errors and facts."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import BaseModel, ValidationError

from livecommerce.kernel import events, ids
from livecommerce.kernel.clock import Instant, Period
from livecommerce.kernel.errors import Conflict, NotFound, Problem
from livecommerce.kernel.page import BadCursor, Cursor

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class QuiltFolded(events.Event):
    quilt: str


class When(BaseModel):
    at: Instant


def test_ids_say_what_and_when() -> None:
    made = [ids.new("ord") for _ in range(500)]
    assert len(set(made)) == 500
    assert all(ids.looks_like("ord", i) for i in made)
    assert not ids.looks_like("pay", made[0])
    assert not ids.looks_like("ord", "ord_UPPER")


def test_a_moment_is_aware_and_told_in_utc() -> None:
    shanghai = timezone(timedelta(hours=8))
    assert When(at=datetime(2026, 11, 23, 20, tzinfo=shanghai)).at == NOON
    assert When.model_validate({"at": "2026-11-23T20:00:00+08:00"}).at.tzinfo == UTC
    with pytest.raises(ValidationError):
        When(at=datetime(2026, 11, 23))  # noqa: DTZ001


@pytest.mark.parametrize(
    "told",
    [
        *("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"),  # no such moments in UTC
        *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z"),
    ],
)
def test_a_moment_at_the_end_of_the_calendar_is_no_moment(told: str) -> None:
    with pytest.raises(ValidationError):
        When.model_validate({"at": told})
    with pytest.raises(ValidationError):
        When.model_validate_json(json.dumps({"at": told}))


def test_periods_are_half_open() -> None:
    first = Period(NOON, NOON + timedelta(hours=1))
    second = Period(first.end, first.end + timedelta(hours=1))
    assert not first.overlaps(second)
    assert first.start in first
    assert first.end not in first
    with pytest.raises(ValueError, match="ends after"):
        Period(NOON, NOON)


def test_cursors_survive_the_journey_and_refuse_forgeries() -> None:
    cursor = Cursor(NOON, "ord_1")
    assert Cursor.decode(cursor.encode()) == cursor
    for text in ("", "x", "!!!!", "bm9uZQ", Cursor(NOON, "a").encode()[:-3]):
        with pytest.raises(BadCursor):
            Cursor.decode(text)


def test_an_error_is_a_class_with_a_sentence() -> None:
    class LoomJammed(Conflict):
        """The loom is jammed."""

    problem = LoomJammed(loom="lom_1")
    assert (problem.code, problem.title) == ("loom-jammed", "The loom is jammed")
    assert problem.facts == {"loom": "lom_1"}
    with pytest.raises(TypeError):
        type("Nameless", (NotFound,), {})
    assert issubclass(LoomJammed, Problem)


def test_a_fact_is_found_by_its_topic_and_never_changes() -> None:
    fact = QuiltFolded(quilt="q")
    assert fact.topic.endswith("QuiltFolded")
    assert events.of_topic(fact.topic) is QuiltFolded
    assert events.of_topic("nobody.Knows") is None
    with pytest.raises(ValidationError):
        fact.quilt = "other"
