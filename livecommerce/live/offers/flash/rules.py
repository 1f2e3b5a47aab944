"""When a flash price may be, and which price it may be. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

COUNTDOWN_S = (10, 300)
LASTS_S = (30, 1200)
RECENT_DAYS = (14, 30)
PIECES = 100_000


class FlashState(StrEnum):
    """Whether a flash price counts; when, its moments say."""

    SET = "set"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when the price holds: ``[opens, closes)``."""

    opens: datetime
    closes: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.opens <= moment < self.closes


def least(normal: int) -> int:
    """What at least remains of a price whatever is taken off it: a tenth, and one unit."""
    return max(1, -(-normal // 10))


def too_dear(prices: Mapping[str, int], recent: Mapping[str, int]) -> list[str]:
    """The variants whose flash price is not below the lowest recent one."""
    return sorted(v for v, minor in prices.items() if minor >= recent[v])


def cuts(prices: Mapping[str, int], normal: Mapping[str, int]) -> dict[str, int]:
    """The flash prices that take something off what is asked now. The normal price may have
    been lowered since they were set."""
    return {v: minor for v, minor in prices.items() if minor < normal.get(v, 0)}


def too_cheap(prices: Mapping[str, int], normal: Mapping[str, int]) -> list[str]:
    """The variants of which less would remain than may."""
    return sorted(v for v, minor in prices.items() if minor < least(normal[v]))
