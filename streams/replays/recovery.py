"""Recordings that nobody told us of: a media server that is killed closes no file and sends no
callback, but the file lies there, named after its stream and the second it was begun."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from streams.ingest.tables import Publication
from streams.replays.tables import RecordingPart

_NAME = re.compile(r"[A-Za-z0-9_-]+-(\d{9,11})\.flv")
_NEAR = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Found:
    """A file and the publication it belongs to."""

    publication: str
    path: str
    started_at: datetime
    finished_at: datetime


def find_untold(
    root: Path, published: Sequence[Publication], known: Sequence[RecordingPart]
) -> list[Found]:
    """Files of publications that have none, matched by when they were begun. The server waits
    for a key frame before it begins a file, so that is a little later than the publication."""
    told = {part.path for part in known}
    have = {part.publication_id for part in known}
    found = []
    for publication in published:
        if publication.id in have:
            continue
        best: tuple[timedelta, Path] | None = None
        for file in root.glob(f"{publication.live_id}-*.flv"):
            match = _NAME.fullmatch(file.name)
            if match is None or file.name in told or not file.is_file():
                continue
            begun = datetime.fromtimestamp(int(match.group(1)), UTC)
            distance = abs(begun - publication.started_at)
            if distance <= _NEAR and (best is None or distance < best[0]):
                best = (distance, file)
        if best is not None:
            file = best[1]
            told.add(file.name)
            written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            ended = max(written, publication.started_at)
            found.append(Found(publication.id, file.name, publication.started_at, ended))
    return found
