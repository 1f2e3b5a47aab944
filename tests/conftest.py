"""Fixtures for every test: a moment that never passes, and a database of one's own."""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

import livecommerce.app
import livecommerce.assembly  # noqa: F401 -- importing all takes seconds: not in a test's loop
from livecommerce.embedded.server import Server
from livecommerce.kernel.db import Database, open_database
from tests import database, open_sockets
from tests.redis_server import RedisServer, redis_server
from tests.workers import ByKind, longest_first

LONGEST_SILENCE = 30.0  # seconds; encoders and browsers of other workers hold machines up
LONGEST_BLOCK = 3.0  # seconds; generous: slow machines take long over what is short


def pytest_configure() -> None:
    """Sockets that tests leave open are found where they were left."""
    open_sockets.refuse()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With several workers, in the order in which they are given out."""
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        items[:] = longest_first(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByKind:
    """Which worker takes which tests."""
    return ByKind(config, log)


@pytest.fixture
def now() -> datetime:
    """A Monday, 19:00 in Shanghai. Tests that need another moment add to it."""
    return datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The run's server, with the template made."""
    with database.test_server() as server:
        database.make_template(server)
        yield server


@pytest.fixture
async def postgres_url(postgres: Server) -> AsyncIterator[str]:
    """The address of a fresh database with all tables, dropped after the test."""
    async with database.clone(postgres) as url:
        yield url


@pytest.fixture
async def db(postgres_url: str) -> AsyncIterator[Database]:
    """A fresh database, open."""
    opened = open_database(postgres_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    """The run's Redis; a test keeps to a prefix of its own in it."""
    with redis_server() as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_blocks(request: pytest.FixtureRequest) -> None:
    """An asynchronous test fails if something held its event loop up."""
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("heartbeat")


@pytest.fixture
async def heartbeat() -> AsyncIterator[None]:
    """Beats while the test runs, and complains of the longest wait for a beat: by our own
    computing, or so long that no other program's load explains it."""
    loop = asyncio.get_running_loop()
    longest, busiest = 0.0, 0.0

    async def beat() -> None:
        nonlocal longest, busiest
        while True:
            asked, worked = loop.time(), time.thread_time()
            await asyncio.sleep(0.05)
            longest = max(longest, loop.time() - asked - 0.05)
            busiest = max(busiest, time.thread_time() - worked)

    task = asyncio.create_task(beat())
    yield
    task.cancel()
    await asyncio.wait([task])
    assert busiest < LONGEST_BLOCK, f"the event loop computed for {busiest:.1f} s"
    assert longest < LONGEST_SILENCE, f"the event loop was blocked for {longest:.1f} s"
