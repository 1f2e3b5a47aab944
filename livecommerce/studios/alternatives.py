"""The nearest slots that would have worked: pure search over free time.

A slot works if one of the studios, every named thing and person, and enough members of each
wished class are free for all of it, their set-up and tear-down included. Costs are counted in
half hours: a little for another studio of the class, more for another class, one for each
half hour of shift. The search goes from cheap to dear and stops when it has enough, so that a
hundred refused at once cost little.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

STEP = timedelta(minutes=30)
FARTHEST = timedelta(days=3)
MOST = 5

Gaps = Mapping[str, Sequence[tuple[datetime, datetime]]]


@dataclass(frozen=True, slots=True)
class Need:
    """``count`` of ``among`` must be free, with time before and after."""

    among: tuple[str, ...]
    count: int
    set_up: timedelta
    tear_down: timedelta


@dataclass(frozen=True, slots=True)
class Candidate:
    """A studio that would do, and how much worse than the wished one it is."""

    studio: str
    penalty: int
    need: Need


@dataclass(frozen=True, slots=True)
class Slot:
    """A studio and a time at which everything wanted is free."""

    studio: str
    starts_at: datetime
    ends_at: datetime


def nearest(
    candidates: Sequence[Candidate],
    needs: Sequence[Need],
    gaps: Gaps,
    starts_at: datetime,
    ends_at: datetime,
    *,
    now: datetime,
    most: int = MOST,
) -> list[Slot]:
    """Up to ``most`` slots of the same length, the nearest first, none in the past.

    Of one studio: at most one earlier, one at the wished time, and one later.
    """
    length = ends_at - starts_at
    found: list[Slot] = []
    told: set[tuple[str, int]] = set()
    fits_at: dict[datetime, bool] = {}
    for candidate, start in _by_cost(candidates, starts_at):
        side = candidate.studio, (start > starts_at) - (start < starts_at)
        if start < now or side in told:
            continue
        end = start + length
        if not _fits(candidate.need, gaps, start, end):
            continue
        if start not in fits_at:
            fits_at[start] = all(_fits(need, gaps, start, end) for need in needs)
        if fits_at[start]:
            found.append(Slot(candidate.studio, start, end))
            told.add(side)
            if len(found) == most:
                break
    return found


def free_members(need: Need, gaps: Gaps, start: datetime, end: datetime) -> list[str]:
    """Which of a need's members are free for a slot, in their own order."""
    span = start - need.set_up, end + need.tear_down
    return [member for member in need.among if _is_free(gaps.get(member, ()), *span)]


def _by_cost(
    candidates: Sequence[Candidate], starts_at: datetime
) -> Iterator[tuple[Candidate, datetime]]:
    farthest = FARTHEST // STEP
    for cost in range(farthest + 1):
        for candidate in candidates:
            steps = cost - candidate.penalty
            if steps >= 0:
                yield candidate, starts_at + steps * STEP
            if steps > 0:
                yield candidate, starts_at - steps * STEP


def _fits(need: Need, gaps: Gaps, start: datetime, end: datetime) -> bool:
    return len(free_members(need, gaps, start, end)) >= need.count


def _is_free(gaps: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime) -> bool:
    place = bisect_right(gaps, start, key=lambda gap: gap[0]) - 1
    return place >= 0 and end <= gaps[place][1]
