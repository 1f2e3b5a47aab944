"""A drop at full strength, beside what one would write first, in one run on one database.

``make bench-drop`` or ``python -m tests.load.bench_drop [--rounds 5] [--seconds 2] [--parts
inside,http,burst,flat,two,peer]`` prints a table and writes ``.data/bench/drop.json``. The
database is real and forces its log to disk; servers and the crowd are processes of their own.
Compared ways run interleaved in shuffled order; ratios are medians of ratios of the same round.
Afterwards the books are audited: whoever was told that goods are set aside has them.

The well-known shop beside us is Vendure, installed with npm into ``.data`` when it is first
needed. Its figure is that of a whole checkout up to where goods are allocated, since it has no
smaller step that secures them; ours is the claim that does. Where it cannot be had, it is left
out and the run says so.
"""

import argparse
import asyncio
import itertools
import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from livecommerce.catalogue.claims import Claims  # noqa: E402 -- the path comes first
from livecommerce.kernel import ids  # noqa: E402
from livecommerce.kernel.clock import utcnow  # noqa: E402
from tests import shop  # noqa: E402
from tests.load.drop_peer import Without, checkouts, vendure  # noqa: E402
from tests.load.drop_rivals import Way, ways  # noqa: E402
from tests.load.drop_stand import Round, Stand, Ware, stand  # noqa: E402

OURS, NAIVE, ONE = "ours", "SELECT FOR UPDATE per buyer", "one conditional UPDATE per buyer"
PIECES, CROWD = 1_000, 5_000
Row = dict[str, Any]


def row(
    metric: str,
    value: float,
    unit: str,
    *,
    least: float | None = None,
    most: float | None = None,
    to: str | None = None,
) -> Row:
    """A line of the table; ``least`` or ``most`` is its target."""
    enough = least is None or value >= least
    return {
        "metric": metric,
        "value": round(value, 2),
        "unit": unit,
        "ratio_to": to,
        "target": least if most is None else most,
        "better": "less" if least is None else "more",
        "ok": enough and (most is None or value <= most),
    }


async def claiming(
    way: Way, ware: Ware, *, buyers: int, seconds: float = 1e9, claims: int = 0
) -> Round:
    """So many buyers in this process, each with the next claim as soon as the last is met,
    for so long or until so many are."""
    took: list[float] = []
    began = time.perf_counter()
    left = iter(range(claims)) if claims else itertools.count()

    async def one() -> None:
        while (asked := time.perf_counter()) - began < seconds and next(left, None) is not None:
            want = shop.claim_of(ware.product, ids.new("gst"), limit=10)
            await way.claim(want, utcnow())
            took.append(time.perf_counter() - asked)

    await asyncio.gather(*(one() for _ in range(buyers)))
    return Round(took, time.perf_counter() - began, {"met": len(took)})


def ratio(ours: list[Round], theirs: list[Round]) -> float:
    """How many times as many a second: the median over the rounds."""
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(one.per_second / other.per_second for one, other in pairs)


def figures(title: str, played: dict[str, list[Round]]) -> list[Row]:
    """Claims a second and how long they take, for every way."""
    rows = []
    for name, rounds in played.items():
        told = f"{title}: {name}"
        rows.append(row(told, statistics.median(r.per_second for r in rounds), "claims/s"))
        for n in (50, 99):
            middle = statistics.median(r.percentile(n) for r in rounds)
            rows.append(row(f"{told}, p{n}", middle, "ms"))
    return rows


async def inside(s: Stand, args: argparse.Namespace) -> list[Row]:
    """In one process, without HTTP."""
    ware = await s.ware()
    played: dict[str, list[Round]] = {name: [] for name in (OURS, NAIVE, ONE)}
    async with Claims(s.db).running() as claims:
        every = ways(s.db, claims)
        for name in played:
            await claiming(every[name], ware, buyers=100, seconds=0.3)  # warm
        for _ in range(args.rounds):
            for name in random.sample(list(played), len(played)):
                one = await claiming(every[name], ware, buyers=100, seconds=args.seconds)
                played[name].append(one)
    title = "100 buyers, in process"
    gain = ratio(played[OURS], played[NAIVE])
    return [
        *figures(title, played),
        row(f"{title}: {OURS}", gain, "times", least=50, to=NAIVE),
        row(f"{title}: {OURS}", ratio(played[OURS], played[ONE]), "times", to=ONE),
    ]


