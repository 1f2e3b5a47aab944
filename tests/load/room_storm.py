"""Everybody is cut off at the same moment and comes back, while messages go on and people buy.

The server is the product's application over a real database that forces its log to disk: the
same process serves the rooms and settles the claims.
"""

import asyncio
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from livecommerce import migrations
from livecommerce.embedded.server import running_postgres
from livecommerce.kernel.db import open_database
from tests.load.bench_claims import OURS, ROUTES, Buyer, Drop, prepare, requests
from tests.load.room_peers import room
from tests.load.room_race import IN, PATH, SIZE, greeting
from tests.load.room_stand import crowd, python, serving

FOLDER = Path(__file__).parents[2] / ".data" / "bench" / "storm"
BEFORE, MEANWHILE, RATE = 20, 40, 8
WARM = 20
CLAIM = ROUTES["the product's route"][OURS]


@dataclass(frozen=True, slots=True)
class Storm:
    """What became of it; seconds."""

    seconds: float
    refused: int
    bought: int
    slowest_purchase: float


async def storm(viewers: int) -> Storm:
    """Cut everybody off; they return as the SDKs do, and recover all they missed."""
    said = [greeting(n, room(0)) for n in range(viewers)]
    took: list[float] = []
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        drop, database = await enter(_shop())
        server = await enter(serving(python("ours", database=database, secret=drop.secret)))
        people = await enter(crowd(server.port, viewers, path=PATH, needle=IN, greetings=said))
        await people.enter()
        await server.publish(BEFORE, 0, SIZE)
        await people.expect(BEFORE)
        offset, epoch = await server.stands()
        since = {"recover": True, "offset": offset, "epoch": epoch}
        said = [greeting(n, room(0), **since) for n in range(viewers)]
        drop = replace(drop, port=server.port)
        _, buyer = await asyncio.get_running_loop().create_connection(
            Buyer, "127.0.0.1", server.port
        )
        await _buy(buyer, drop, [], most=WARM)  # the show has been selling for a while
        await people.cut_off(said)
        shopping = asyncio.create_task(_buy(buyer, drop, took))
        returning = asyncio.create_task(people.back())
        await server.publish(MEANWHILE, RATE, SIZE)
        entered = await returning
        if shopping.done():
            shopping.result()
        shopping.cancel()
        await asyncio.gather(shopping, return_exceptions=True)
        buyer.transport.close()
        await people.expect(BEFORE + MEANWHILE)
    return Storm(entered.seconds, entered.refused, len(took), max(took))


async def _buy(buyer: Buyer, drop: Drop, took: list[float], most: int = 100_000) -> None:
    """One purchase after the other over a kept connection; how long each took."""
    for request in islice(requests(drop, CLAIM), most):
        began = time.perf_counter()
        status = await buyer.ask(request)
        took.append(time.perf_counter() - began)
        if status != 201:
            raise RuntimeError(f"a claim was answered {status}")
        await asyncio.sleep(0.1)


@asynccontextmanager
async def _shop() -> AsyncIterator[tuple[Drop, str]]:
    """A live session with something to buy, and the database's address."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    async with running_postgres(FOLDER, sync=False) as server:
        url = server.url("postgres")
        await migrations.migrate(url)
        db = open_database(url)
        try:
            live, card, product = await prepare(db)
        finally:
            await db.close()
        yield Drop(0, live, card, product, secrets.token_urlsafe(32)), url
