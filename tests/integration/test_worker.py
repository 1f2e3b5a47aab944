"""Web and worker as two processes over one database: what is done in one is heard in the
other's rooms, and a worker that dies loses nothing and doubles nothing."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.demo.client import Browser, Viewer
from livecommerce.demo.seed import SeededCentre, seed
from livecommerce.demo.show import Show, open_show
from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from streams.sessions import actions as sessions
from tests.product import environment, free_port, status
from tests.redis_server import RedisServer

_FACTS = "SELECT count(*) FROM kernel.outbox"
COMMAND = [sys.executable, "-m", "livecommerce.cli"]


@dataclass
class Installation:
    """Settings that two processes share."""

    folder: Path
    port: int
    database_url: str
    more: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        return "".join(p.read_text(errors="replace") for p in self.folder.glob("*.log"))

    @asynccontextmanager
    async def running(
        self, command: str, **more: str
    ) -> AsyncIterator[subprocess.Popen[bytes]]:
        """``livecommerce <command>`` until the block ends, if it has not ended by then."""
        nowhere = "http://127.0.0.1:9"
        settings = {
            "DATABASE_URL": self.database_url,
            "STRIPE_KEY": "sk_test_nobody",
            "STRIPE_BASE_URL": nowhere,
            "CUSTOMS_URL": nowhere,
            "SMTP_URL": "smtp://127.0.0.1:9",
            "CUSTOMS_DESK": str(files("livecommerce.crossborder") / "data" / "demo_desk.json"),
            **self.more,
            **more,
        }
        with (self.folder / f"{command}.log").open("ab") as out:
            process = subprocess.Popen(  # noqa: ASYNC220 - begins at once
                [*COMMAND, command],
                env=environment(self.folder, self.port, settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                    assert await asyncio.to_thread(process.wait, 10) == 0, self.said()

    async def up(self, process: subprocess.Popen[bytes]) -> None:
        """The web process answers."""
        deadline = time.monotonic() + 60
        while await asyncio.to_thread(status, f"{self.url}/readyz") != 200:
            assert process.poll() is None, self.said()[-3000:]
            assert time.monotonic() < deadline, self.said()[-3000:]
            await asyncio.sleep(0.1)


@pytest.fixture(params=["server API", "Redis"])
def installation(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str
) -> Installation:
    """By each way in which a worker reaches the web process's rooms."""
    port = free_port()
    if request.param == "Redis":
        server: RedisServer = request.getfixturevalue("redis")
        return Installation(tmp_path, port, postgres_url, {"REDIS_URL": server.url})
    rooms = {"GATEWAY_URL": f"http://127.0.0.1:{port}/api", "GATEWAY_KEY": "between us"}
    return Installation(tmp_path, port, postgres_url, rooms)


async def on_air(db: Database) -> tuple[SeededCentre, Show]:
    """The demo centre, with a session on air."""
    now = utcnow()
    centre = await seed(db, now=now)
    resources: Any = SimpleNamespace(db=db, rtmp_address="")
    show = await open_show(resources, centre, now=now)
    async with db.begin() as tx:
        await sessions.start(tx, show.live, now=now)
    return centre, show


@asynccontextmanager
async def watching(url: str, live: str) -> AsyncIterator[Viewer]:
    async with Browser(url) as browser:
        viewer = Viewer(browser, live)
        await viewer.join(f"room:{live}", f"cards:{live}", f"stock:{live}")
        try:
            yield viewer
        finally:
            await viewer.leave()


async def explain(db: Database, centre: SeededCentre, show: Show, turn: int) -> None:
    await show.explain(SimpleNamespace(db=db), centre, turn, now=utcnow())  # type: ignore[arg-type]


async def undone(db: Database) -> int:
    """Facts not told and jobs not done."""
    async with db.begin() as tx:
        facts = await tx.scalar(
            sa.text(
                "SELECT count(*) FROM kernel.outbox WHERE told_at IS NULL AND due_at IS NULL"
            )
        )
        jobs = await tx.scalar(sa.text("SELECT count(*) FROM kernel.job WHERE done_at IS NULL"))
    return int(facts or 0) + int(jobs or 0)


async def leases_run_out(db: Database) -> int:
    """What a minute does to jobs whose worker died."""
    async with db.begin() as tx:
        held = await tx.execute(
            sa.text("UPDATE kernel.job SET locked_until = :now WHERE done_at IS NULL"),
            {"now": utcnow()},
        )
    return int(held.rowcount)  # type: ignore[attr-defined]


async def pause_and_resume(db: Database, show: Show, times: int) -> None:
    """Each is a fact whose frame every viewer hears once."""
    for _ in range(times):
        for change in (sessions.pause, sessions.resume):
            async with db.begin() as tx:
                await change(tx, show.live, now=utcnow())


@pytest.mark.timeout(180)
async def test_a_worker_reaches_the_rooms_of_the_web_process(
    installation: Installation, db: Database
) -> None:
    centre, show = await on_air(db)
    async with (
        installation.running("serve") as web,
        installation.running("worker") as worker,
    ):
        await installation.up(web)
        async with watching(installation.url, show.live) as viewer:
            async with Browser(installation.url) as host:
                await host.sign_in(*centre.login("host"))
                card = show.cards[0]
                await host.post(f"/v1/live/{show.live}/cards/{card}/explain")
            await viewer.until("card", card=card, within=60)

            before = len(viewer.heard("state"))
            await pause_and_resume(db, show, 10)
            worker.kill()  # with jobs in its hands
            await asyncio.to_thread(worker.wait)
            await pause_and_resume(db, show, 10)
            await explain(db, centre, show, 1)
            async with installation.running("worker"):
                deadline = time.monotonic() + 60
                while await undone(db):
                    await leases_run_out(db)
                    await asyncio.sleep(0.5)
                    assert time.monotonic() < deadline, installation.said()[-3000:]
                await viewer.until("card", card=show.cards[1])
            versions = [frame["version"] for frame in viewer.heard("state")][before:]
            assert sorted(versions) == sorted(set(versions)), "something was told twice"
            last = max(versions)
            assert set(versions) >= set(range(last - 39, last + 1)), "something was lost"


async def test_a_worker_without_a_way_to_rooms_is_refused(
    installation: Installation,
) -> None:
    installation.more.clear()
    async with installation.running("worker") as worker:
        assert await asyncio.to_thread(worker.wait, 30) != 0
    assert "LC_GATEWAY_URL" in installation.said()
    assert "Traceback" not in installation.said()
