"""How a draw is decided, so that anybody can check it. Pure, and the whole of the procedure.

1. At opening the hash of a secret seed is published: ``sha256(seed)``. The seed cannot be
   changed afterwards.
2. Everybody who enters becomes a mark, ``sha256("<draw>/<user>")``, in the order of entering.
   Who knows a user's id finds their mark; the list tells nobody else's.
3. At closing the list of marks and its hash are published, and the seed with them.
4. The winners are worked out by :func:`winners` from the seed and the marks alone.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

LASTS_S = (30, 1800)
WATCH_SPARE_S = 120
"""Who has to have watched for a while must be able to, so long before the end."""
TO_CLAIM = timedelta(hours=48)


class Condition(StrEnum):
    """Who may enter."""

    EVERYONE = "everyone"
    COMMENT = "comment"
    FOLLOW = "follow"
    WATCH = "watch"


class DrawState(StrEnum):
    """How far a draw has come."""

    OPEN = "open"
    DRAWN = "drawn"


class PrizeState(StrEnum):
    """What became of somebody's prize."""

    WON = "won"
    CLAIMED = "claimed"  # they gave an address in time
    LAPSED = "lapsed"


_P = PrizeState
NEXT: Mapping[PrizeState, frozenset[PrizeState]] = {
    _P.WON: frozenset({_P.CLAIMED, _P.LAPSED}),
    _P.CLAIMED: frozenset(),
    _P.LAPSED: frozenset(),
}


def seed_hash(seed: str) -> str:
    """What is published at opening: the SHA-256 of the seed's text, in hexadecimal."""
    return hashlib.sha256(seed.encode()).hexdigest()


def mark(draw: str, user: str) -> str:
    """An entry as it is published."""
    return hashlib.sha256(f"{draw}/{user}".encode()).hexdigest()


def entries_hash(marks: Sequence[str]) -> str:
    """The SHA-256 of the marks in their order, one a line."""
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()


def winners(seed: str, marks: Sequence[str], count: int) -> list[int]:
    """The places (from 0) of the entries that win, first prize first.

    For k = 0, 1, …: the k-th number is ``HMAC-SHA256(seed, "<entries_hash>/<k>")`` as a whole
    number, and its remainder by how many entries are left picks one of those left, in their
    order. A remainder of 256 bits by any number of entries favours none by more than 2⁻²⁰⁰.
    """
    left = list(range(len(marks)))
    over = entries_hash(marks)
    won = []
    for k in range(min(count, len(marks))):
        number = hmac.new(seed.encode(), f"{over}/{k}".encode(), hashlib.sha256).digest()
        won.append(left.pop(int.from_bytes(number) % len(left)))
    return won


def verify(
    seed: str, published: str, marks: Sequence[str], count: int, won: Sequence[int]
) -> bool:
    """Whether the seed is the one that was promised, and the winners those it gives."""
    return seed_hash(seed) == published and winners(seed, marks, count) == list(won)
