"""Encoders, a real nginx-rtmp, and who is let on air."""

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from livecommerce.kernel.clock import Period, utcnow
from streams.ingest import actions as ingest
from streams.ingest import jobs, queries
from streams.ingest.rules import Reason
from streams.ingest.rules import State as Picture
from streams.sessions import actions as sessions
from streams.sessions.events import LiveEnded
from streams.sessions.rules import State

from .conftest import Studio, eventually


def ended(live: str) -> LiveEnded:
    return LiveEnded(
        live=live, state=State.ENDED, version=9, at=utcnow(), host_reference="m", reference="b"
    )


async def test_wrong_key_is_refused_and_leaves_nothing(studio: Studio) -> None:
    live, issued = await studio.ready()
    wrong = await studio.encoder(f"{live}?key=wrong").publish(3)
    none = await studio.encoder(live).publish(3)
    unknown = await studio.encoder(f"liv_nobody?key={issued.key}").publish(3)
    assert wrong != 0
    assert none != 0
    assert unknown != 0
    assert (await studio.session(live)).state is State.READY
    assert (await studio.row(live)).refusal is Reason.WRONG_KEY
    assert list(studio.nginx.hls.iterdir()) == []
    assert list(studio.nginx.recordings.iterdir()) == []


async def test_early_and_late_keys_are_refused(studio: Studio) -> None:
    live, _ = await studio.ready()
    now, hour = utcnow(), timedelta(hours=1)
    for valid, reason in (
        (Period(now + hour, now + 2 * hour), Reason.EARLY),
        (Period(now - 2 * hour, now - hour), Reason.LATE),
    ):
        async with studio.db.begin() as tx:
            issued = await ingest.issue_key(tx, live, valid=valid, now=now)
        assert await studio.encoder(issued.stream_key).publish(3) != 0
        assert (await studio.row(live)).refusal is reason
    assert (await studio.session(live)).state is State.READY


async def test_killed_encoder_interrupts_and_comes_back(studio: Studio) -> None:
    live, issued = await studio.ready()
    async with studio.publishing(issued.stream_key) as encoder:
        await studio.until(live, State.LIVE)
        playlist = studio.nginx.hls / live / "index.m3u8"
        await eventually(lambda: asyncio.to_thread(playlist.is_file))
        assert encoder.pid is not None
        os.kill(encoder.pid, signal.SIGKILL)
        await studio.until(live, State.INTERRUPTED)
    before = await studio.session(live)
    async with studio.publishing(issued.stream_key):
        await studio.until(live, State.LIVE)
        after = await studio.session(live)
    assert after.started_at == before.started_at
    assert after.version == before.version + 1
    async with studio.db.begin() as tx:
        assert len(await queries.publications(tx, live)) == 2


async def test_second_encoder_is_refused_while_the_first_lives(studio: Studio) -> None:
    live, issued = await studio.ready()
    async with studio.publishing(issued.stream_key) as first:
        await studio.until(live, State.LIVE)
        assert await studio.encoder(issued.stream_key).publish(3) != 0
        await studio.reconcile()
        assert first.pid is not None
        assert (await studio.session(live)).state is State.LIVE
        assert (await studio.row(live)).refusal is Reason.SECOND


async def test_ended_session_drops_its_encoder(studio: Studio) -> None:
    live, issued = await studio.ready()
    encoder = studio.encoder(issued.stream_key)
    publishing = asyncio.create_task(encoder.publish(60))
    await studio.until(live, State.LIVE)

    async def described() -> bool:
        return any(stream.width for stream in (await studio.server.list()).streams)

    await eventually(described)
    (stream,) = (await studio.server.list()).streams
    assert (stream.width, stream.height, stream.video_codec) == (180, 320, "H264")
    async with studio.db.begin() as tx:
        await sessions.end(tx, live, now=utcnow())
    await jobs.drop_publisher(studio.db, studio.server, ended(live))
    assert await asyncio.wait_for(publishing, 5) != 0

    async def noted() -> bool:
        return (await studio.row(live)).state is Picture.ENDED

    await eventually(noted)
    assert (await studio.session(live)).state is State.ENDED
    assert await studio.encoder(issued.stream_key).publish(3) != 0


async def test_publisher_without_leave_is_dropped(studio: Studio) -> None:
    """One that our rows know nothing of: as if its admission had never been stored."""
    live, issued = await studio.ready()
    publishing = asyncio.create_task(studio.encoder(issued.stream_key).publish(60))
    await studio.until(live, State.LIVE)

    async def listed() -> bool:
        return bool((await studio.server.list()).streams)

    await eventually(listed)
    async with studio.db.begin() as tx:
        for publication in await queries.publications(tx, live):
            await tx.delete(publication)
        row = await queries.locked(tx, live)
        assert row is not None
        row.state = Picture.IDLE
    await studio.reconcile()
    assert await asyncio.wait_for(publishing, 5) != 0


async def test_encoder_survives_a_lost_belief(studio: Studio) -> None:
    """We took it for gone while it streamed on: the next look at the list takes it back."""
    live, issued = await studio.ready()
    async with studio.publishing(issued.stream_key) as encoder:
        await studio.until(live, State.LIVE)

        async def listed() -> bool:
            return bool((await studio.server.list()).streams)

        await eventually(listed)
        async with studio.db.begin() as tx:
            row = await queries.locked(tx, live)
            assert row is not None
            await ingest.lost(tx, row, now=utcnow())
        assert (await studio.session(live)).state is State.INTERRUPTED
        await studio.reconcile()
        assert (await studio.session(live)).state is State.LIVE
        assert encoder.pid is not None


async def test_killed_media_server_comes_back_at_the_same_address(studio: Studio) -> None:
    live, issued = await studio.ready()
    epoch, address = studio.nginx.epoch, studio.nginx.rtmp_url()
    publishing = asyncio.create_task(studio.encoder(issued.stream_key).publish(60))
    await studio.until(live, State.LIVE)
    assert studio.nginx.pid is not None
    os.kill(studio.nginx.pid, signal.SIGKILL)
    assert await asyncio.wait_for(publishing, 10) != 0

    async def back() -> bool:
        return studio.nginx.epoch != epoch and studio.nginx.pid is not None

    await eventually(back)

    async def interrupted() -> bool:
        await studio.reconcile()
        return (await studio.session(live)).state is State.INTERRUPTED

    await eventually(interrupted)
    assert studio.nginx.rtmp_url() == address
    async with studio.publishing(issued.stream_key):
        await studio.until(live, State.LIVE)


async def test_key_is_written_nowhere(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    live, issued = await studio.ready()
    async with studio.publishing(issued.stream_key):
        await studio.until(live, State.LIVE)
    await studio.until(live, State.INTERRUPTED)
    await studio.encoder(f"{issued.stream_key}x").publish(1)
    assert any(issued.key.encode() in body for body in studio.heard)
    assert issued.key not in caplog.text
    assert issued.key not in repr(issued)
    assert issued.key not in repr(await studio.row(live))
    for file in _files(studio.nginx.root):
        assert issued.key.encode() not in file.read_bytes(), file


def _files(root: Path) -> list[Path]:
    """All it wrote, and the log that the module would write to by default."""
    system = Path("/var/log/nginx/access.log")
    readable = [system] if os.access(system, os.R_OK) else []
    return [path for path in root.rglob("*") if path.is_file()] + readable
