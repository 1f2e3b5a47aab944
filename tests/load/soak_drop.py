"""A drop in which web processes, the worker and PostgreSQL are killed at random moments.

``make soak-drop ARGS="--minutes 5 --seed 7"`` or ``python -m tests.load.soak_drop``
prints what happened and audits the books: no variant oversold, every acknowledged claim a hold
that was sold, lapsed or released by the rules, every hold acknowledged or found under its key,
journal = stock, nothing stuck. ``--twin`` takes the guard away (claims look before they take,
the CHECK is dropped) and must oversell. Exit status 0 means: as it must be.
"""

import argparse
import asyncio
import os
import random
import secrets
import shutil
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from livecommerce import migrations  # noqa: E402 -- the path comes first
from livecommerce.catalogue import jobs  # noqa: E402
from livecommerce.embedded.server import Server, running_postgres  # noqa: E402
from livecommerce.kernel.clock import utcnow  # noqa: E402
from livecommerce.kernel.db import Database, open_database  # noqa: E402
from tests.load.drop_stand import lined, on_shelf, told_port  # noqa: E402
from tests.load.soak_audit import audit, oversold  # noqa: E402
from tests.load.soak_buyers import Buyers, Memory, Shop  # noqa: E402

HOLDS_LAST = 3.0
HEALS_WITHIN = 120.0
VARIANTS, PIECES, FEW = 3, 200, 20


@dataclass(slots=True)
class Part:
    """A process that is started again whenever it dies."""

    program: str
    plan: dict[str, Any]
    process: asyncio.subprocess.Process | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self) -> None:
        while True:
            async with lined(self.program) as process:
                self.process = process
                with suppress(ValueError, OSError, TimeoutError):
                    await told_port(process, **self.plan)
                    self.ready.set()
                    await process.wait()
            self.ready.clear()

    def kill(self) -> bool:
        """Without a word, and wherever it is; not while it is still starting."""
        if self.process is None or not self.ready.is_set():
            return False
        self.ready.clear()
        self.process.kill()
        return True


@dataclass(slots=True)
class Soak:
    """What a soak came to."""

    memory: Memory
    kills: Counter[str]
    wrong: list[str]
    seconds: float


@asynccontextmanager
async def kept(*parts: Part) -> AsyncIterator[None]:
    """The parts run, and run again."""
    tasks = [asyncio.create_task(part.keep()) for part in parts]
    try:
        async with asyncio.timeout(HEALS_WITHIN):
            await asyncio.gather(*(part.ready.wait() for part in parts))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def kill_at_random(
    server: Server,
    parts: dict[str, Part],
    kills: Counter[str],
    chance: random.Random,
    pause: tuple[float, float],
) -> None:
    """Every now and then one of them, PostgreSQL included; each once before any again."""
    bag: list[str] = []
    while True:
        await asyncio.sleep(chance.uniform(*pause))
        bag = bag or chance.sample(every := [*parts, "postgres"], len(every))
        name = bag.pop()
        if name == "postgres":
            with suppress(ProcessLookupError):  # it was just being started again
                os.kill(server.pid, signal.SIGKILL)
                kills[name] += 1
        elif parts[name].kill():
            kills[name] += 1


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


async def soak(
    folder: Path,
    *,
    seconds: float,
    buyers: int,
    seed: int,
    twin: bool = False,
    pause: tuple[float, float] = (2.0, 6.0),
    options: dict[str, str] | None = None,
) -> Soak:
    """Sell, kill, wait until everything has healed, and audit."""
    chance = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        server = await enter(running_postgres(folder, sync=False, options=options))
        url = server.url("postgres")
        await migrations.migrate(url)
        db = open_database(url)
        stack.push_async_callback(db.close)
        if twin:
            await _take_the_guard_away(db)
        secret, ports = secrets.token_urlsafe(32), free_ports(1 if twin else 2)
        live, wares = await on_shelf(db, variants=VARIANTS, on_hand=FEW if twin else PIECES)
        where = Shop(ports, secret, live, wares)
        plan = {
            "url": url,
            "secret": secret,
            "hold_lasts": 600.0 if twin else HOLDS_LAST,
            "twin": twin,
        }
        parts = {
            f"web {n}": Part("soak_server.py", {**plan, "port": port})
            for n, port in enumerate(ports, 1)
        }
        if not twin:
            parts["worker"] = Part("soak_worker.py", {"url": url, "seed": seed})
        await enter(kept(*parts.values()))
        memory, kills = Memory(), Counter[str]()
        stop = asyncio.Event()
        crowd = Buyers(where, memory, chance)
        people = [asyncio.create_task(crowd.buy(stop)) for _ in range(buyers)]
        if twin:
            await asyncio.sleep(seconds)
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await kill_at_random(server, parts, kills, chance, pause)
        stop.set()
        async with asyncio.timeout(HEALS_WITHIN):
            await asyncio.gather(*people)
        if twin:
            wrong = await oversold(db)
        else:
            await _settled(db)
            wrong = await audit(db, memory, where, now=utcnow())
    shutil.rmtree(folder, ignore_errors=True)
    return Soak(memory, kills, wrong, time.monotonic() - began)


async def _settled(db: Database) -> None:
    """Every hold's time is over, and the sweeper has been."""
    r: Any = SimpleNamespace(db=db)
    await jobs.lapse_holds(r, now=utcnow() + timedelta(seconds=HOLDS_LAST))


async def _take_the_guard_away(db: Database) -> None:
    drop = "ALTER TABLE commerce.stock DROP CONSTRAINT ck_stock_held_within_on_hand"
    async with db.begin() as tx:
        await tx.execute(sa.text(drop))


def show(found: Soak, *, twin: bool) -> bool:
    """What happened; whether it is as it must be."""
    memory = found.memory
    killed = ", ".join(f"{name} {n}x" for name, n in sorted(found.kills.items())) or "nothing"
    print(f"{found.seconds:.0f} s; killed: {killed}")
    answers = ", ".join(f"{status}: {n}" for status, n in sorted(memory.statuses.items()))
    print(f"{len(memory.by_key):,} buyers, {memory.acknowledged:,} had goods set aside")
    print(
        f"{memory.double:,} double clicks, {memory.lost:,} answers lost, {memory.away:,} times"
        f" nobody there; answers {answers}"
    )
    for line in found.wrong[:20]:
        print(f"  {line}")
    if twin:
        print(f"without the guard: {len(found.wrong)} of {VARIANTS} variants oversold")
        return bool(found.wrong)
    print(f"audit: {len(found.wrong)} things wrong" if found.wrong else "audit: all is well")
    return not found.wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--buyers", type=int, default=300, help="at a time")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--twin", action="store_true")
    args = parser.parse_args()
    print(f"seed {args.seed}")
    folder = ROOT / ".data" / "soak"
    ran = soak(
        folder,
        seconds=min(args.minutes * 60, 10) if args.twin else args.minutes * 60,
        buyers=args.buyers,
        seed=args.seed,
        twin=args.twin,
    )
    return 0 if show(asyncio.run(ran), twin=args.twin) else 1


if __name__ == "__main__":
    sys.exit(main())
