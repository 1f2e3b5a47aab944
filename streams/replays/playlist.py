"""The texts that players read: one HLS playlist over all parts, and chapters as WebVTT."""

import html
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from streams.replays.rules import Chapter, Part, iso

_SEGMENT = re.compile(r"#EXTINF:([0-9.]+),[^\n]*\n(?:#[^\n]*\n)*([^#\s]+)")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NOT_QUOTABLE = re.compile(r'["\r\n]')


@dataclass(frozen=True, slots=True)
class MadePart:
    """What ffmpeg made of one part: its directory, and (seconds, file) of each segment."""

    directory: str
    segments: tuple[tuple[float, str], ...]

    @property
    def duration(self) -> float:
        """In seconds."""
        return sum(seconds for seconds, _ in self.segments)


def read_part(directory: str, playlist: str) -> MadePart:
    """The segments of a playlist that ffmpeg wrote."""
    found = _SEGMENT.findall(playlist.replace("\r\n", "\n"))
    return MadePart(directory, tuple((float(seconds), file) for seconds, file in found))


def joined(made: Sequence[MadePart], parts: Sequence[Part], found: Sequence[Chapter]) -> str:
    """One playlist of all parts. Between two lies a discontinuity, and each says which moment
    it was recorded at; chapters stand in it as date ranges."""
    longest = max(seconds for part in made for seconds, _ in part.segments)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{math.ceil(longest)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    for number, (files, part) in enumerate(zip(made, parts, strict=True)):
        if number:
            lines.append("#EXT-X-DISCONTINUITY")
        lines.append(f'#EXT-X-MAP:URI="{files.directory}/init.mp4"')
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{iso(part.started_at)}")
        if not number:
            lines += [_date_range(n, chapter) for n, chapter in enumerate(found, 1)]
        for seconds, file in files.segments:
            lines += [f"#EXTINF:{seconds:.6f},", f"{files.directory}/{file}"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def webvtt(found: Sequence[Chapter], language: str) -> str:
    """The chapters with their titles in that language (or whichever they have)."""
    cues = ["WEBVTT\n"]
    for number, chapter in enumerate(found, 1):
        title = chapter.title.get(language) or next(iter(chapter.title.values()), "")
        text = html.escape(" ".join(title.split()), quote=False)
        span = f"{_clock(chapter.start)} --> {_clock(chapter.end)}"
        cues.append(f"{number}\n{span}\n{text or '…'}\n")
    return "\n".join(cues)


def languages(found: Sequence[Chapter]) -> list[str]:
    """The languages that chapters have titles in."""
    spoken = {language for chapter in found for language in chapter.title}
    return sorted(language for language in spoken if _LANGUAGE.fullmatch(language))


def _date_range(number: int, chapter: Chapter) -> str:
    reference = _NOT_QUOTABLE.sub("", chapter.reference)
    return (
        f'#EXT-X-DATERANGE:ID="explain-{number}",CLASS="explain",'
        f'START-DATE="{iso(chapter.started_at)}",'
        f'DURATION={chapter.end - chapter.start:.3f},X-REFERENCE="{reference}"'
    )


def _clock(seconds: float) -> str:
    millis = round(seconds * 1000)
    minutes, millis = divmod(millis, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{millis // 1000:02d}.{millis % 1000:03d}"
