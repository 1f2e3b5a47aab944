"""A hundred buyers at once on one variant, through HTTP, with durable commits.

``python -m tests.load.bench_claims [--rounds 5] [--seconds 3]`` prints a table and writes
``.data/bench/claims.json``. The product's claim route is measured against the same route
over a ``SELECT … FOR UPDATE`` transaction per buyer: same application, same database, rounds
interleaved in shuffled order. A second pair of routes is told the price instead of reading
the shelf, and shows settling alone. Each claim comes from a new buyer under a new key.

The database is real and forces its log to disk; the server is a process of its own; this
process plays the buyers over raw connections, so that it costs little of the machine.
"""

import argparse
import asyncio
import json
import random
import secrets
import shutil
import statistics
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from livecommerce import migrations  # noqa: E402 -- the path comes first
from livecommerce.catalogue import actions as catalogue  # noqa: E402
from livecommerce.catalogue.wire import ProductOut  # noqa: E402
from livecommerce.embedded.server import running_postgres  # noqa: E402
from livecommerce.identity import tokens  # noqa: E402
from livecommerce.kernel import ids  # noqa: E402
from livecommerce.kernel.clock import Period, utcnow  # noqa: E402
from livecommerce.kernel.db import Database, Tx, open_database  # noqa: E402
from livecommerce.live.rules import CardState  # noqa: E402
from livecommerce.live.tables import Card, Shelf  # noqa: E402
from streams.sessions import actions as sessions  # noqa: E402
from tests import shop  # noqa: E402

OURS, NAIVE = "coalesced", "transaction per buyer"
ROUTES = {
    "the product's route": {OURS: "/v1/live/{live}/claims", NAIVE: "/bench/live/{live}/claims"},
    "settling alone": {OURS: "/bench/bare", NAIVE: "/bench/bare/naive"},
}
TARGET = 10.0
ENOUGH = 5_000_000
AHEAD = 2_500


@dataclass(slots=True)
class Round:
    """What one round came to."""

    took: list[float] = field(default_factory=list)
    seconds: float = 0.0
    refused: int = 0

    @property
    def per_second(self) -> float:
        return len(self.took) / self.seconds

    def percentile(self, n: int) -> float:
        return statistics.quantiles(self.took, n=100)[n - 1] * 1000


@dataclass(frozen=True, slots=True)
class Drop:
    """Where the buyers go, and what they ask for."""

    port: int
    live: str
    card: str
    product: ProductOut
    secret: str

    def body(self, path: str) -> bytes:
        """One piece: by its card, or with its price told."""
        variant = self.product.variants[0]
        if "{live}" in path:
            item = {"card": self.card, "variant": variant.id, "count": 1}
            return json.dumps({"items": [item]}).encode()
        price = {"minor": variant.price.minor, "currency": variant.price.currency}
        told = {"variant": variant.id, "merchant": self.product.merchant, "price": price}
        return json.dumps(told).encode()


class Buyer(asyncio.Protocol):
    """One kept connection. Sends one request, tells its status, and no more than that."""

    def __init__(self) -> None:
        self._seen = b""
        self._answer: asyncio.Future[int] | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._seen += data
        head, gap, body = self._seen.partition(b"\r\n\r\n")
        if not gap or self._answer is None:
            return
        _, _, after = head.lower().partition(b"\r\ncontent-length: ")
        if len(body) >= int(after.split(b"\r\n", 1)[0] or 0):
            self._seen = b""
            if not self._answer.done():
                self._answer.set_result(int(head[9:12]))
            self._answer = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    async def ask(self, request: bytes) -> int:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


def requests(drop: Drop, path: str) -> Iterator[bytes]:
    """Claims of one piece each, every one by a new guest."""
    body = drop.body(path)
    while True:
        guest = tokens.sign_guest(drop.secret, tokens.new_guest(), now=utcnow())
        head = (
            f"POST {path.format(live=drop.live)} HTTP/1.1\r\nHost: 127.0.0.1:{drop.port}\r\n"
            f"Cookie: lc_guest={guest}\r\nIdempotency-Key: {secrets.token_hex(8)}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


async def play(drop: Drop, path: str, *, buyers: int, seconds: float) -> Round:
    """So many buyers, each with the next claim as soon as the last one is answered."""
    loop = asyncio.get_running_loop()
    # Signing cookies is the buyers' work in no drop: it is done before the clock starts.
    made = requests(drop, path)
    ready = deque(islice(made, buyers + int(seconds * AHEAD)))
    result = Round()
    began = time.perf_counter()
    until = began + seconds

    async def one() -> None:
        _, buyer = await loop.create_connection(Buyer, "127.0.0.1", drop.port)
        while (asked := time.perf_counter()) < until:
            status = await buyer.ask(ready.popleft() if ready else next(made))
            if status == 201:
                result.took.append(time.perf_counter() - asked)
            else:
                result.refused += 1
        buyer.transport.close()

    await asyncio.gather(*(one() for _ in range(buyers)))
    result.seconds = time.perf_counter() - began
    return result


async def prepare(db: Database) -> tuple[str, str, ProductOut]:
    """A live session with one card, and plenty on hand."""
    now = utcnow()
    async with db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=now)
        want = shop.duvet(merchant, on_hand=ENOUGH)
        product = await catalogue.create_product(tx, want, by=shop.owner(merchant), now=now)
        return *await _on_the_shelf(tx, merchant, product), product


