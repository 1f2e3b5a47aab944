"""What the bench of the drop stands on: a database that forces its log to disk, web processes
before it, and the crowd, each a process of its own."""

import asyncio
import json
import secrets
import shutil
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from livecommerce import migrations
from livecommerce.catalogue import actions as catalogue
from livecommerce.catalogue.wire import ProductOut
from livecommerce.embedded.server import running_postgres
from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database, open_database
from livecommerce.live.tables import Card
from tests import shop
from tests.load.bench_claims import _on_the_shelf

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENOUGH = 5_000_000


@dataclass(frozen=True, slots=True)
class Ware:
    """One variant on one card of one live session."""

    live: str
    card: str
    product: ProductOut

    @property
    def variant(self) -> str:
        return self.product.variants[0].id


@dataclass(slots=True)
class Round:
    """What a round came to."""

    took: list[float]
    seconds: float
    said: dict[str, int] = field(default_factory=dict)

    @property
    def met(self) -> int:
        return self.said.get("met", 0)

    @property
    def per_second(self) -> float:
        return self.met / self.seconds

    def percentile(self, n: int) -> float:
        """Milliseconds."""
        return statistics.quantiles(self.took, n=100)[n - 1] * 1000


@dataclass(slots=True)
class Crowd:
    """The process that plays the buyers."""

    process: asyncio.subprocess.Process

    async def order(self, **order: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(300):
            line = await self.process.stdout.readline()
        return json.loads(line)

    async def play(self, **order: Any) -> Round:
        return Round(**await self.order(**order))


@dataclass(slots=True)
class Stand:
    """Everything a bench needs."""

    db: Database
    url: str
    secret: str
    ports: list[int]
    crowd: Crowd
    merchants: int = 0

    async def ware(self, on_hand: int = ENOUGH) -> Ware:
        """A new live session with one card, and so many on hand."""
        now = utcnow()
        self.merchants += 1
        async with self.db.begin() as tx:
            merchant = await shop.add_merchant(tx, now=now, number=self.merchants)
            want = shop.duvet(merchant, on_hand=on_hand)
            product = await catalogue.create_product(tx, want, by=shop.owner(merchant), now=now)
            live, card = await _on_the_shelf(tx, merchant, product)
        return Ware(live, card, product)

    async def enter(self, ware: Ware, way: str, buyers: int, *, processes: int = 1) -> None:
        """So many buyers connect to the first so many processes."""
        await self.crowd.order(
            ports=self.ports[:processes],
            live=ware.live,
            card=ware.card,
            variant=ware.variant,
            secret=self.secret,
            buyers=buyers,
            way=way,
        )

    async def held(self, ware: Ware) -> int:
        """How many pieces are set aside."""
        return (await shop.stock_of(self.db, ware.variant))[1]

    async def durability(self) -> str:
        """How the server promises to keep what it has committed."""
        names = ("fsync", "synchronous_commit", "full_page_writes")
        async with self.db.begin() as tx:
            said = [f"{name} {await tx.scalar(sa.text(f'SHOW {name}'))}" for name in names]
        return ", ".join(said)


async def on_shelf(
    db: Database, *, variants: int, on_hand: int
) -> tuple[str, list[tuple[str, str]]]:
    """A live session whose shelf has so many variants; it, and card and variant of each."""
    now = utcnow()
    async with db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=now)
        want = shop.duvet(merchant, on_hand=on_hand, variants=variants)
        product = await catalogue.create_product(tx, want, by=shop.owner(merchant), now=now)
        live, card = await _on_the_shelf(tx, merchant, product)
        prices = {v.id: v.price.minor for v in product.variants}
        await tx.execute(sa.update(Card).values(prices=prices))
    return live, [(card, variant.id) for variant in product.variants]


@asynccontextmanager
async def lined(program: str, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python process of ours that takes lines until its input is closed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / program),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 26,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()


async def told_port(process: asyncio.subprocess.Process, **plan: Any) -> int:
    """The port of a web process that was told where its database is."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(plan).encode() + b"\n")
    async with asyncio.timeout(60):
        return int(json.loads(await process.stdout.readline())["port"])


@asynccontextmanager
async def stand(name: str, *, processes: int) -> AsyncIterator[Stand]:
    """A database of its own on disk, so many web processes, and the crowd."""
    folder = ROOT / ".data" / "bench" / name
    shutil.rmtree(folder, ignore_errors=True)
    secret = secrets.token_urlsafe(32)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(running_postgres(folder, sync=False))
        url = server.url("postgres")
        await migrations.migrate(url)
        db = open_database(url)
        stack.push_async_callback(db.close)
        ports = []
        for _ in range(processes):
            process = await stack.enter_async_context(lined("drop_server.py"))
            ports.append(await told_port(process, url=url, secret=secret, claim_limit=ENOUGH))
        crowd = Crowd(await stack.enter_async_context(lined("drop_crowd.py")))
        yield Stand(db, url, secret, ports, crowd)
