"""The till of these tests, in databases of its own."""

from collections.abc import AsyncIterator

import pytest

from livecommerce.embedded.server import Server
from livecommerce.kernel.db import Database
from tests import database
from tests.sandbox_till import (
    CONNECT,
    PRICE,
    PUBLIC,
    SECRET,
    SIGNING,
    TOLD,
    Till,
    opened_till,
)

__all__ = ["CONNECT", "PRICE", "PUBLIC", "SECRET", "SIGNING", "TOLD", "Till"]


@pytest.fixture
async def till(db: Database, postgres: Server) -> AsyncIterator[Till]:
    """A till whose sandbox delivers to a hook of ours, but only when told to."""
    async with database.clone(postgres) as own, opened_till(db, own) as made:
        yield made
