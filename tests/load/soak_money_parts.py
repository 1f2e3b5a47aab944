"""The processes of the money soak: web and worker of the product as operators run them, our
PostgreSQL, and the provider, which has a PostgreSQL of its own and is never killed."""

import asyncio
import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from livecommerce import migrations
from livecommerce.crossborder.desk import demo_desk
from livecommerce.embedded.databases import ensure_database
from livecommerce.embedded.server import Server, running_postgres

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 120.0
KEY = "sk_test_sandbox"
PUBLIC = "pk_test_sandbox"


@dataclass(slots=True)
class Kept:
    """A process of the product that is started again whenever it dies."""

    command: str
    env: Mapping[str, str]
    log: Path
    ready_at: str = ""
    process: asyncio.subprocess.Process | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self) -> None:
        while True:
            with self.log.open("ab") as out:
                self.process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "livecommerce.cli", self.command),
                    env={**os.environ, **self.env},
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )
            try:
                waiting = asyncio.create_task(self._wait_until_ready())
                await self.process.wait()
                waiting.cancel()
            finally:
                if self.process.returncode is None:
                    self.process.kill()
                    await self.process.wait()
            self.ready.clear()
            await asyncio.sleep(0.2)

    async def _wait_until_ready(self) -> None:
        if self.ready_at:
            await answers(self.ready_at)
        else:
            await asyncio.sleep(3)
        self.ready.set()

    def kill(self) -> bool:
        """Without a word, and wherever it is; not while it is still starting."""
        if self.process is None or not self.ready.is_set():
            return False
        self.ready.clear()
        self.process.kill()
        return True


async def answers(url: str) -> None:
    """Return when it says that it is ready."""
    while await status(url) != 200:  # noqa: ASYNC110 -- it is another process
        await asyncio.sleep(0.1)


async def status(url: str) -> int:
    """The status of an answer; 0 if there is none."""
    timeout = aiohttp.ClientTimeout(total=2)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url) as answer:
            return answer.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs, and where."""

    url: str
    provider: str
    database: str
    server: Server
    parts: Mapping[str, Kept]
    secrets: Mapping[str, str]

    def kill(self, name: str) -> bool:
        """One of the parts, or PostgreSQL; whether it was there to be killed."""
        if name != "postgres":
            return self.parts[name].kill()
        with suppress(ProcessLookupError):  # it was just being started again
            os.kill(self.server.pid, signal.SIGKILL)
            return True
        return False

    async def tell_provider(self, path: str, body: Any = None) -> Any:
        """Ask or command the provider as its own people do."""
        headers = {"Authorization": f"Bearer {KEY}"}
        method = "GET" if body is None else "POST"
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, f"{self.provider}{path}", json=body, headers=headers) as told,
        ):
            assert told.status == 200, await told.text()
            return await told.json(content_type=None)

    async def of_provider(self, kind: str) -> list[dict[str, Any]]:
        """All of the provider's objects of a kind."""
        found: list[dict[str, Any]] = []
        more = ""
        while True:
            page = await self.tell_provider(f"/v1/{kind}?limit=100{more}")
            found += page["data"]
            if not page["has_more"]:
                return found
            more = f"&starting_after={page['data'][-1]['id']}"


def _listening() -> socket.socket:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(128)
    return sock


@asynccontextmanager
async def _peers(folder: Path, port: int, told: Mapping[str, str]) -> AsyncIterator[Any]:
    """The provider, customs and mail, over a PostgreSQL of their own; their addresses."""
    async with running_postgres(folder, sync=False, options={"fsync": "off"}) as server:
        await ensure_database(server.url("postgres"), "peers")
        sockets = {name: _listening() for name in ("sandbox", "customs", "mail", "smtp")}
        plan = {
            "database_url": server.url("peers"),
            "sockets": {name: sock.fileno() for name, sock in sockets.items()},
            "webhook_url": f"http://127.0.0.1:{port}/hooks/stripe",
            "webhook_secret": told["webhook"],
            "connect_url": f"http://127.0.0.1:{port}/hooks/stripe-connect",
            "connect_secret": told["connect"],
            "log_format": "lines",
        }
        with (folder / "peers.log").open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "livecommerce.peers"),
                stdin=asyncio.subprocess.PIPE,
                stdout=out,
                stderr=out,
                pass_fds=[sock.fileno() for sock in sockets.values()],
                start_new_session=True,
            )
        assert process.stdin is not None
        process.stdin.write(json.dumps(plan).encode() + b"\n")
        await process.stdin.drain()
        try:
            yield {name: sock.getsockname()[1] for name, sock in sockets.items()}
        finally:
            process.terminate()
            await process.wait()
            for sock in sockets.values():
                sock.close()


@asynccontextmanager
async def staged(
    folder: Path, *, options: Mapping[str, str] | None = None
) -> AsyncIterator[Stage]:
    """Everything runs, and runs again."""
    told = {
        "webhook": f"whsec_{secrets.token_hex(16)}",
        "connect": f"whsec_{secrets.token_hex(16)}",
    }
    with _listening() as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    folders = [folder / name for name in ("ours", "theirs", "data")]
    for each in folders:
        each.mkdir(parents=True)
        each.chmod(0o755)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        at = await enter(_peers(folders[1], port, told))
        server = await enter(running_postgres(folders[0], sync=False, options=options))
        await ensure_database(server.url("postgres"), "livecommerce")
        database = server.url("livecommerce")
        await migrations.migrate(database)
        desk = folders[2] / "desk.json"
        desk.write_text(demo_desk().model_dump_json())
        env = {
            "LC_ENV": "demo",
            "LC_PORT": str(port),
            "LC_PUBLIC_URL": url,
            "LC_DATA_DIR": str(folders[2]),
            "LC_SECRET": secrets.token_urlsafe(32),
            "LC_GATEWAY_KEY": secrets.token_urlsafe(32),
            "LC_GATEWAY_URL": f"{url}/api",
            "LC_DATABASE_URL": database,
            "LC_STRIPE_KEY": KEY,
            "LC_STRIPE_PUBLISHABLE_KEY": PUBLIC,
            "LC_STRIPE_BASE_URL": f"http://127.0.0.1:{at['sandbox']}",
            "LC_STRIPE_WEBHOOK_SECRET": told["webhook"],
            "LC_STRIPE_CONNECT_SECRET": told["connect"],
            "LC_CUSTOMS_URL": f"http://127.0.0.1:{at['customs']}",
            "LC_CUSTOMS_DESK": str(desk),
            "LC_SMTP_URL": f"smtp://127.0.0.1:{at['smtp']}",
            "LC_MAIL_URL": f"http://127.0.0.1:{at['mail']}",
        }
        parts = {
            "web": Kept("serve", env, folder / "web.log", f"{url}/readyz"),
            "worker": Kept("worker", env, folder / "worker.log"),
        }
        tasks = [asyncio.create_task(part.keep()) for part in parts.values()]
        try:
            async with asyncio.timeout(STARTS_WITHIN):
                await asyncio.gather(*(part.ready.wait() for part in parts.values()))
            provider = f"http://127.0.0.1:{at['sandbox']}"
            yield Stage(url, provider, database, server, parts, told)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
