"""Money while web, worker and PostgreSQL are killed at random moments.

``make soak-money ARGS="--minutes 10 --seed 7"`` or ``python -m tests.load.soak_money``: the
product's own web and worker processes, our PostgreSQL, and the provider in a process of its own
that keeps its word. Buyers pay by card, 3-D Secure, Alipay, WeChat Pay and one tap; staff pay
back, ship and defend; merchants are paid and a bank sends a payout back. Then everything heals,
and the audit compares what people were told with what the provider did and what our books say.
Prints a table, writes ``.data/bench/soak_money.json``. Exit status 0 means: all is well.
"""

import argparse
import asyncio
import json
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from livecommerce.demo.seed import seed as sow  # noqa: E402 -- the path comes first
from livecommerce.kernel.clock import utcnow  # noqa: E402
from livecommerce.kernel.db import Database, open_database  # noqa: E402
from tests import people  # noqa: E402
from tests.load.soak_money_audit import answered, audit, undone  # noqa: E402
from tests.load.soak_money_parts import Stage, staged  # noqa: E402
from tests.load.soak_money_people import WAYS, Buyer, Memory, Person, Staff  # noqa: E402
from tests.people import Centre  # noqa: E402

HEALS_WITHIN = 600.0  # what failed often rests for up to five minutes
DAY = 24 * 3600


@dataclass(slots=True)
class Soak:
    """What a soak came to."""

    memory: Memory
    kills: Counter[str]
    wrong: list[str]
    seconds: float


async def soak(
    folder: Path,
    *,
    seconds: float,
    buyers: int,
    seed: int,
    pause: tuple[float, float] = (3.0, 9.0),
    options: Mapping[str, str] | None = None,
) -> Soak:
    """Sell, kill, wait until everything has healed, and audit."""
    chance = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    began = time.monotonic()
    memory, kills = Memory(), Counter[str]()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        stage = await enter(staged(folder, options=options))
        db = open_database(stage.database, pool=3)
        stack.push_async_callback(db.close)
        centre = Centre(stage.url, await sow(db, now=utcnow()))
        host = await enter(centre.person("host"))
        show = await people.prepare(host, centre, cards=4, minutes=180)
        finance = Person(await enter(centre.person("finance")), memory)
        assistant = Person(await enter(centre.person("assistant")), memory)
        staff = Staff(finance, assistant)
        await _merchant_is_paid_soon(stage, centre, finance)
        stop = asyncio.Event()
        crowd = []
        for n in range(buyers):
            browser = await enter(centre.guest() if n else centre.person("buyer"))
            await browser.get("/v1/me")
            ways = list(WAYS) if n else ["one_tap"]
            chance.shuffle(ways)
            one = Buyer(browser, memory, stage, show, chance)
            crowd.append(asyncio.create_task(one.buy(stop, staff, ways)))
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await _kill_at_random(stage, kills, chance, pause, crowd)
            stop.set()
            async with asyncio.timeout(HEALS_WITHIN):
                await asyncio.gather(*crowd)
        finally:
            for task in crowd:
                task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
        await _healed(db, stage, staff, memory)
        wrong = await audit(db, stage, memory)
    if not wrong:
        shutil.rmtree(folder, ignore_errors=True)
    return Soak(memory, kills, wrong, time.monotonic() - began)


async def _merchant_is_paid_soon(stage: Stage, centre: Centre, finance: Person) -> None:
    """Shares are released without a hold, and the provider knows the merchant."""
    merchant = centre.seeded.merchant
    await finance.insist(
        "POST", f"/v1/merchants/{merchant}/plans", {"bps": 1000, "hold_days": 0}
    )
    async with centre.person("owner") as browser:
        owner = Person(browser, finance.memory)
        path = f"/v1/merchants/{merchant}/payee/onboarding"
        page = (await owner.insist("POST", path, {}))["url"]
    form = {"outcome": "complete"}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{stage.provider}{page}", data=form, allow_redirects=False) as told,
    ):
        assert told.status == 303, await told.text()


