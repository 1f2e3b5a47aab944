"""What flash prices tell."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class FlashDue(Event):
    """The moment in which a flash price opens or closes has come."""

    flash: str
    live: str
    at: Instant
