"""Pure decisions about carts: their bounds, and what can be had of a line."""

from datetime import timedelta
from enum import StrEnum

MOST_LINES = 50
"""Lines in one cart; as many as one quote takes."""

MOST_EACH = 99
"""Pieces in one line."""

BUYING_FOR = timedelta(seconds=30)
"""How long lines stay taken by a purchase that was cut off before it was settled. Longer than
claims wait for the database, so that whoever looks then finds a hold, or none for good."""


class LineState(StrEnum):
    """What can be had of a line now."""

    AVAILABLE = "available"
    SHORT = "short"  # some are left, but fewer than wanted
    SOLD_OUT = "sold_out"
    WITHDRAWN = "withdrawn"  # the room does not sell it any more


def state_of(*, offered: bool, left: int, count: int) -> LineState:
    """What can be had, given what is left and how many are wanted."""
    if not offered:
        return LineState.WITHDRAWN
    if left <= 0:
        return LineState.SOLD_OUT
    return LineState.AVAILABLE if left >= count else LineState.SHORT
