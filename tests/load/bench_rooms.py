"""Rooms of thousands, ours and others', beside the physical limit, in one run.

``make bench-rooms`` or ``python -m tests.load.bench_rooms [--parts each,flood]`` prints
tables and writes ``.data/bench/rooms.json``. Every server is a process of its own; its user
and system time is what is compared, as a ratio to a loop of ``send(2)`` in C. The viewers are
real WebSocket clients that count: whatever misses one message ends the run. Rounds are
interleaved in shuffled order, and figures are medians. Ours is the whole gateway: protocol,
positions, history, tokens.
"""

import argparse
import asyncio
import json
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.load import room_storm  # noqa: E402 -- the path comes first
from tests.load.room_race import Case, compete, ours, running  # noqa: E402
from tests.load.room_stand import compiled, node, python  # noqa: E402
from tests.load.room_tables import Row, figures, row, show, targets  # noqa: E402
from tests.redis_server import redis_server  # noqa: E402

C, OURS, NODE = "C loop of send(2)", "ours", "Node ws, prepared frame"
BROADCAST, SOCKETIO = "websockets.broadcast", "python-socketio on aiohttp"
GATHERED = "ours, adaptive"


async def each(args: argparse.Namespace) -> list[Row]:
    """One message per write."""
    loop, size = [compiled("send_loop")], args.viewers
    cases = {
        C: Case(loop, size),
        OURS: ours(size, window=0),
        GATHERED: ours(size),
        BROADCAST: Case(python("websockets"), size, share=0.5),
        SOCKETIO: Case(python("socketio"), size, share=0.1, socketio=True),
    }
    if node():
        cases[NODE] = Case(node(), size)
    ran = await compete(cases, rounds=args.rounds, count=args.messages)
    title = f"{size} viewers, as fast as it goes"
    show(title, ran, C)
    cost = ran[OURS].cost
    rows = figures(title, ran)
    rows.append(row("one message per write, CPU", cost / ran[C].cost, "times", most=1.6, to=C))
    least = ran[SOCKETIO].cost / cost
    rows.append(row("a tenth of python-socketio", 10 / least, "times", most=1, to=SOCKETIO))
    if NODE in ran:
        level = cost / ran[NODE].cost
        rows.append(row("no more than Node ws", level, "times", most=1, to=NODE))
    return rows


async def flood(args: argparse.Namespace) -> list[Row]:
    """50 messages a second for thousands, gathered as it comes by default."""
    size = args.crowd
    cases = {C: Case([compiled("send_loop")], size), GATHERED: ours(size)}
    ran = await compete(cases, rounds=max(3, args.rounds - 2), count=150, rate=50)
    title = f"{size} viewers, 50 messages/s"
    show(title, ran, C)
    cost = ran[GATHERED].cost / ran[C].cost
    late = ran[GATHERED].latency("p99")
    return [
        *figures(title, ran),
        row("adaptive at 50/s, CPU", cost, "times", most=1, to=C),
        row("adaptive at 50/s, p99", late, "ms", most=200),
    ]


async def quiet(args: argparse.Namespace) -> list[Row]:
    """Single messages in an idle room: gathering adds no delay."""
    size = args.viewers
    cases = {OURS: ours(size, window=0), GATHERED: ours(size)}
    ran = await compete(cases, rounds=args.rounds, count=8, rate=5)
    title = f"{size} viewers, 5 messages/s"
    show(title, ran, OURS)
    ratio = ran[GATHERED].latency("p50") / ran[OURS].latency("p50")
    return [
        *figures(title, ran),
        row("adaptive in an idle room, p50", ratio, "times", most=1.2, to=OURS),
    ]


async def spread(args: argparse.Namespace) -> list[Row]:
    """Many small rooms, or one large one."""
    size = args.crowd
    one, many = f"1 room of {size}", f"{size // 10} rooms of 10"
    cases = {one: ours(size, window=0), many: ours(size, rooms=size // 10, window=0)}
    ran = await compete(cases, rounds=args.rounds, count=30)
    show("one room or many", ran, one)
    ratio = ran[many].cost / ran[one].cost
    return [
        *figures("spread", ran),
        row("many small rooms, CPU per delivery", ratio, "times", most=1.5, to=one),
    ]


async def shared(args: argparse.Namespace) -> list[Row]:
    """One process, or two over Redis; of Redis itself only what it adds to ours."""
    size, one, two = args.crowd, "1 process", "2 processes over Redis"
    with redis_server() as redis:
        command = python("ours", redis=redis.url, window=0)
        cases = {one: ours(size, window=0), two: Case(command, size, rooms=1, processes=2)}
        ran = await compete(cases, rounds=args.rounds, count=30)
    title = f"{size} viewers in 1 room"
    show(title, ran, one)
    ratio = ran[two].cost / ran[one].cost
    return [
        *figures(title, ran),
        row("two processes over Redis, CPU per delivery", ratio, "times", most=1.25, to=one),
    ]


async def idle(args: argparse.Namespace) -> list[Row]:
    """What a viewer costs who only listens, in the default configuration."""
    async with running({OURS: ours(args.most)}) as found:
        one = found[OURS]
        await asyncio.sleep(5)
        one.weigh()
        before = one.spent()
        await asyncio.sleep(5)
        load = (one.spent() - before) / 5
    ran = one.ran
    print(
        f"\n{args.most} viewers, idle: {ran.memory:.1f} KB each, {load:.1%} of a core;", end=""
    )
    print(f" {ran.handshakes:,.0f} came in per second, {ran.handshake:.2f} ms CPU each")
    return [row(f"{args.most} viewers, idle, memory each", ran.memory, "KB", most=24)]


async def storm(args: argparse.Namespace) -> list[Row]:
    """Everybody is cut off and returns at once, and somebody buys."""
    found = await room_storm.storm(args.most)
    print(
        f"\n{args.most} viewers cut off at once: back and recovered in {found.seconds:.1f} s,"
    )
    print(f"{found.refused} times put off; {found.bought} purchases meanwhile,", end=" ")
    print(f"slowest {found.slowest_purchase * 1000:.0f} ms")
    return [
        row(f"{args.most} viewers return at once", found.seconds, "s", most=20),
        row("the slowest purchase meanwhile", found.slowest_purchase, "s", most=1),
    ]


PARTS = {
    "each": each,
    "flood": flood,
    "quiet": quiet,
    "spread": spread,
    "shared": shared,
    "idle": idle,
    "storm": storm,
}


def write(rows: list[Row]) -> None:
    path = ROOT / ".data" / "bench" / "rooms.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=2) + "\n")
    print(f"written to {path.relative_to(ROOT)}")


async def run(args: argparse.Namespace) -> list[Row]:
    compiled("viewers")
    rows, began = [], time.monotonic()
    for name in args.parts.split(","):
        try:
            rows += await PARTS[name](args)
        except (RuntimeError, TimeoutError) as error:  # something was lost: that part is void
            print(f"\n{name}: {error or 'took too long'}")
            rows.append(row(f"{name}: ran to its end", 1, "failures", most=0))
    print(f"\n{time.monotonic() - began:.0f} s in all")
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--viewers", type=int, default=1000)
    parser.add_argument("--crowd", type=int, default=5000)
    parser.add_argument("--most", type=int, default=9500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=120)
    args = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows = asyncio.run(run(args))
    print()
    targets(rows)
    write(rows)
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
