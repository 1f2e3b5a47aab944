"""What waitlists tell."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class TurnCame(Event):
    """A piece came back, and is set aside for the next in line until a moment."""

    place: str
    live: str
    card: str
    variant: str
    buyer: str
    hold: str
    hold_until: Instant
    at: Instant


class LineMoves(Event):
    """Pieces came back of something that somebody waits for."""

    variant: str
    at: Instant
