"""The one-machine default: what production has elsewhere, started and stopped around us.

PostgreSQL under a supervisor, nginx-rtmp from a generated configuration, and the peers
(payment sandbox, customs, mail) in a process of their own. Whatever the settings name is
left alone; only what is missing is started.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from livecommerce import migrations
from livecommerce.embedded import ensure_database, running_postgres
from livecommerce.settings import Settings, kept_secret
from streams.media.nginx_process import NginxMissing, NginxProcess, find_nginx

log = logging.getLogger(__name__)

PEERS = ("sandbox", "customs", "smtp", "mail")
_STOPS_WITHIN = 3.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What runs: the settings with every address filled in, and our own nginx if there is
    one."""

    settings: Settings
    nginx: NginxProcess | None
    hook_secret: str
    customs_is_ours: bool = False


@asynccontextmanager
async def running(settings: Settings, *, port: int) -> AsyncIterator[Machine]:
    """Start what is missing; stop it at the end, the database last.

    Args:
        port: where our web process listens, for the callbacks of peers and media server.

    Raises:
        CannotRun: the database cannot be started here; the message says what to do.
    """
    async with AsyncExitStack() as stack:
        hook_secret = kept_secret(settings.data_dir, "hook-secret")
        settings = await _database(settings, stack)
        nginx = asyncio.create_task(_media(settings, port, hook_secret))
        customs_is_ours = settings.customs_url is None
        settings = await _peers(settings, stack, port)
        assert settings.database_url is not None
        if await migrations.current(settings.database_url) != migrations.head():
            log.info("bringing the database up to date")
            await migrations.migrate(settings.database_url)
        media = await nginx
        if media is not None:
            await stack.enter_async_context(media.running())
        yield Machine(settings, media, hook_secret, customs_is_ours)


async def _database(settings: Settings, stack: AsyncExitStack) -> Settings:
    if settings.database_url is not None:
        return settings
    url = await stack.enter_async_context(database(settings))
    return settings.model_copy(update={"database_url": url})


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[str]:
    """Our own PostgreSQL; the address of the product's database in it."""
    async with running_postgres(settings.data_dir) as server:
        await ensure_database(server.url("postgres"), "livecommerce")
        yield server.url("livecommerce")


async def _media(settings: Settings, port: int, secret: str) -> NginxProcess | None:
    """Our nginx, not started yet; none where it is not installed."""
    try:
        install = find_nginx()
    except NginxMissing as missing:
        log.warning("no media server: %s; live video is off", missing)
        return None
    return NginxProcess(
        install,
        settings.data_dir / "media",
        hook=settings.hook_url or f"http://127.0.0.1:{port}/hooks/{secret}/nginx-rtmp",
        rtmp_host=settings.rtmp_host or "127.0.0.1",
        rtmp_port=settings.rtmp_port or None,
    )


async def _peers(settings: Settings, stack: AsyncExitStack, port: int) -> Settings:
    """One child process for all peers. Their sockets are ours and listen already, so nobody
    waits for the child to be up."""
    missing = [
        name
        for name, given in (
            ("sandbox", settings.stripe_key),
            ("customs", settings.customs_url),
            ("smtp", settings.smtp_url),
        )
        if given is None
    ]
    if not missing:
        return settings
    assert settings.database_url is not None
    base, _, query = settings.database_url.partition("?")
    await ensure_database(settings.database_url, "livecommerce_peers")
    sockets = {name: _listening() for name in PEERS}
    at = {name: sock.getsockname()[1] for name, sock in sockets.items()}
    webhook_secret = f"whsec_{kept_secret(settings.data_dir, 'webhook-secret')}"
    connect_secret = f"whsec_{kept_secret(settings.data_dir, 'connect-secret')}"
    told = {
        "database_url": f"{base.rpartition('/')[0]}/livecommerce_peers?{query}",
        "sockets": {name: sock.fileno() for name, sock in sockets.items()},
        "webhook_url": f"http://127.0.0.1:{port}/hooks/stripe",
        "webhook_secret": webhook_secret,
        "connect_url": f"http://127.0.0.1:{port}/hooks/stripe-connect",
        "connect_secret": connect_secret,
        "log_format": settings.log_format,
    }
    child = _Child(
        [sys.executable, "-m", "livecommerce.peers"],
        json.dumps(told).encode(),
        [sock.fileno() for sock in sockets.values()],
    )
    await stack.enter_async_context(child.running())
    for sock in sockets.values():
        stack.callback(sock.close)
    filled: dict[str, object] = {"mail_url": f"http://127.0.0.1:{at['mail']}"}
    if "sandbox" in missing:
        filled |= {
            "stripe_base_url": f"http://127.0.0.1:{at['sandbox']}",
            "stripe_key": SecretStr("sk_test_sandbox"),
            "stripe_publishable_key": "pk_test_sandbox",
            "stripe_webhook_secret": SecretStr(webhook_secret),
            "stripe_connect_secret": SecretStr(connect_secret),
        }
    if "customs" in missing:
        filled["customs_url"] = f"http://127.0.0.1:{at['customs']}"
    if "smtp" in missing:
        filled["smtp_url"] = f"smtp://127.0.0.1:{at['smtp']}"
    return settings.model_copy(update=filled)


def _listening() -> socket.socket:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(128)
    return sock


class _Child:
    """A child process that is started again when it dies, and ends when we do."""

    def __init__(self, command: list[str], told: bytes, files: list[int]) -> None:
        self._command = command
        self._told = told
        self._files = files
        self._process: asyncio.subprocess.Process | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self._start()
        watch = asyncio.create_task(self._watch(), name="peers watch")
        try:
            yield
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
            await self._stop()

    async def _start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            pass_fds=self._files,
            start_new_session=True,  # Ctrl-C is for us; we end our children when it is time
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        )
        assert self._process.stdin is not None
        # The pipe stays open: its end tells the child that we are gone, however we went.
        self._process.stdin.write(self._told + b"\n")
        await self._process.stdin.drain()

    async def _watch(self) -> None:
        while True:
            assert self._process is not None
            await self._process.wait()
            log.error("the peers died; starting them again")
            await asyncio.sleep(0.5)
            await self._start()

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _STOPS_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()
