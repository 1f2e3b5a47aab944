"""A statement's month is read by its own entries, however many postings there are beside it."""

from datetime import date

import pytest
import sqlalchemy as sa

from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from payments import explain, folding
from tests.load import money_loader

MARCH = {"since": date(2026, 3, 1), "until": date(2026, 4, 1)}


async def plan(db: Database, query: str) -> str:
    async with db.begin() as tx:
        account = await explain._id(tx, "merchant_pending", "EUR", "mer_3")
        asked = {"account": account, **MARCH}
        rows = await tx.execute(sa.text(f"EXPLAIN {query}"), asked)
        return "\n".join(str(row[0]) for row in rows)


async def test_no_month_reads_every_posting(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(money_loader, "MERCHANTS", 20)
    await money_loader.load(db, 60_000)
    await folding.fold(db, now=utcnow())
    await money_loader.load(db, 500, after=60_000)
    await money_loader.tidy(db)
    # Given: left to itself the planner reads them all, to join a few hundred
    fenced = explain._OF_MONTH.text
    unfenced = fenced.replace("OFFSET 0", "")
    assert "Seq Scan on ledger_posting" in await plan(db, unfenced), "the twin"
    # Then it is not left to itself
    for query in (fenced, explain._OPENING.text):
        found = await plan(db, query)
        assert "Seq Scan on ledger_posting" not in found
        assert "Index Only Scan using ix_ledger_entry_account" in found
    # and the figures are those of the entries
    async with db.begin() as tx:
        month = await explain.month(tx, "merchant_pending", "EUR", "mer_3", MARCH["since"])
        assert (
            month.closing
            == (await explain.explain(tx, "merchant_pending", "EUR", "mer_3")).balance
        )
        assert len(month.movements) == 60_500 // money_loader.MERCHANTS
