"""What messages tell; never what they say."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event
from livecommerce.orders.messages.rules import Side


class MessageSent(Event):
    """Somebody wrote. ``first`` names the sides that had read all before it."""

    message: str
    order: str
    checkout: str
    merchant: str
    buyer: str
    number: int
    side: Side
    first: list[Side]
    at: Instant
