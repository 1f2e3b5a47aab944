"""Making a replay: each part is repacked by ffmpeg, then one playlist joins them.

Nothing is encoded again, so an hour takes seconds. The files are made beside their place and
moved there when they are whole; doing it twice gives the same.
"""

import asyncio
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.errors import Unavailable
from streams.ingest import queries as ingest
from streams.ingest.rules import State as Incoming
from streams.media.ffmpeg import Ffmpeg, FfmpegFailed
from streams.media.port import inside
from streams.replays import actions, playlist, queries, rules
from streams.replays.events import ReplayWanted
from streams.replays.playlist import MadePart
from streams.replays.recovery import find_untold
from streams.replays.rules import Segment
from streams.replays.tables import RecordingPart, Replay, State

log = logging.getLogger(__name__)

Segments = Callable[[Tx, str], Awaitable[Sequence[Segment]]]


class StillRecording(Unavailable):
    """Somebody still publishes to the live session."""


async def build(
    db: Database,
    ffmpeg: Ffmpeg,
    event: ReplayWanted,
    *,
    recordings: Path,
    output: Path,
    segments: Segments,
    now: datetime,
) -> None:
    """Make the replay in ``output/<replay>/``: ``index.m3u8``, ``poster.jpg``,
    ``timeline.json`` and ``chapters.<language>.vtt``. One that is there already is left alone.

    Args:
        recordings: the recording root.
        segments: what was shown when, asked by live session id.

    Raises:
        StillRecording: try again later.
        FfmpegTooSlow: a part took too long; try again later.
    """
    async with db.begin() as tx:
        replay = await actions.want(tx, event.live, now=now)
        if replay.state is not State.BUILDING:
            return
        row = await ingest.of_live(tx, event.live)
        if row is not None and row.state is Incoming.LIVE and _recent(row.last_seen_at, now):
            raise StillRecording(live=event.live)
        published = await ingest.publications(tx, event.live)
        for found in await asyncio.to_thread(
            find_untold, recordings, published, await queries.parts(tx, event.live)
        ):
            log.warning("found a recording nobody told of: %s", found.path)
            await actions.add_part(
                tx,
                event.live,
                publication=found.publication,
                path=found.path,
                started_at=found.started_at,
                finished_at=found.finished_at,
            )
        parts = await queries.parts(tx, event.live)
        shown = await segments(tx, event.live)
    await asyncio.to_thread(output.mkdir, parents=True, exist_ok=True)
    work = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=".making-", dir=output))
    try:
        made = await _repack(ffmpeg, parts, recordings, work)
        laid = rules.laid_out(
            (part.started_at, files.duration, part.path) for part, files in made
        )
        chapters = rules.chapters(laid, shown)
        told: dict[str, Any] = {}
        if laid:
            told = rules.timeline(laid, chapters)
            file, lasts = recordings / laid[0].file, laid[0].duration
            told["poster"] = await poster(ffmpeg, file, lasts, work)
            files = [files for _, files in made]
            await asyncio.to_thread(_write, work, files, laid, chapters, told)
        await _settle(db, replay, laid, told, work, output, now)
    finally:
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)


def _recent(seen: datetime | None, now: datetime) -> bool:
    """Whether its publisher was seen lately. One that nobody has looked after for a minute
    (the media server is gone for good, say) does not keep a replay waiting."""
    return seen is not None and now - seen < timedelta(minutes=1)


async def _repack(
    ffmpeg: Ffmpeg, parts: Sequence[RecordingPart], recordings: Path, work: Path
) -> list[tuple[RecordingPart, MadePart]]:
    made = []
    for number, part in enumerate(parts):
        path = inside(recordings, part.path)
        if path is None or not (recordings / path).is_file():
            log.error("recording %s is not there", part.path)
            continue
        files = await _repack_one(ffmpeg, part, recordings / path, work, f"p{number:02d}")
        if files is not None:
            made.append((part, files))
    return made


