"""What links tell."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class LinkWanted(Event):
    """The buyer of a purchase wants the way to its orders once more."""

    checkout: str
    at: Instant
