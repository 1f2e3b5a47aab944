"""How a bid changes an auction. Pure.

Everybody bids the most they would pay; the auction bids for them, no more than is needed. The
price is what it takes to be ahead of the second: one increment more than their most. Of two
who would pay the same, the earlier leads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from livecommerce.kernel.money import exponent

LASTS_S = (5, 300)
COUNTER_S = (0, 10)
INCREMENTS = ((0, 1), (30, 2), (50, 3), (100, 5), (300, 10), (1000, 20), (2000, 50))
"""From which price on (in whole units of the currency) a bid is how much more."""


class AuctionState(StrEnum):
    """How far an auction has come."""

    ANNOUNCED = "announced"  # bids are taken and wait
    RUNNING = "running"
    SOLD = "sold"
    UNSOLD = "unsold"
    DROPPED = "dropped"  # before it began; afterwards nobody can


_S = AuctionState
NEXT: Mapping[AuctionState, frozenset[AuctionState]] = {
    _S.ANNOUNCED: frozenset({_S.RUNNING, _S.DROPPED}),
    _S.RUNNING: frozenset({_S.SOLD, _S.UNSOLD}),
    _S.SOLD: frozenset(),
    _S.UNSOLD: frozenset(),
    _S.DROPPED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an auction stands: ``price`` is what the leader would pay now."""

    opening: int
    steps: Sequence[tuple[int, int]]
    price: int | None = None
    leader: str | None = None
    most: int | None = None

    @property
    def least(self) -> int:
        """What the next bid must be at least."""
        if self.price is None:
            return self.opening
        return self.price + step(self.steps, self.price)


class TooLow(ValueError):
    """The bid is below what the next must be."""


def steps_of(currency: str) -> list[tuple[int, int]]:
    """The usual increments, in minor units."""
    unit = 10 ** exponent(currency)
    return [(price * unit, more * unit) for price, more in INCREMENTS]


def step(steps: Sequence[tuple[int, int]], price: int) -> int:
    """By how much a bid is more than ``price``."""
    return max((start, more) for start, more in steps if start <= price)[1]


def bid(was: Standing, bidder: str, most: int) -> Standing:
    """Where the auction stands after somebody would pay so much.

    Raises:
        TooLow: less than the next bid must be; or the leader would lower theirs.
    """
    if bidder == was.leader:
        assert was.most is not None
        if most < was.most:
            raise TooLow
        return replace(was, most=most)
    if most < was.least:
        raise TooLow
    if was.leader is None:
        return replace(was, price=was.opening, leader=bidder, most=most)
    assert was.most is not None
    if most > was.most:
        price = min(most, was.most + step(was.steps, was.most))
        return replace(was, price=price, leader=bidder, most=most)
    return replace(was, price=min(was.most, most + step(was.steps, most)))


def ends(ends_at: datetime, counter_s: int, *, now: datetime) -> datetime:
    """When it ends after a bid: the counter-bid time begins anew, and never cuts short. Under
    sudden death (no counter-bid time) a bid moves nothing."""
    return max(ends_at, now + timedelta(seconds=counter_s))
