"""When to try again, when to give up, what an endpoint hears, how much stock is low."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class EndpointState(StrEnum):
    """Whether an endpoint is sent anything."""

    ON = "on"
    OFF = "off"


class OffBecause(StrEnum):
    """Who switched an endpoint off."""

    OWNER = "owner"
    FAILING = "failing"
    GONE = "gone"


class DeliveryState(StrEnum):
    """How far one event has come to one endpoint."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Level(StrEnum):
    """How much of a variant is left to sell."""

    PLENTY = "plenty"
    LOW = "low"
    OUT = "out"


_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    *(_MINUTE * n for n in (2, 10, 30)),
    *(_HOUR * n for n in (1, 2, 4, 8, 12, 14, 14, 16)),
)
"""What lies between one try and the next: from five seconds on, 71.7 hours in all."""

TRIES: Final = len(PAUSES) + 1
JITTER: Final = 0.1
LONGEST_WISH: Final = _HOUR
"""How long a receiver may ask us to wait (``Retry-After``)."""

DEAD_AFTER: Final = timedelta(hours=60)
"""After so long without one success, a delivery's last failure switches the endpoint off."""

LOW: Final = 10
"""So many left is low."""

GONE: Final = 410


def pause(tries: int, chance: float, *, wish: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many tries in vain; nothing when it was the last.

    Args:
        chance: in [0, 1), so that what failed together does not come back together.
        wish: what the receiver asked for; it may only lengthen the pause.
    """
    if tries >= TRIES:
        return None
    meant = PAUSES[tries - 1]
    spread = meant * (1 + JITTER * (2 * chance - 1))
    return max(spread, min(wish, LONGEST_WISH)) if wish is not None else spread


def whole_topic(kind: str) -> str:
    """The choice that stands for all types of its topic: ``orders.*``."""
    return f"{kind.partition('.')[0]}.*"


def is_dead(failing_since: datetime | None, now: datetime) -> bool:
    """Whether nothing has got through for so long that nobody will answer any more; asked
    when a delivery has failed to its last try."""
    return failing_since is not None and failing_since <= now - DEAD_AFTER


def succeeded(status: int) -> bool:
    """Whether the receiver took it: any 2xx, and nothing else."""
    return 200 <= status < 300


def level(left: int) -> Level:
    """How much that is."""
    if left <= 0:
        return Level.OUT
    return Level.LOW if left <= LOW else Level.PLENTY


def stock_news(before: Level | None, after: Level) -> str | None:
    """The type that tells of a change of level; no news if there is none.

    A variant never heard of counts as plenty.
    """
    known = before or Level.PLENTY
    if after is known:
        return None
    if after is Level.OUT:
        return "stock.sold_out"
    if known is Level.OUT:
        return "stock.restocked"
    return "stock.low" if after is Level.LOW else None
