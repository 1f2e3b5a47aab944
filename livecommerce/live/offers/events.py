"""What offers tell."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class OffersChanged(Event):
    """What the room is offered has changed; screens are shown it whole."""

    live: str
    at: Instant
