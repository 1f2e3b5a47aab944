"""What is asked for every minute has an index, whatever the books have grown to."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.kernel import clock
from livecommerce.kernel.db import Database
from payments import inbox, janitor, transfers
from tests.integration.payments.conftest import Till


async def odd(till: Till, now: datetime) -> object:
    async with till.db.begin() as tx:
        return await inbox.not_understood(tx)


async def again(till: Till, now: datetime) -> object:
    return await janitor.listen_again(till.db, till.payments, now=now)


async def waiting(till: Till, now: datetime) -> object:
    async with till.db.begin() as tx:
        return await transfers.waiting(tx, before=now - timedelta(minutes=1), limit=10)


async def lines(till: Till, now: datetime) -> object:
    return await one(
        till.db, "SELECT id FROM payments.ledger_posting WHERE occurred_at >= now()"
    )


async def charge(till: Till, now: datetime) -> object:
    async with till.db.begin() as tx:
        return await tx.execute(
            sa.text("SELECT id FROM payments.payment WHERE charge = ANY(:ids)"),
            {"ids": ["ch_1"]},
        )


@pytest.mark.parametrize(
    ("work", "index"),
    [
        (odd, "ix_inbox_odd"),
        (again, "ix_inbox_said"),
        (waiting, "ix_transfer_waiting"),
        (waiting, "ix_transfer_reversal_waiting"),
        (lines, "ix_ledger_posting_occurred"),
        (charge, "ix_payment_charge"),
    ],
)
async def test_it_is_found_by_an_index(
    till: Till, work: Callable[[Till, datetime], Awaitable[object]], index: str
) -> None:
    used = "SELECT idx_scan FROM pg_stat_all_indexes WHERE indexrelname = :index"
    assert await counted(till.db, used, index) == 0
    name = await one(till.db, "SELECT current_database()")
    await one(till.db, f'ALTER DATABASE "{name}" SET enable_seqscan = off')
    await till.db.engine.dispose()
    await work(till, clock.utcnow())
    await till.db.engine.dispose()  # what a connection counted is told when it ends
    assert await counted(till.db, used, index) > 0


async def one(db: Database, query: str) -> Any:
    async with db.begin() as tx:
        found = await tx.execute(sa.text(query))
        return found.scalar() if found.returns_rows else None


async def counted(db: Database, query: str, index: str) -> int:
    async with db.begin() as tx:
        return int(await tx.scalar(sa.text(query), {"index": index}) or 0)
