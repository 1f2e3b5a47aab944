"""From recorded parts to a replay that plays, with chapters at the right places."""

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.relay import Relay
from streams.ingest import jobs as ingest_jobs
from streams.ingest import reactions as ingest
from streams.ingest.events import RecordingFinished
from streams.media.ffmpeg import Ffmpeg, FfmpegFailed, FfmpegTooSlow
from streams.replays import jobs, queries, reactions
from streams.replays.events import ReplayWanted
from streams.replays.rules import Segment
from streams.replays.tables import Replay
from streams.replays.tables import State as Made
from streams.sessions import actions as sessions
from streams.sessions.events import LiveEnded, LiveResumed
from streams.sessions.rules import State
from tests.media_tools import MediaTools

from .conftest import Studio, eventually

REACTIONS = {
    LiveResumed: [ingest.on_live_resumed],
    LiveEnded: [ingest.on_live_over, reactions.on_live_ended],
    RecordingFinished: [reactions.on_recording_finished],
}


@dataclass
class Editing:
    """The relay of a test, and what it gives the jobs."""

    studio: Studio
    output: Path
    shown: list[Segment]

    async def drop(self, r: Any, event: LiveEnded, *, now: datetime) -> None:
        await ingest_jobs.drop_publisher(self.studio.db, self.studio.server, event)

    async def build(self, r: Any, event: ReplayWanted, *, now: datetime) -> None:
        await jobs.build(
            self.studio.db,
            self.studio.tools.ffmpeg,
            event,
            recordings=self.studio.nginx.recordings,
            output=self.output,
            segments=self.segments,
            now=now,
        )

    async def segments(self, tx: Tx, live: str) -> Sequence[Segment]:
        return self.shown

    def relay(self) -> Relay:
        work = {LiveEnded: [self.drop], ReplayWanted: [self.build]}
        return Relay(self.studio.db, REACTIONS, work, None)

    async def replay(self, live: str) -> Replay | None:
        async with self.studio.db.begin() as tx:
            return await queries.of_live(tx, live)

    async def made(self, live: str) -> Replay:
        relay = self.relay()

        async def ready() -> bool:
            await relay.drain(utcnow())
            replay = await self.replay(live)
            return replay is not None and replay.state is not Made.BUILDING

        await eventually(ready, within=20)
        replay = await self.replay(live)
        assert replay is not None
        return replay


@pytest.fixture
def editing(studio: Studio, tmp_path: Path) -> Editing:
    return Editing(studio, tmp_path / "replays", [])


async def on_air(studio: Studio, live: str, stream_key: str, seconds: float) -> None:
    """Publish for about that long, then drop without a word."""
    async with studio.publishing(stream_key) as encoder:
        await studio.until(live, State.LIVE)
        playlist = studio.nginx.hls / live / "index.m3u8"
        await eventually(lambda: asyncio.to_thread(playlist.is_file))
        await asyncio.sleep(seconds)
        assert encoder.pid is not None
        os.kill(encoder.pid, signal.SIGKILL)
        await studio.until(live, State.INTERRUPTED)


async def test_two_parts_become_one_replay_with_chapters(editing: Editing) -> None:
    studio = editing.studio
    live, issued = await studio.ready()
    await on_air(studio, live, issued.stream_key, 1.5)
    gap = utcnow() + timedelta(milliseconds=50)  # the last frame lasts a tenth of a second
    await on_air(studio, live, issued.stream_key, 1.5)
    start = (await studio.session(live)).started_at
    assert start is not None
    late = timedelta(seconds=0.5)
    editing.shown = [
        Segment(start + late, gap, "crd_1", {"zh": "四件套", "en": "Bedding <set>"}),
        Segment(gap, None, "crd_2", {"zh": "毛巾", "en": "Towel"}),
        Segment(gap, gap + timedelta(milliseconds=1), "crd_3", {"en": "seen by nobody"}),
    ]
    async with studio.db.begin() as tx:
        await sessions.end(tx, live, now=utcnow())
    replay = await editing.made(live)

    assert replay.state is Made.READY
    assert (await studio.session(live)).state is State.ARCHIVED
    place = editing.output / replay.id
    text = (place / "index.m3u8").read_text()
    assert text.count("#EXT-X-DISCONTINUITY") == 1
    assert text.count("#EXT-X-PROGRAM-DATE-TIME") == 2
    assert text.count("#EXT-X-MAP") == 2
    assert text.endswith("#EXT-X-ENDLIST\n")
    files = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all((place / file).is_file() for file in files)
    assert (place / "poster.jpg").stat().st_size > 1000

    timeline = json.loads((place / "timeline.json").read_text())
    assert timeline == replay.timeline
    assert timeline["poster"] is True
    first, second = timeline["parts"]
    assert second["offset"] == pytest.approx(first["duration"], abs=0.01)
    one, two = timeline["chapters"]
    assert one["start"] == pytest.approx(0.5, abs=0.01)
    assert one["end"] == two["start"] == second["offset"]
    assert two["end"] == timeline["duration"] == pytest.approx(replay.duration_ms / 1000)
    chapters = (place / "chapters.en.vtt").read_text()
    assert "Bedding &lt;set&gt;" in chapters
    assert "四件套" in (place / "chapters.zh.vtt").read_text()

    whole = studio.nginx.root / "whole.mp4"
    await studio.tools.ffmpeg.run(
        ["-i", str(place / "index.m3u8"), "-c", "copy", str(whole)], within=30
    )
    assert whole.stat().st_size > 20_000
    assert sorted(p.name for p in editing.output.iterdir()) == [replay.id]