async def _repack_one(
    ffmpeg: Ffmpeg, part: RecordingPart, file: Path, work: Path, name: str
) -> MadePart | None:
    """One part as fMP4 segments; none if there is no picture in it that we can keep."""
    length = (part.finished_at - part.started_at).total_seconds()
    target = work / name
    for audio in ("copy", "aac"):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        try:
            await ffmpeg.run(
                [
                    *("-protocol_whitelist", "file", "-f", "flv", "-i", str(file)),
                    *("-map", "0:v:0", "-map", "0:a:0?", "-c:v", "copy", "-c:a", audio),
                    *("-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod"),
                    *("-hls_segment_type", "fmp4", "-hls_flags", "independent_segments"),
                    *("-hls_fmp4_init_filename", "init.mp4"),
                    *("-hls_segment_filename", str(target / "s%05d.m4s")),
                    str(target / "index.m3u8"),
                ],
                within=120 + max(length, 0) / 4,
                progress=_told(part.path, length),
            )
        except FfmpegFailed as failed:
            log.warning("part %s (audio %s): %s", part.path, audio, failed.detail)
            continue
        made = playlist.read_part(name, (target / "index.m3u8").read_text())
        (target / "index.m3u8").unlink()
        return made if made.duration > 0 else None
    return None


async def poster(ffmpeg: Ffmpeg, file: Path, duration: float, work: Path) -> bool:
    """Make ``poster.jpg``, a still from early on, or the first there is: the picture may end
    long before the sound. Whether there is one; a replay without one is still a replay."""
    for seek in (["-ss", f"{min(5.0, duration / 2):.2f}"], []):
        try:
            await ffmpeg.run(
                [
                    *("-protocol_whitelist", "file", *seek, "-f", "flv"),
                    *("-i", str(file), "-frames:v", "1"),
                    *("-vf", "scale='min(720,iw)':-2", "-q:v", "4", str(work / "poster.jpg")),
                ],
                within=60,
            )
        except FfmpegFailed as failed:
            log.warning("no poster from %s: %s", file.name, failed.detail)
        if await asyncio.to_thread((work / "poster.jpg").is_file):
            return True
    return False


def _write(
    work: Path,
    made: Sequence[MadePart],
    parts: Sequence[rules.Part],
    chapters: Sequence[rules.Chapter],
    timeline: dict[str, Any],
) -> None:
    (work / "index.m3u8").write_text(playlist.joined(made, parts, chapters))
    told = json.dumps(timeline, ensure_ascii=False, indent=1)
    (work / "timeline.json").write_text(told)
    for language in playlist.languages(chapters):
        (work / f"chapters.{language}.vtt").write_text(playlist.webvtt(chapters, language))
    work.chmod(0o755)


async def _settle(
    db: Database,
    replay: Replay,
    parts: Sequence[rules.Part],
    timeline: dict[str, Any],
    work: Path,
    output: Path,
    now: datetime,
) -> None:
    """Put the files in their place and say so, unless somebody else was faster."""
    async with db.begin() as tx:
        current = await tx.get(Replay, replay.id, with_for_update=True, populate_existing=True)
        if current is None or current.state is not State.BUILDING:
            return
        if not parts:
            log.warning("no replay of live=%s: nothing was recorded", replay.live_id)
            await actions.give_up(tx, current, "nothing recorded", now=now)
            return
        await asyncio.to_thread(_move, work, output / replay.id)
        await actions.finish(tx, current, timeline, duration=parts[-1].end, now=now)
    log.info("replay ready: live=%s replay=%s", replay.live_id, replay.id)


def _move(work: Path, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    os.replace(work, place)


def _told(path: str, length: float) -> Callable[[float], None]:
    """Log each further tenth of the part, so that a long one is seen to go on."""
    tenths = 0

    def progress(seconds: float) -> None:
        nonlocal tenths
        reached = int(10 * seconds / length) if length > 60 else 0
        if reached > tenths:
            tenths = reached
            log.info("repacking %s: %d0 %%", path, min(tenths, 10))

    return progress
