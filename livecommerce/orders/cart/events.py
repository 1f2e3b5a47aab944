"""What carts tell."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class CartChanged(Event):
    """Something was put into a cart, taken out of it, or bought from it."""

    owner: str
    version: int
    at: Instant
