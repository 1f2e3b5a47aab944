"""How long a start takes until a page is answered, and what the idle web process weighs.

``make bench-start ARGS="--rounds 5"`` prints a table and writes ``.data/bench/start.json``.
The product is ``livecommerce serve --all`` over a data directory that has been filled and
stopped: PostgreSQL, media server, peers and schema check included. Nothing of it runs before
a round; its files may still be in the machine's cache. It is weighed after a rest, with
nobody connected.
"""

import argparse
import json
import statistics
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests import product  # noqa: E402 -- the path comes first
from tests.product import Product  # noqa: E402

START_S, WEIGHT_MB = 3.0, 150.0
REST = 3.0
MB = 1 << 20


@dataclass(frozen=True)
class Round:
    """One start: seconds to the first page, and of the processor's until then; then the
    weight of the web process at rest, and of everything that it started."""

    first_page_s: float
    processor_s: float
    resident_mb: float
    family_mb: float
    stop_s: float


def main() -> int:
    """Measure, print, write; fails if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = measure(parser.parse_args().rounds)
    rows = [
        row("first answered page", "s", [r.first_page_s for r in rounds], START_S),
        row("processor until then", "s", [r.processor_s for r in rounds]),
        row("web process at rest", "MB", [r.resident_mb for r in rounds], WEIGHT_MB),
        row("with all that it started", "MB", [r.family_mb for r in rounds]),
        row("clean stop", "s", [r.stop_s for r in rounds], 5.0),
    ]
    for one in rows:
        goal = (
            f"  < {one['target']:g}: {'met' if one['ok'] else 'MISSED'}"
            if one["target"]
            else ""
        )
        low, high = min(one["values"]), max(one["values"])
        figures = f"{one['value']:>8.2f} {one['unit']:<2} ({low:.2f} - {high:.2f})"
        print(f"{one['metric']:<28} {figures}{goal}")
    path = ROOT / ".data" / "bench" / "start.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=2) + "\n")
    print(f"written to {path.relative_to(ROOT)}")
    return 0 if all(one["ok"] for one in rows) else 1


def row(
    metric: str, unit: str, values: list[float], target: float | None = None
) -> dict[str, Any]:
    """A figure with its median, judged if there is a target."""
    median = statistics.median(values)
    return {
        "metric": metric,
        "value": round(median, 3),
        "unit": unit,
        "values": [round(value, 3) for value in values],
        "target": target,
        "ok": target is None or median < target,
    }


def measure(rounds: int) -> list[Round]:
    """Fill a data directory, then start and stop over it again and again."""
    folder = ROOT / ".data" / "bench" / "start"
    folder.mkdir(parents=True, exist_ok=True)
    own = Product(folder)
    try:
        own.start()
        product.seeded(own)
        own.stop()
        return [one_round(own) for _ in range(rounds)]
    finally:
        own.clear()


def one_round(own: Product) -> Round:
    """From nothing running to the first page, at rest, and to nothing running again."""
    began = time.monotonic()
    own.start(wait=False)
    while not answers(f"{own.url}/"):
        if time.monotonic() - began > 60:
            raise SystemExit(own.said()[-2000:])
        time.sleep(0.005)
    first_page = time.monotonic() - began
    web = psutil.Process(own.pid)
    spent = web.cpu_times()
    time.sleep(REST)
    family = own.relatives()
    weight = web.memory_info().rss / MB
    together = weight + sum(unshared(process) for process in family)
    code, stop = own.stop()
    assert code == 0, own.said()[-2000:]
    return Round(first_page, spent.user + spent.system, weight, together, stop)


def unshared(process: psutil.Process) -> float:
    """Its proportional share of memory, where the system tells it."""
    try:
        return getattr(process.memory_full_info(), "pss", process.memory_info().rss) / MB
    except psutil.NoSuchProcess:
        return 0.0


def answers(url: str) -> bool:
    """Whether a whole page comes."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return b"</html>" in answer.read()
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(main())
