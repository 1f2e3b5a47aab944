"""The statement that decides costs the same in a full shop as in an empty one."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.catalogue.settle import Ask, Special, settle
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from tests import shop


class Planned(Exception):
    """How the server means to run the statement that decides."""


class Explains:
    """A transaction in which that statement is explained instead of run."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    async def execute(self, statement: Any, parameters: Any = None, /) -> sa.Result[Any]:
        if "INSERT INTO commerce.hold" not in statement.text:
            return await self._tx.execute(statement, parameters)
        told = await self._tx.execute(sa.text(f"EXPLAIN {statement.text}"), parameters)
        raise Planned("\n".join(told.scalars()))


@pytest.mark.parametrize("special", [None, Special("off_1", Money(9_900, "CNY"), 5, 1)])
async def test_a_plan_made_for_an_empty_shop_serves_a_full_one(
    db: Database, now: datetime, special: Special | None
) -> None:
    """The server keeps a plan that it made when nobody had claimed anything. Reading all
    holds was cheapest then; kept, it would make every claim of the day dearer than the last."""
    product = await shop.open_shop(db, now=now)
    wants = [replace(shop.claim_of(product, f"gst_{n}"), special=special) for n in range(100)]
    asks = [Ask.of(want, now=now, until=now + timedelta(minutes=10)) for want in wants]
    async with db.begin() as tx:
        with pytest.raises(Planned) as planned:
            await settle(Explains(tx), product.variants[0].id, asks)
    plan = str(planned.value)
    assert "Index Scan using uq_hold_claim_key" in plan
    assert "Seq Scan on hold" not in plan
