"""What a coupon is worth, when it can be taken, and the three layers of its stock. Pure.

Template stock ≥ what is planned of it. A host's cap bounds what that host plans; caps are not
summed, so together they may exceed the stock. A plan locks its pieces for one live session.
"""

from datetime import datetime, timedelta
from enum import StrEnum

STOCK = 1_000_000
MINUTES = (1, 300)
WATCH_S = 3600


class PlanState(StrEnum):
    """Whether coupons of a plan can be taken."""

    OPEN = "open"
    CLOSED = "closed"


class CouponState(StrEnum):
    """What became of somebody's coupon."""

    TAKEN = "taken"
    USED = "used"


def closes(now: datetime, minutes: int | None, until: datetime | None) -> datetime | None:
    """When no more can be taken: after so many minutes, at a moment, or when stopped."""
    if minutes is not None:
        return now + timedelta(minutes=minutes)
    return until
