"""Cards, and what must be in place before a live session may go on air."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SHELF_HOLDS = 200
EARLIEST = timedelta(minutes=30)


class CardState(StrEnum):
    """Whether a card was, is or will be presented."""

    WAITING = "waiting"
    EXPLAINING = "explaining"
    EXPLAINED = "explained"


@dataclass(frozen=True, slots=True)
class Preparation:
    """What the go-live checklist looks at."""

    booking_confirmed: bool
    seller_identified: bool
    cards: int
    unclassified: Sequence[str]
    unpriced: Sequence[str]
    sellable: int
    key_issued: bool
    starts_at: datetime
    ends_at: datetime


FEW = 10
"""From so many left on, rooms say "only 7 left"."""


def turned(before: Mapping[str, int], left: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """Which variants have sold out between two looks at what is left, and which are back."""
    both = before.keys() & left.keys()
    gone = sorted(v for v in both if before[v] > 0 and left[v] <= 0)
    back = sorted(v for v in both if before[v] <= 0 and left[v] > 0)
    return gone, back


@dataclass(frozen=True, slots=True)
class Light:
    """One line of the checklist: green, or the reason why not."""

    key: str
    ok: bool
    reason: str = ""


def lights(prepared: Preparation, *, now: datetime) -> list[Light]:
    """The checklist, in the order people work through it."""
    early = now < prepared.starts_at - EARLIEST
    late = now >= prepared.ends_at
    return [
        Light("booking", prepared.booking_confirmed, "not-confirmed"),
        Light("seller", prepared.seller_identified, "seller-incomplete"),
        Light("shelf", prepared.cards > 0, "shelf-empty"),
        Light("classified", not prepared.unclassified, ",".join(prepared.unclassified)),
        Light("priced", not prepared.unpriced, ",".join(prepared.unpriced)),
        Light("stock", prepared.sellable > 0, "nothing-to-sell"),
        Light("ingest", prepared.key_issued, "no-stream-key"),
        Light("time", not early and not late, "too-early" if early else "slot-over"),
    ]
