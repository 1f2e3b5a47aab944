"""The worker of the soak: holds lapse, some are sold, some given up, and now and then more
goods come in, all through the product's own functions."""

import asyncio
import json
import logging
import random
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[2]))

from livecommerce.catalogue import jobs, stock
from livecommerce.catalogue.rules import Reason
from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database, Tx, open_database

log = logging.getLogger(__name__)
AT_ONCE = 40
_OPEN = sa.text(
    "SELECT id FROM commerce.hold WHERE state = 'held' AND checkout_id IS NULL"
    " ORDER BY random() LIMIT :most"
)
_EMPTY = sa.text("SELECT variant_id FROM commerce.stock WHERE on_hand < :few")


async def turn(db: Database, chance: random.Random) -> None:
    """A moment's work."""
    r: Any = SimpleNamespace(db=db)
    await jobs.lapse_holds(r, now=utcnow())
    async with db.begin() as tx:
        open_holds = list((await tx.execute(_OPEN, {"most": AT_ONCE})).scalars())
    for hold in open_holds:
        fate = chance.random()
        if fate < 0.3:
            await _sell(db, hold)
        elif fate < 0.5:
            async with db.begin() as tx:
                await stock.release(tx, [hold], now=utcnow())
    async with db.begin() as tx:
        await _receive(tx)


async def _sell(db: Database, hold: str) -> None:
    try:
        async with db.begin() as tx:
            await stock.sell(tx, [hold], now=utcnow())
    except stock.HoldGone:
        log.debug("it lapsed meanwhile")


async def _receive(tx: Tx) -> None:
    few = (await tx.execute(_EMPTY, {"few": 20})).scalars()
    moves = [(variant, 100, 0, "soak") for variant in few]
    await stock.move(tx, moves, reason=Reason.RECEIVED, now=utcnow())


async def work() -> None:
    """Until the input is closed; a database that is away is waited for."""
    plan = json.loads(sys.stdin.readline())
    over = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    db = open_database(plan["url"], pool=3)
    chance = random.Random(plan["seed"])
    print(json.dumps({"port": 0}), flush=True)
    while not over.done():
        try:
            await turn(db, chance)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            log.warning("the worker waits: %s", type(error).__name__)
        await asyncio.sleep(0.1)
    await db.close()


if __name__ == "__main__":
    asyncio.run(work())
