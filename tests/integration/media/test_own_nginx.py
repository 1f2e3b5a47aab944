"""The nginx that we run ourselves: its beginning, its end and its accidents."""

import asyncio
import os
import shutil
import signal
import socket
import tempfile
from pathlib import Path

import aiohttp
import pytest

from streams.media import nginx_process
from streams.media.nginx_process import NginxFailed, NginxMissing, NginxProcess, find_nginx
from streams.media.port import MediaServerDown
from streams.sessions.rules import State
from tests.media_tools import MediaTools

from .conftest import Studio, eventually

NOWHERE = "http://127.0.0.1:9/hook"


def nginx(tools: MediaTools, root: Path, port: int | None = None) -> NginxProcess:
    return NginxProcess(tools.nginx, root, hook=NOWHERE, rtmp_port=port)


async def test_stops_and_leaves_nothing_running(tools: MediaTools, tmp_path: Path) -> None:
    process = nginx(tools, tmp_path)
    async with aiohttp.ClientSession() as http, process.running():
        server = process.server(http)
        assert (await server.list()).streams == ()
        assert not await server.kick("liv_nobody")
        assert oct((tmp_path / "nginx.conf").stat().st_mode)[-3:] == "600"
    assert process.pid is None
    assert nginx_process._writing_to(tmp_path / "logs" / "error.log") == []
    async with aiohttp.ClientSession() as http:
        with pytest.raises(MediaServerDown):
            await process.server(http).list()


async def test_what_a_killed_owner_left_is_stopped_first(
    tools: MediaTools, tmp_path: Path
) -> None:
    killed = nginx(tools, tmp_path)
    await killed.start()
    left = killed.pid
    assert left is not None
    (tmp_path / "hls" / "liv_old").mkdir()
    async with nginx(tools, tmp_path, killed.rtmp_port).running() as process:
        assert process.pid != left
        assert not (tmp_path / "hls" / "liv_old").exists()
    await killed.stop()


async def test_taken_port_is_said(tools: MediaTools, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NginxFailed, match="Address already in use"):
            await nginx(tools, tmp_path, port).start()


def test_missing_nginx_and_missing_module_are_said(
    tools: MediaTools, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare = tmp_path / "nginx"
    bare.write_text("#!/bin/sh\necho 'configure arguments: --prefix=/x' >&2\n")
    bare.chmod(0o755)
    monkeypatch.setattr(nginx_process, "_BINARY_DIRS", "/nowhere")
    monkeypatch.setattr(nginx_process, "_MODULE_DIRS", ("/nowhere",))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NginxMissing, match="no ngx_rtmp_module"):
        find_nginx()
    bare.unlink()
    with pytest.raises(NginxMissing, match="no nginx"):
        find_nginx()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_runs_as_somebody_else_than_root(tools: MediaTools) -> None:
    async def run(root: Path) -> None:
        async with nginx(tools, root).running() as process:
            assert (root / "logs" / "error.log").stat().st_uid == 65534
            assert process.pid is not None

    async def warm_up(root: Path) -> None:
        async with nginx(tools, root).running():
            pass

    with tempfile.TemporaryDirectory() as root:  # nobody may not read our modules later on
        asyncio.run(warm_up(Path(root)))
    root = tempfile.mkdtemp()
    os.chown(root, 65534, 65534)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            asyncio.run(run(Path(root)))
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    shutil.rmtree(root)
    assert ended == 0


async def test_demo_encoder_comes_back_by_itself(studio: Studio) -> None:
    live, issued = await studio.ready()
    encoder = studio.encoder(issued.stream_key)
    keeping = asyncio.create_task(encoder.keep_publishing())
    try:
        await studio.until(live, State.LIVE)
        assert encoder.pid is not None
        os.kill(encoder.pid, signal.SIGKILL)
        await studio.until(live, State.INTERRUPTED)
        await studio.until(live, State.LIVE)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    async def gone() -> bool:
        return encoder.pid is None

    await eventually(gone)
    await studio.until(live, State.INTERRUPTED)
