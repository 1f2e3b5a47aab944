"""The figures of the rooms' bench: tables for people, rows with their targets for the file."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.load.room_race import Ran

Row = dict[str, Any]

COLUMNS: dict[str, Callable[[Ran], float]] = {
    "CPU-s/million": lambda ran: ran.cost,
    "deliveries/s": lambda ran: ran.rate,
    "p50 ms": lambda ran: ran.latency("p50"),
    "p99 ms": lambda ran: ran.latency("p99"),
    "KB/viewer": lambda ran: ran.memory,
    "handshakes/s": lambda ran: ran.handshakes,
    "CPU ms/handshake": lambda ran: ran.handshake,
}


def show(title: str, ran: Mapping[str, Ran], base: str) -> None:
    """A line per server: each figure, and its ratio to that of ``base``."""
    width = max(map(len, ran))
    print(f"\n{title} (in brackets: times {base})")
    print(" " * width + "".join(f"{name:>19}" for name in COLUMNS))
    for name, one in ran.items():
        cells = []
        for figure in COLUMNS.values():
            value, beside = figure(one), figure(ran[base])
            ratio = f"({value / beside:.2f})" if beside > 0 else "(-)"
            cells.append(
                f"{value:>10,.0f} {ratio:>8}" if value >= 1000 else f"{value:>10.2f} {ratio:>8}"
            )
        print(f"{name:<{width}}" + "".join(cells))


def row(
    metric: str, value: float, unit: str, *, most: float | None = None, to: str | None = None
) -> Row:
    """A figure, and the most it may be."""
    return {
        "metric": metric,
        "value": round(value, 3),
        "unit": unit,
        "ratio_to": to,
        "target": most,
        "ok": most is None or value <= most,
    }


def figures(title: str, ran: Mapping[str, Ran]) -> list[Row]:
    """All that was measured."""
    return [
        row(f"{title}, {name}: {column}", figure(one), column.partition(" ")[2] or column)
        for name, one in ran.items()
        for column, figure in COLUMNS.items()
    ]


def targets(rows: list[Row]) -> None:
    """What was promised, and whether it holds."""
    promised = [one for one in rows if one["target"] is not None]
    width = max((len(one["metric"]) for one in promised), default=0)
    for one in promised:
        said = "met" if one["ok"] else "MISSED"
        print(f"{one['metric']:<{width}}  {one['value']:>9.2f} {one['unit']:<6}", end="")
        print(f" <= {one['target']:g}: {said}")
