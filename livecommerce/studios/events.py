"""What studios tell."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class BookingMade(Event):
    """Everything wanted was taken, for good or (until ``expires_at``) in pencil."""

    booking: str
    merchant: str
    state: str
    starts_at: Instant
    ends_at: Instant
    resources: list[str]
    expires_at: Instant | None = None


class BookingConfirmed(Event):
    """A pencilled booking became firm."""

    booking: str
    merchant: str


class BookingMoved(Event):
    """The booking has another time or another studio."""

    booking: str
    merchant: str
    starts_at: Instant
    ends_at: Instant
    resources: list[str]


class BookingCancelled(Event):
    """The booking gives everything back."""

    booking: str
    merchant: str
    starts_at: Instant
    ends_at: Instant


class BookingCheckedIn(Event):
    """The merchant's people are in the studio."""

    booking: str
    merchant: str
    at: Instant


class SlotFreed(Event):
    """A live session ended early; from ``at`` on its studio, and all with it, is free."""

    booking: str
    merchant: str
    at: Instant


class PencilRanOut(Event):
    """A pencilled booking's time to be confirmed is over."""

    booking: str