async def http(s: Stand, args: argparse.Namespace) -> list[Row]:
    """Through HTTP and through calls in the room; the crowd is on the same machine."""
    ware = await s.ware()
    played: dict[str, list[Round]] = {"http": [], "naive": [], "rpc": []}
    warm = []
    for way in played:
        await s.enter(ware, way, 100)
        warm.append(await s.crowd.play(seconds=0.5))
    for _ in range(args.rounds):
        for way in random.sample(list(played), len(played)):
            await s.enter(ware, way, 100)
            one = await s.crowd.play(seconds=args.seconds)
            assert one.met == sum(one.said.values()), one.said
            played[way].append(one)
    met = sum(one.met for rounds in (warm, *played.values()) for one in rounds)
    title = "100 buyers"
    names = {"http": "HTTP, ours", "naive": f"HTTP, {NAIVE}", "rpc": "room RPC, ours"}
    most = statistics.median(one.per_second for one in played["http"])
    gain = ratio(played["http"], played["naive"])
    return [
        *figures(title, {names[way]: rounds for way, rounds in played.items()}),
        row("HTTP on this machine, crowd included", most, "claims/s", least=1_500),
        row(f"{title}: {names['http']}", gain, "times", least=10, to=names["naive"]),
        row(f"{title}: {names['rpc']}", ratio(played["rpc"], played["http"]), "times",
            to=names["http"]),
        row("answered and not held, or held and not answered",
            abs(met - await s.held(ware)), "claims", most=0),
    ]  # fmt: skip


async def burst(s: Stand, args: argparse.Namespace) -> list[Row]:
    """Five thousand at the same moment for a thousand pieces, through HTTP: at one web
    process, and at as many as this machine has cores for."""
    played: dict[int, list[Round]] = {1: [], 2: []}
    sold, turned = set(), 0
    for _ in range(max(2, args.rounds - 2)):
        for processes, rounds in played.items():
            ware = await s.ware(PIECES)
            await s.enter(ware, "http", CROWD, processes=processes)
            one = await s.crowd.play(once=True)
            turned += one.said.get("429", 0)
            assert sum(one.said.values()) == CROWD, one.said
            assert set(one.said) <= {"met", "409", "429"}, one.said
            sold |= {one.met, await s.held(ware)}
            rounds.append(one)
    title = f"{CROWD:,} buyers at once for {PIECES:,} pieces, HTTP"
    rows = []
    for processes, goal in ((1, {}), (2, {"most": 2.0})):
        whole = statistics.median(one.seconds for one in played[processes])
        slow = statistics.median(one.percentile(99) for one in played[processes]) / 1000
        told = f"{title}, web processes {processes}"
        rows.append(row(f"{told}: all answered", whole, "s", most=5))
        rows.append(row(f"{told}: p99", slow, "s", **goal))
    return [
        *rows,
        row(f"{title}: told to come back", turned, "buyers", most=0),
        row(f"{title}: most sold", max(sold), "pieces", most=PIECES),
        row(f"{title}: least sold", min(sold), "pieces", least=PIECES),
    ]


async def flat(s: Stand, args: argparse.Namespace) -> list[Row]:
    """What a claim costs this process, by how many wait."""
    ware = await s.ware()
    sizes = (100, 1_000, 10_000)
    spent: dict[int, list[float]] = {size: [] for size in sizes}
    async with Claims(s.db).running() as claims:
        await claiming(claims, ware, buyers=100, seconds=0.5)
        for _ in range(args.rounds):
            for size in random.sample(sizes, len(sizes)):
                before = time.process_time()
                one = await claiming(claims, ware, buyers=size, claims=30_000)
                spent[size].append((time.process_time() - before) / one.met * 1e6)
    costs = {size: statistics.median(each) for size, each in spent.items()}
    grown = statistics.median(b / a for a, b in zip(spent[100], spent[10_000], strict=True))
    rows = [row(f"{size:,} waiting: CPU", cost, "µs/claim") for size, cost in costs.items()]
    return [*rows, row("10,000 waiting: CPU", grown, "times", most=1.25, to="100 waiting")]


