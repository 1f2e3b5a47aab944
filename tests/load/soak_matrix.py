"""The whole fault matrix, or as much of it as the time allows, in an order of chance.

``make soak-matrix ARGS="--minutes 60 --seed 7"`` or ``python -m tests.load.soak_matrix``: every
journey of money, every fault switch, every order of messages, and a process that dies at every
point of every moment. Says every half minute how far it is, and at once what ended otherwise;
then how many cases of which journey ended as they must. Exit status 0 means: all did.
"""

import argparse
import asyncio
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from livecommerce.embedded.server import Server  # noqa: E402 -- the path comes first
from payments.sandbox.switches import What  # noqa: E402
from tests import database  # noqa: E402
from tests.fault_journeys import JOURNEYS, Journey, go, in_a_world  # noqa: E402
from tests.fault_points import Moment  # noqa: E402
from tests.fault_world import Order  # noqa: E402

Case = tuple[Journey, What | None, Order, Moment]
CASES: Sequence[Case] = list(product(JOURNEYS, [None, *What], Order, Moment))
TOO_LONG = 120.0
SAY_EVERY = 30.0


@dataclass(slots=True)
class Soak:
    """What the cases came to."""

    well: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    died: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def count(self) -> int:
        """How many cases there were."""
        return sum(self.well.values()) + len(self.wrong)


async def soak(server: Server, *, seconds: float, seed: int) -> Soak:
    """Case after case, until the time is over or there are no more."""
    cases, found = list(CASES), Soak()
    random.Random(seed).shuffle(cases)
    ends: dict[str, Mapping[str, Any]] = {}
    began = time.monotonic()
    said = 0.0
    for case in cases:
        found.seconds = time.monotonic() - began
        if found.seconds > seconds:
            break
        if found.seconds - said > SAY_EVERY:
            said = found.seconds
            print(
                f"  {said:>6.0f} s: {found.count:,} cases, {len(found.wrong)} wrong", flush=True
            )
        name = case[0].__name__
        if name not in ends:
            ends[name] = await _end(
                server, (case[0], None, Order.IN_ORDER, Moment.NEVER), found
            )
        differs = await _differs(server, case, ends[name], found)
        if differs:
            found.wrong.append(f"{_told(case)}: {differs}")
            print(f"  {found.wrong[-1]}", flush=True)
        else:
            found.well[name] += 1
    found.seconds = time.monotonic() - began
    return found


async def _differs(
    server: Server, case: Case, without: Mapping[str, Any], found: Soak
) -> str | None:
    """How the case ended otherwise than ``without`` faults."""
    try:
        async with asyncio.timeout(TOO_LONG):
            end = await _end(server, case, found)
    except (AssertionError, TimeoutError) as error:
        return f"{type(error).__name__} {error}"
    differs = {
        part: (without[part], told) for part, told in end.items() if told != without[part]
    }
    return str(differs) if differs else None


async def _end(server: Server, case: Case, found: Soak) -> Mapping[str, Any]:
    journey, what, order, moment = case
    async with in_a_world(server, what=what, order=order, moment=moment) as world:
        await go(world, journey)
        await world.audit()
        found.died.update({f"{moment}: {point}": n for point, n in world.dying.died.items()})
        return await world.end()


def _told(case: Case) -> str:
    journey, what, order, moment = case
    return f"{journey.__name__}, {what or 'no fault'}, {order}, {moment}"


def show(found: Soak) -> bool:
    """What happened; whether it is as it must be."""
    print(f"{found.count:,} of {len(CASES):,} cases in {found.seconds:.0f} s")
    for name, count in sorted(found.well.items()):
        print(f"  {name:<16} {count:>5} ended as without faults")
    print(f"{sum(found.died.values()):,} deaths at {len(found.died)} named points")
    print(f"{len(found.wrong)} things wrong" if found.wrong else "all is well")
    return not found.wrong


def main() -> int:
    """Soak, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)  # what goes wrong is meant to
    print(f"seed {args.seed}", flush=True)
    with database.test_server() as server:
        database.make_template(server)
        found = asyncio.run(soak(server, seconds=args.minutes * 60, seed=args.seed))
    return 0 if show(found) else 1


if __name__ == "__main__":
    sys.exit(main())
