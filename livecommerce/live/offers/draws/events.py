"""What draws tell."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class DrawDue(Event):
    """The moment has come to draw."""

    draw: str
    live: str
    at: Instant


class PrizeWon(Event):
    """Somebody has won, and gives an address until a moment."""

    prize: str
    draw: str
    live: str
    user: str
    claim_by: Instant
    at: Instant


class PrizeDue(Event):
    """The moment until which a winner gives an address has come."""

    prize: str
    at: Instant