async def two(s: Stand, args: argparse.Namespace) -> list[Row]:
    """Two web processes on the same variant."""
    ware = await s.ware()
    played: dict[int, list[Round]] = {1: [], 2: []}
    for processes in played:
        await s.enter(ware, "http", 100, processes=processes)
        await s.crowd.play(seconds=0.5)
    for _ in range(args.rounds):
        for processes in random.sample(list(played), 2):
            await s.enter(ware, "http", 100, processes=processes)
            played[processes].append(await s.crowd.play(seconds=args.seconds))
    scarce = await s.ware(PIECES)
    await s.enter(scarce, "http", 2 * PIECES, processes=2)
    one = await s.crowd.play(once=True)
    names = {1: "one web process", 2: "two web processes"}
    gain = ratio(played[2], played[1])
    return [
        *figures("100 buyers, HTTP", {names[n]: rounds for n, rounds in played.items()}),
        row("two web processes", gain, "times", least=0.95, to=names[1]),
        row("two web processes, scarce: sold", one.met, "pieces", most=PIECES),
        row("two web processes, scarce: held", await s.held(scarce), "pieces", least=PIECES),
    ]


async def peer(s: Stand, args: argparse.Namespace) -> list[Row]:
    """Vendure's checkout, up to where its goods are allocated, beside our claim."""
    ware = await s.ware()
    played: dict[str, list[Round]] = {"ours": [], "Vendure": []}
    try:
        async with vendure(s.url) as its:
            if not (await checkouts(its, buyers=100, seconds=2)).met:  # warm
                raise Without("its checkout allocates nothing here")
            await s.enter(ware, "http", 100)
            await s.crowd.play(seconds=0.5)
            for _ in range(args.rounds):
                played["ours"].append(await s.crowd.play(seconds=args.seconds))
                one = await checkouts(its, buyers=100, seconds=2 * args.seconds)
                played["Vendure"].append(one)
    except Without as why:
        print(f"Vendure is left out: {why}")
        return []
    gain = ratio(played["ours"], played["Vendure"])
    names = {"ours": "HTTP, our claim", "Vendure": "HTTP, Vendure's checkout"}
    missed = sum(one.said["other"] for one in played["Vendure"])
    return [
        *figures("100 buyers", {names[n]: rounds for n, rounds in played.items()}),
        row("100 buyers: our claim", gain, "times", to=names["Vendure"]),
        row("Vendure's checkouts that it refused or failed", missed, "checkouts"),
    ]


PARTS = {
    "inside": inside,
    "http": http,
    "burst": burst,
    "flat": flat,
    "two": two,
    "peer": peer,
}


async def run(args: argparse.Namespace) -> list[Row]:
    """The parts that were asked for, then the audit."""
    rows: list[Row] = []
    async with stand("drop", processes=2) as s:
        for name in args.parts.split(","):
            found = await PARTS[name](s, args)
            show(found)
            rows += found
        await shop.books_agree(s.db)
        print(f"{args.rounds} rounds of {args.seconds:g} s, {await s.durability()}")
    print("afterwards: the journal is the stock, and the holds are what is held")
    return rows


def show(rows: list[Row]) -> None:
    """A table."""
    width = max((len(each["metric"]) for each in rows), default=0)
    for each in rows:
        told = f"{each['metric']:<{width}} {each['value']:>12,.2f} {each['unit']}"
        if each["ratio_to"]:
            told += f" {each['ratio_to']}"
        if each["target"] is not None:
            sign = ">=" if each["better"] == "more" else "<="
            told += f"  {sign} {each['target']:g}: {'met' if each['ok'] else 'MISSED'}"
        print(told, flush=True)


def write(name: str, rows: list[Row]) -> None:
    """The file."""
    path = ROOT / ".data" / "bench" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    print(f"written to {path.relative_to(ROOT)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--parts", default=",".join(PARTS))
    args = parser.parse_args()
    rows = asyncio.run(run(args))
    write("drop", rows)
    return 0 if all(each["ok"] for each in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
