"""The states of a live session, and what a key is good for."""

from datetime import UTC, datetime, timedelta

import pytest

from livecommerce.kernel.clock import Period
from streams.ingest import rules as ingest
from streams.ingest.actions import Issued
from streams.ingest.rules import Reason
from streams.sessions.rules import NEXT, ON_AIR, OVER, TO_COME, State, before

SLOT = Period(datetime(2026, 11, 23, 11, tzinfo=UTC), datetime(2026, 11, 23, 13, tzinfo=UTC))
S = State


def test_every_state_is_somewhere() -> None:
    assert set(NEXT) == set(State) == ON_AIR | OVER | TO_COME
    assert not ON_AIR & OVER
    assert not TO_COME & (ON_AIR | OVER)


@pytest.mark.parametrize(
    ("state", "following"),
    [
        (S.DRAFT, {S.SCHEDULED, S.CANCELLED}),
        (S.SCHEDULED, {S.READY, S.CANCELLED}),
        (S.READY, {S.LIVE, S.CANCELLED}),
        (S.LIVE, {S.PAUSED, S.INTERRUPTED, S.ENDED}),
        (S.PAUSED, {S.LIVE, S.INTERRUPTED, S.ENDED}),
        (S.INTERRUPTED, {S.LIVE, S.ENDED}),
        (S.ENDED, {S.ARCHIVED}),
        (S.ARCHIVED, set()),
        (S.CANCELLED, set()),
    ],
)
def test_what_may_follow(state: State, following: set[State]) -> None:
    assert NEXT[state] == following


def test_before_is_next_the_other_way_round() -> None:
    assert before(S.ENDED) == {S.LIVE, S.PAUSED, S.INTERRUPTED}
    assert before(S.SCHEDULED) == {S.DRAFT}


def test_what_was_on_air_is_not_cancelled_but_ended() -> None:
    assert not any(S.CANCELLED in NEXT[state] for state in ON_AIR)


def test_key_is_good_around_its_slot() -> None:
    valid = ingest.window(SLOT)
    minutes = timedelta(minutes=1)
    assert ingest.timely(valid, SLOT.start - 31 * minutes) is Reason.EARLY
    assert ingest.timely(valid, SLOT.start - 30 * minutes) is Reason.OK
    assert ingest.timely(valid, SLOT.end + 29 * minutes) is Reason.OK
    assert ingest.timely(valid, SLOT.end + 30 * minutes) is Reason.LATE


def test_keys_differ_and_cannot_forge_fields() -> None:
    keys = {ingest.new_key() for _ in range(200)}
    assert len(keys) == 200
    assert all(key.replace("-", "").replace("_", "").isalnum() for key in keys)


def test_only_the_key_matches_its_digest() -> None:
    key = ingest.new_key()
    assert ingest.matches(key, ingest.digest(key))
    assert not ingest.matches(key + "x", ingest.digest(key))
    assert not ingest.matches("", ingest.digest(key))
    assert key not in ingest.digest(key)


def test_silence_makes_stale() -> None:
    now = SLOT.start
    assert ingest.alive(now - timedelta(seconds=9), now)
    assert not ingest.alive(now - timedelta(seconds=10), now)
    assert not ingest.alive(None, now)


def test_issued_key_shows_only_when_asked_for() -> None:
    issued = Issued("liv_1", "live", "liv_1", "hush", SLOT)
    assert issued.stream_key == "liv_1?key=hush"
    assert "hush" not in repr(issued)