async def test_file_of_a_killed_server_is_found(editing: Editing) -> None:
    studio = editing.studio
    live, issued = await studio.ready()
    async with studio.publishing(issued.stream_key):
        await studio.until(live, State.LIVE)
        playlist = studio.nginx.hls / live / "index.m3u8"
        await eventually(lambda: asyncio.to_thread(playlist.is_file))
        await asyncio.sleep(1)
        epoch = studio.nginx.epoch
        assert studio.nginx.pid is not None
        os.kill(studio.nginx.pid, signal.SIGKILL)

        async def back() -> bool:
            return studio.nginx.epoch != epoch and studio.nginx.pid is not None

        await eventually(back)
    await studio.reconcile()
    async with studio.db.begin() as tx:
        await sessions.end(tx, live, now=utcnow())
    await editing.relay().drain(utcnow())
    assert await editing.replay(live) is None  # a callback may still come
    await editing.relay().drain(utcnow() + reactions.PATIENCE)
    replay = await editing.made(live)
    assert replay.state is Made.READY
    assert replay.duration_ms > 500


async def test_nothing_recorded_is_said_and_archived(editing: Editing) -> None:
    studio = editing.studio
    live, _ = await studio.ready()
    async with studio.db.begin() as tx:
        await sessions.start(tx, live, now=utcnow())
        await sessions.end(tx, live, now=utcnow())
    replay = await editing.made(live)
    assert (replay.state, replay.failure) == (Made.FAILED, "nothing recorded")
    assert (await studio.session(live)).state is State.ARCHIVED


async def test_ffmpeg_is_stopped_in_time_and_its_failure_is_said(studio: Studio) -> None:
    ffmpeg: Ffmpeg = studio.tools.ffmpeg
    endless = ["-re", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"]
    with pytest.raises(FfmpegTooSlow):
        await ffmpeg.run(endless, within=0.3)
    with pytest.raises(FfmpegFailed, match="No such file"):
        await ffmpeg.run(["-i", "/nowhere.flv", "-f", "null", "-"], within=5)


async def test_encoder_still_there_puts_the_replay_off(editing: Editing, db: Database) -> None:
    live, issued = await editing.studio.ready()
    async with editing.studio.publishing(issued.stream_key):
        await editing.studio.until(live, State.LIVE)
        with pytest.raises(jobs.StillRecording):
            await editing.build(None, ReplayWanted(live=live), now=utcnow())


async def test_a_picture_that_ends_before_the_sound_still_gives_a_poster(
    tools: MediaTools, tmp_path: Path
) -> None:
    picture = ["-f", "lavfi", "-i", "color=size=64x64:rate=10:duration=0.2"]
    sound = ["-f", "lavfi", "-i", "anullsrc=sample_rate=44100", "-t", "6"]
    codecs = ["-c:v", "flv1", "-c:a", "libmp3lame"]
    file = tmp_path / "short.flv"
    await tools.ffmpeg.run([*picture, *sound, *codecs, str(file)], within=60)
    assert await jobs.poster(tools.ffmpeg, file, 6.0, tmp_path)
    assert (tmp_path / "poster.jpg").is_file()


async def test_without_any_picture_there_is_no_poster(
    tools: MediaTools, tmp_path: Path
) -> None:
    file = tmp_path / "mute.flv"
    file.write_bytes(b"nothing")
    assert not await jobs.poster(tools.ffmpeg, file, 6.0, tmp_path)
