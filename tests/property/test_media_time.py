"""However a recording was cut, time in its replay goes forward and stays inside."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.replays import rules
from streams.replays.rules import Part, Segment

T0 = datetime(2026, 11, 23, 11, tzinfo=UTC)


@st.composite
def recordings(draw: st.DrawFn) -> list[Part]:
    """Parts with gaps between them; a part may be said to last a little into the gap."""
    pieces, clock = [], 0.0
    for number in range(draw(st.integers(1, 6))):
        length = draw(st.floats(0.1, 5000))
        pieces.append((T0 + timedelta(seconds=clock), length, f"{number}.flv"))
        clock += length * draw(st.floats(0.95, 1.05)) + draw(st.floats(0.1, 600))
    return rules.laid_out(pieces)


moments = st.floats(-1000, 40_000).map(lambda s: T0 + timedelta(seconds=s))


@given(recordings(), moments, moments)
def test_later_is_never_earlier(parts: list[Part], one: datetime, other: datetime) -> None:
    first, last = sorted((one, other))
    assert 0 <= rules.media_time(parts, first) <= rules.media_time(parts, last) <= parts[-1].end


@given(recordings(), st.floats(0, 1))
def test_there_and_back(parts: list[Part], share: float) -> None:
    """Every recorded moment is found again (unless a part outlasts the gap after it)."""
    seconds = parts[-1].end * share
    back = rules.media_time(parts, rules.wall_clock(parts, seconds))
    assert back >= seconds - 1e-3


@given(recordings(), st.lists(st.tuples(moments, st.none() | moments)))
def test_chapters_lie_inside_and_in_order(
    parts: list[Part], spans: list[tuple[datetime, datetime | None]]
) -> None:
    found = rules.chapters(parts, [Segment(a, b, "x", {}) for a, b in spans])
    assert all(0 <= c.start < c.end <= parts[-1].end for c in found)
    assert [c.start for c in found] == sorted(c.start for c in found)
    told = rules.timeline(parts, found)
    assert len(told["chapters"]) == len(found)