async def _on_the_shelf(tx: Tx, merchant: str, product: ProductOut) -> tuple[str, str]:
    now = utcnow()
    live = await sessions.create(
        tx,
        reference=ids.new("bkg"),
        host_reference=merchant,
        title={"zh": "抢购", "en": "The drop"},
        period=Period(now, now + timedelta(hours=2)),
        now=now,
    )
    tx.add(Shelf(live_id=live.id, merchant_id=merchant, booking_id=ids.new("bkg")))
    await tx.flush()
    variant = product.variants[0]
    card = Card(
        id=ids.new("crd"),
        live_id=live.id,
        merchant_id=merchant,
        product_id=product.id,
        position=1,
        currency=variant.price.currency,
        prices={variant.id: variant.price.minor},
        state=CardState.WAITING,
        added_at=now,
    )
    tx.add(card)
    await tx.flush()
    return live.id, card.id


@asynccontextmanager
async def dropped() -> AsyncIterator[tuple[Drop, Database]]:
    """A database of its own on disk, and the server before it."""
    folder = ROOT / ".data" / "bench" / "claims"
    shutil.rmtree(folder, ignore_errors=True)
    secret = secrets.token_urlsafe(32)
    async with running_postgres(folder, sync=False) as server:
        url = server.url("postgres")
        await migrations.migrate(url)
        db = open_database(url)
        try:
            live, card, product = await prepare(db)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(Path(__file__).with_name("drop_server.py")),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({"url": url, "secret": secret}).encode() + b"\n")
            async with asyncio.timeout(60):
                port = int(json.loads(await process.stdout.readline())["port"])
            try:
                yield Drop(port, live, card, product, secret), db
            finally:
                process.stdin.close()
                await process.wait()
        finally:
            await db.close()


async def run(*, buyers: int, rounds: int, seconds: float) -> list[dict[str, Any]]:
    """Interleaved rounds; then the books are audited."""
    played = {(route, name): list[Round]() for route in ROUTES for name in (OURS, NAIVE)}
    async with dropped() as (drop, db):
        for route, name in played:
            await play(drop, ROUTES[route][name], buyers=buyers, seconds=0.5)  # warm
        for _ in range(rounds):
            for route, name in random.sample(list(played), len(played)):
                one = await play(drop, ROUTES[route][name], buyers=buyers, seconds=seconds)
                played[route, name].append(one)
        await shop.books_agree(db)
        durable = await _durability(db)
    print(f"{buyers} buyers, {rounds} rounds of {seconds:g} s, {durable}")
    print("afterwards: the journal is the stock, and the holds are what is held")
    return [row for route in ROUTES for row in figures(route, played)]


async def _durability(db: Database) -> str:
    names = ("fsync", "synchronous_commit", "full_page_writes")
    async with db.begin() as tx:
        said = [f"{name} {await tx.scalar(sa.text(f'SHOW {name}'))}" for name in names]
    return ", ".join(said)


def figures(route: str, played: dict[tuple[str, str], list[Round]]) -> list[dict[str, Any]]:
    """The rows of the table and of the file."""
    ours, naive = played[route, OURS], played[route, NAIVE]
    pairs = zip(ours, naive, strict=True)
    ratio = statistics.median(one.per_second / other.per_second for one, other in pairs)
    rows: list[dict[str, Any]] = []

    def add(metric: str, value: float, unit: str, **more: Any) -> None:
        row = {"ratio_to": None, "target": None, "ok": True, **more}
        metric = f"{route}: {metric}"
        rows.append({"metric": metric, "value": round(value, 2), "unit": unit, **row})

    for name, rounds in ((OURS, ours), (NAIVE, naive)):
        add(name, statistics.median(r.per_second for r in rounds), "claims/s")
        for n in (50, 99):
            add(f"{name}, p{n}", statistics.median(r.percentile(n) for r in rounds), "ms")
        refused = sum(r.refused for r in rounds)
        add(f"{name}, refused", refused, "claims", ok=refused == 0)
    reached = {"ratio_to": f"{route}: {NAIVE}", "target": TARGET, "ok": ratio >= TARGET}
    add(f"{OURS} against {NAIVE}", ratio, "times", **reached)
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    width = max(len(row["metric"]) for row in rows)
    for row in rows:
        reached = "met" if row["ok"] else "MISSED"
        goal = "" if row["target"] is None else f"  >= {row['target']:g}: {reached}"
        print(f"{row['metric']:<{width}}  {row['value']:>10,.2f} {row['unit']}{goal}")


def write(rows: list[dict[str, Any]]) -> None:
    path = ROOT / ".data" / "bench" / "claims.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=2) + "\n")
    print(f"written to {path.relative_to(ROOT)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buyers", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    args = parser.parse_args()
    rows = asyncio.run(run(buyers=args.buyers, rounds=args.rounds, seconds=args.seconds))
    show(rows)
    write(rows)
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