async def _kill_at_random(
    stage: Stage,
    kills: Counter[str],
    chance: random.Random,
    pause: tuple[float, float],
    crowd: list[asyncio.Task[None]],
) -> None:
    """Every now and then one of them; each once before any again."""
    bag: list[str] = []
    while True:
        await asyncio.sleep(chance.uniform(*pause))
        for task in crowd:
            if task.done():
                task.result()
        bag = bag or chance.sample(every := [*stage.parts, "postgres"], len(every))
        name = bag.pop()
        kills[name] += stage.kill(name)


async def _healed(db: Database, stage: Stage, staff: Staff, memory: Memory) -> None:
    """Nothing is left to be done: refunds have arrived, disputes are decided, merchants' money
    was sent, their bank has sent a payout back."""
    for part in stage.parts.values():
        async with asyncio.timeout(HEALS_WITHIN):
            await part.ready.wait()
    disputed = sum(p.journey.startswith("dispute") for p in memory.paid)
    deadline = time.monotonic() + HEALS_WITHIN
    while await answered(db) < disputed and time.monotonic() < deadline:
        await staff.defend(memory.paid)
        await asyncio.sleep(0.5)
    await stage.tell_provider("/admin/switches", {"fail_payouts": 1})
    for _ in range(3):
        await stage.tell_provider("/admin/clock", {"seconds": DAY + 1})
        await asyncio.sleep(1)
    calm = 0
    while calm < 4:
        if time.monotonic() > deadline:
            raise AssertionError(f"{await undone(db)} things are still to be done")
        await stage.tell_provider("/admin/settle", {})
        calm = 0 if await undone(db) else calm + 1
        await asyncio.sleep(0.5)


def show(found: Soak) -> bool:
    """What happened; whether it is as it must be."""
    memory = found.memory
    killed = ", ".join(f"{name} {n}x" for name, n in sorted(found.kills.items())) or "nothing"
    print(f"{found.seconds:.0f} s; killed: {killed}")
    print(f"{'journey':<16}{'paid':>6}{'euros':>12}{'back':>12}")
    for journey in sorted({one.journey for one in memory.paid}):
        these = [one for one in memory.paid if one.journey == journey]
        paid, back = sum(one.minor for one in these), sum(one.refunded for one in these)
        print(f"{journey:<16}{len(these):>6}{paid / 100:>12,.2f}{back / 100:>12,.2f}")
    answers = ", ".join(f"{status}: {n}" for status, n in sorted(memory.statuses.items()))
    print(f"{memory.transfers:,} transfers to merchants")
    print(f"{memory.lost:,} answers lost; answers {answers}")
    for line in found.wrong[:20]:
        print(f"  {line}")
    print(f"audit: {len(found.wrong)} things wrong" if found.wrong else "audit: all is well")
    return not found.wrong


def _write(found: Soak, seed: int) -> None:
    path = ROOT / ".data" / "bench" / "soak_money.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "seed": seed,
        "seconds": round(found.seconds),
        "kills": found.kills,
        "paid": Counter(one.journey for one in found.memory.paid),
        "transfers": found.memory.transfers,
        "answers": found.memory.statuses,
        "answers_lost": found.memory.lost,
        "wrong": found.wrong,
    }
    path.write_text(json.dumps(told, indent=2) + "\n")


def main() -> int:
    """Soak, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--buyers", type=int, default=6, help="at a time")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    args = parser.parse_args()
    print(f"seed {args.seed}")
    folder = ROOT / ".data" / "soak-money"
    ran = soak(folder, seconds=args.minutes * 60, buyers=args.buyers, seed=args.seed)
    found = asyncio.run(ran)
    _write(found, args.seed)
    return 0 if show(found) else 1


if __name__ == "__main__":
    sys.exit(main())
