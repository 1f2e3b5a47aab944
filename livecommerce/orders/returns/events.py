"""The fact that a return has moved on. Nothing personal is in it."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class ReturnMoved(Event):
    """A return was asked for, answered, received, inspected, paid back or exchanged."""

    goods_return: str
    order: str
    merchant: str
    buyer: str
    live: str | None
    state: str
    refund: str | None
    at: Instant
