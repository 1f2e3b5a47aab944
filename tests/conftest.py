"""Fixtures for every test: a moment that never passes, and a database of one's own."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from livecommerce.embedded.server import Server
from livecommerce.kernel.db import Database, open_database
from tests import database


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
