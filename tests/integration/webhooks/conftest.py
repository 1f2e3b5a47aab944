"""A merchant, a courier that may send to loopback, and the real time."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from livecommerce.webhooks.courier import Courier
from livecommerce.webhooks.sender import Sender
from tests import shop
from tests.hooked import ROOT
from tests.receiver import HOST


@pytest.fixture
def now() -> datetime:
    """Receivers hold the time of a signature against the real one."""
    return utcnow()


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    async with Sender([HOST]) as opened:
        yield opened


@pytest.fixture
def courier(db: Database, sender: Sender) -> Courier:
    return Courier(db, sender, secret=ROOT)


@pytest.fixture
async def merchant(db: Database, now: datetime) -> str:
    async with db.begin() as tx:
        return await shop.add_merchant(tx, now=now)
