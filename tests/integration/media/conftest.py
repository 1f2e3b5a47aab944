"""A real media server that asks our real hook, and encoders to publish to it."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from livecommerce.kernel.clock import Period, utcnow
from livecommerce.kernel.db import Database
from streams.ingest import actions as ingest
from streams.ingest import queries, rules
from streams.ingest.hook import handle
from streams.ingest.reconcile import reconcile
from streams.ingest.tables import Ingest
from streams.media.encoder import Encoder, Picture
from streams.media.nginx_process import NginxProcess
from streams.media.nginx_rtmp import NginxRtmp
from streams.sessions import actions as sessions
from streams.sessions import queries as session_queries
from streams.sessions.rules import State
from streams.sessions.tables import LiveSession
from tests import media_tools
from tests.media_tools import MediaTools

TINY = Picture(180, 320, 10, 200, test_card=True)


@pytest.fixture(scope="session")
def tools() -> MediaTools:
    """nginx-rtmp and ffmpeg, or a skip that says why."""
    return media_tools.found()


@dataclass
class Studio:
    """One media server with our hook behind it, and what the tests do there."""

    db: Database
    nginx: NginxProcess
    server: NginxRtmp
    tools: MediaTools
    heard: list[bytes] = field(default_factory=list)

    async def ready(self, reference: str = "bkg_1") -> tuple[str, ingest.Issued]:
        """A session that may go on air now, and its key."""
        now = utcnow()
        slot = Period(now, now + timedelta(hours=1))
        async with self.db.begin() as tx:
            live = await sessions.create(
                tx,
                reference=reference,
                host_reference="mer_1",
                title={"zh": "测试", "en": "Test"},
                period=slot,
                now=now,
            )
            await sessions.clear(tx, live.id, {"by": "usr_1"}, now=now)
            issued = await ingest.issue_key(tx, live.id, valid=rules.window(slot), now=now)
        return live.id, issued

    def encoder(self, stream_key: str) -> Encoder:
        """One that is to publish with that stream key."""
        return Encoder(self.tools.ffmpeg, f"{self.nginx.rtmp_url()}/{stream_key}", TINY)

    @asynccontextmanager
    async def publishing(self, stream_key: str) -> AsyncIterator[Encoder]:
        """An encoder at work for the length of the block."""
        encoder = self.encoder(stream_key)
        task = asyncio.create_task(encoder.publish(60))
        try:
            yield encoder
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def session(self, live: str) -> LiveSession:
        """The session as it is stored now."""
        async with self.db.begin() as tx:
            return await session_queries.get(tx, live)

    async def row(self, live: str) -> Ingest:
        """The ingest row as it is stored now."""
        async with self.db.begin() as tx:
            row = await queries.of_live(tx, live)
        assert row is not None
        return row

    async def until(self, live: str, state: State) -> None:
        """Wait until the session is in that state."""

        async def there() -> bool:
            return (await self.session(live)).state is state

        await eventually(there)

    async def reconcile(self) -> None:
        """One look at the server's list."""
        await reconcile(self.db, self.server, now=utcnow())


async def eventually(true: Callable[[], Awaitable[bool]], within: float = 30) -> None:
    """Ask again and again until it is so."""
    async with asyncio.timeout(within):
        while not await true():  # noqa: ASYNC110  (another program makes it true)
            await asyncio.sleep(0.05)


@pytest.fixture
async def studio(db: Database, tools: MediaTools) -> AsyncIterator[Studio]:
    """A media server of the test's own."""
    heard: list[bytes] = []
    servers: list[NginxRtmp] = []

    async def hook(request: web.Request) -> web.Response:
        body = await request.read()
        heard.append(body)
        status, headers, answer = await handle(
            db, servers[0], request.headers, request.query, body, utcnow()
        )
        return web.Response(status=status, headers=headers, body=answer)

    app = web.Application()
    app.router.add_post("/hooks/secret/nginx-rtmp", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    root = Path(tempfile.mkdtemp(prefix="livecommerce-media-"))
    nginx = NginxProcess(
        tools.nginx,
        root,
        hook=f"http://127.0.0.1:{port}/hooks/secret/nginx-rtmp",
        idle_seconds=5,
        keep_hls=True,
    )
    try:
        async with aiohttp.ClientSession() as http, nginx.running():
            servers.append(nginx.server(http))
            yield Studio(db, nginx, servers[0], tools, heard)
    finally:
        await runner.cleanup()
        shutil.rmtree(root)
