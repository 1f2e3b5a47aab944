"""Time: the only place that reads the clock, and the types time is passed around in.

Everything else takes ``now`` as an argument, so that a test can drain what is due
tomorrow without waiting for it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime

BEIJING = ZoneInfo("Asia/Shanghai")
"""The centre's wall clock: people plan, papers are dated and years begin by it."""

YEARS = range(1900, 2201)
"""What a day or a moment that somebody names may lie in."""


def utcnow() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def in_utc(moment: datetime) -> datetime:
    """The same moment told in UTC.

    Raises:
        ValueError: the moment carries no zone, so nobody can say when it is, or lies before
            the first or after the last that can be told in UTC.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment that UTC cannot tell") from None


def _meant(moment: datetime) -> datetime:
    told = in_utc(moment)
    if told.year not in YEARS:
        raise ValueError("a moment too far away to be meant")
    return told


Instant = Annotated[AwareDatetime, AfterValidator(_meant)]
"""A moment in UTC, near enough that reckoning with it never leaves the calendar."""


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of time, ``[start, end)``; two that only touch do not overlap."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if in_utc(self.end) <= in_utc(self.start):
            raise ValueError("a period ends after it starts")

    @property
    def length(self) -> timedelta:
        """How long it lasts, counted in elapsed (not wall-clock) time."""
        return in_utc(self.end) - in_utc(self.start)

    def overlaps(self, other: "Period") -> bool:
        """Whether some moment lies in both."""
        return self.start < other.end and other.start < self.end

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end
