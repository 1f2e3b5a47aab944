"""From "explain this card" to the frame in every viewer's hands, in a full room.

``make bench-explain ARGS="--viewers 1000 --rounds 40"`` prints a table and writes
``.data/bench/explain.json``. The viewers are real WebSocket connections in a process of their
own; moments are compared on the machine's monotonic clock. Measured twice: the product as it
is started (request, transaction, outbox, relay, job, room), and the gateway alone.
"""

import argparse
import asyncio
import json
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from livecommerce.demo.seed import SeededCentre  # noqa: E402 -- the path comes first
from livecommerce.identity import tokens as room_tokens  # noqa: E402
from livecommerce.kernel.clock import utcnow  # noqa: E402
from livecommerce.kernel.db import Database  # noqa: E402
from streams.sessions import actions as sessions  # noqa: E402
from tests import people, product  # noqa: E402
from tests.rooms import serving, token  # noqa: E402

TARGET_MS = 250.0
CHATTER = 20
Explain = Callable[[int], Awaitable[object]]


class Crowd:
    """The viewers' process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def _next(self, key: str, seconds: float) -> Any:
        assert self._process.stdout is not None
        async with asyncio.timeout(seconds):
            while line := await self._process.stdout.readline():
                told = json.loads(line)
                if "lost" in told:
                    raise RuntimeError(f"a viewer was thrown out: {told['lost']}")
                if key in told:
                    return told[key]
        raise RuntimeError("the crowd has gone home")

    async def ready(self) -> int:
        return int(await self._next("ready", 120))

    async def receipts(self) -> list[int]:
        """When each of them received the next push, in monotonic nanoseconds."""
        return list(await self._next("receipts", 30))


@asynccontextmanager
async def crowd(
    host: str, port: int, tokens: Sequence[str], channels: Sequence[str], watch: str
) -> AsyncIterator[Crowd]:
    """That many viewers, all subscribed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("crowd.py")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    assert process.stdin is not None
    plan = {
        "host": host,
        "port": port,
        "path": "/connection/websocket",
        "tokens": list(tokens),
        "channels": list(channels),
        "watch": watch,
    }
    process.stdin.write(json.dumps(plan).encode() + b"\n")
    try:
        people = Crowd(process)
        await people.ready()
        yield people
    finally:
        process.terminate()
        await process.wait()


async def measure(people: Crowd, explain: Explain, rounds: int, pause: float) -> list[float]:
    """Milliseconds from asking to receipt, for every viewer and round."""
    took: list[float] = []
    for n in range(1, rounds + 1):
        started = time.monotonic_ns()
        asked = asyncio.ensure_future(explain(n))
        receipts = await people.receipts()
        await asked
        took += [(moment - started) / 1e6 for moment in receipts]
        await asyncio.sleep(pause)
    return took


def figures(name: str, took: list[float], *, target: float | None) -> list[dict[str, Any]]:
    """The rows of the table and of the file."""
    p99 = statistics.quantiles(took, n=100)[98]
    rows = [
        (f"{name}, median", statistics.median(took), None),
        (f"{name}, p99", p99, target),
        (f"{name}, slowest", max(took), None),
    ]
    return [
        {
            "metric": metric,
            "value": round(value, 2),
            "unit": "ms",
            "ratio_to": None,
            "target": target_ms,
            "ok": target_ms is None or value < target_ms,
        }
        for metric, value, target_ms in rows
    ]


def show(rows: list[dict[str, Any]]) -> None:
    width = max(len(row["metric"]) for row in rows)
    for row in rows:
        reached = "met" if row["ok"] else "MISSED"
        goal = "" if row["target"] is None else f"  < {row['target']:g}: {reached}"
        print(f"{row['metric']:<{width}}  {row['value']:>9.2f} {row['unit']}{goal}")


def write(rows: list[dict[str, Any]]) -> None:
    path = ROOT / ".data" / "bench" / "explain.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=2) + "\n")
    print(f"written to {path.relative_to(ROOT)}")


def whole(viewers: int, rounds: int) -> list[dict[str, Any]]:
    """The product as it is started, from the console's request to the viewers' frames."""
    with product.place("lc-bench-") as folder:
        running = product.Product(folder)
        running.start()
        try:
            centre = product.seeded(running)
            return asyncio.run(_whole(running, centre, viewers, rounds))
        finally:
            running.stop()


async def _whole(
    running: product.Product, seeded: SeededCentre, viewers: int, rounds: int
) -> list[dict[str, Any]]:
    secret = (running.folder / "secret").read_text()
    now = utcnow()
    passes = [room_tokens.issue(secret, f"gst_{n:026d}", "x", now) for n in range(viewers)]
    centre = people.Centre(running.url, seeded)
    async with centre.person("host") as host:
        show = await people.prepare(host, centre, cards=4)

        async def go_on_air(db: Database) -> None:
            async with db.begin() as tx:
                await sessions.start(tx, show.live, now=utcnow())

        await asyncio.to_thread(running.in_database, go_on_air)

        async def explain(n: int) -> None:
            card = show.cards[n % len(show.cards)]["id"]
            await host.post(f"/v1/live/{show.live}/cards/{card}/explain")

        channels = [f"{kind}:{show.live}" for kind in ("room", "cards", "stock", "stats")]
        port = int(running.url.rpartition(":")[2])
        async with crowd("127.0.0.1", port, passes, channels, channels[1]) as watching:
            took = await measure(watching, explain, rounds, 0.2)
    return figures(f"{viewers} viewers, the whole product", took, target=TARGET_MS)


async def run(viewers: int, rounds: int) -> list[dict[str, Any]]:
    """The gateway alone: what is published is received. The room is quiet, then it chats."""
    live = "liv_bench"
    tokens = [token(f"gst_{n}") for n in range(viewers)]
    channels = [f"room:{live}", f"cards:{live}", f"stock:{live}", f"stats:{live}"]
    async with serving() as served:
        hub = served.hub

        async def explain(n: int) -> None:
            card = {"t": "card", "card": "crd_1", "segment": "xpl_1", "version": n}
            await hub.publish(f"cards:{live}", card, version=len(versions) + 1)
            versions.append(n)

        async def chatter() -> None:
            while True:
                await hub.publish(f"room:{live}", {"t": "chat", "text": "x" * 200})
                await asyncio.sleep(1 / CHATTER)

        versions: list[int] = []
        async with crowd("127.0.0.1", served.port, tokens, channels, f"cards:{live}") as people:
            quiet = await measure(people, explain, rounds, 0.05)
            before, began = used(), time.monotonic()
            talking = asyncio.create_task(chatter())
            busy = await measure(people, explain, rounds, 0.05)
            talking.cancel()
            load = (used() - before) / (time.monotonic() - began)
    rows = figures(f"{viewers} viewers, quiet room", quiet, target=TARGET_MS)
    rows += figures(f"{viewers} viewers, {CHATTER} messages/s", busy, target=TARGET_MS)
    print(f"server: {load:.0%} of a core while the room chats, {hub.figures.frames} frames")
    return rows


def used() -> float:
    """CPU seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=40)
    args = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows = whole(args.viewers, args.rounds)
    rows += asyncio.run(run(args.viewers, args.rounds))
    show(rows)
    write(rows)
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
