"""From the clock on the wall to the time in a replay.

An encoder that drops and comes back leaves several parts with gaps between them. In the
replay the parts follow each other, so a moment is looked up part by part.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from livecommerce.kernel.clock import in_utc


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the replay: ``offset`` and ``duration`` are seconds of media time."""

    started_at: datetime
    offset: float
    duration: float
    file: str

    @property
    def end(self) -> float:
        """Media time at which it ends."""
        return self.offset + self.duration


@dataclass(frozen=True, slots=True)
class Segment:
    """Something shown from one moment to another, as whoever planned it knows it.
    ``ended_at`` is none if it lasted to the end."""

    started_at: datetime
    ended_at: datetime | None
    reference: str
    title: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A segment in media time. ``started_at`` is the moment that its first frame shows."""

    start: float
    end: float
    reference: str
    title: Mapping[str, str]
    started_at: datetime


def laid_out(pieces: Iterable[tuple[datetime, float, str]]) -> list[Part]:
    """Parts one after the other, from (start, duration, file) in order of start."""
    parts: list[Part] = []
    offset = 0.0
    for started_at, duration, file in sorted(pieces):
        parts.append(Part(started_at, offset, duration, file))
        offset = parts[-1].end
    return parts


def media_time(parts: Sequence[Part], at: datetime) -> float:
    """Seconds into the replay at which that moment is seen.

    A moment before the first part is its start; one in a gap is the seam; one after the last
    part is the end. Later moments never come earlier.
    """
    seen = 0.0
    for part in parts:
        elapsed = (at - part.started_at).total_seconds()
        if elapsed < 0:
            break
        seen = part.offset + min(elapsed, part.duration)
    return seen


def wall_clock(parts: Sequence[Part], seconds: float) -> datetime:
    """When what is seen at that media time was recorded; at a seam, when the later part
    began."""
    part = next(part for part in reversed(parts) if part.offset <= seconds)
    return part.started_at + timedelta(seconds=min(seconds - part.offset, part.duration))


def chapters(parts: Sequence[Part], segments: Iterable[Segment]) -> list[Chapter]:
    """The segments of which something was recorded, in order."""
    end = parts[-1].end if parts else 0.0
    found = []
    for segment in segments:
        start = media_time(parts, segment.started_at)
        stop = end if segment.ended_at is None else media_time(parts, segment.ended_at)
        if stop > start:
            seen_from = wall_clock(parts, start)
            found.append(Chapter(start, stop, segment.reference, segment.title, seen_from))
    return sorted(found, key=lambda chapter: (chapter.start, chapter.end))


def timeline(parts: Sequence[Part], found: Sequence[Chapter]) -> dict[str, Any]:
    """The source of truth for what is seen when, as JSON."""
    return {
        "version": 1,
        "media_start": iso(parts[0].started_at),
        "duration": round(parts[-1].end, 3),
        "parts": [
            {
                "started_at": iso(part.started_at),
                "offset": round(part.offset, 3),
                "duration": round(part.duration, 3),
                "file": part.file,
            }
            for part in parts
        ],
        "chapters": [
            {
                "start": round(chapter.start, 3),
                "end": round(chapter.end, 3),
                "reference": chapter.reference,
                "title": dict(chapter.title),
                "started_at": iso(chapter.started_at),
            }
            for chapter in found
        ],
    }


def iso(moment: datetime) -> str:
    """UTC with milliseconds and a Z, as playlists want it."""
    rounded = in_utc(moment) + timedelta(microseconds=500)
    return rounded.strftime("%Y-%m-%dT%H:%M:%S.") + f"{rounded.microsecond // 1000:03d}Z"
