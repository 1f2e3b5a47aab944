"""The facts that selling tells."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event
from livecommerce.kernel.money import Money


class HoldMade(Event):
    """A claim was met: goods are set aside for the buyer until a moment."""

    hold: str
    variant: str
    merchant: str
    buyer: str
    live: str | None
    card: str | None
    count: int
    price: Money
    hold_until: Instant


class HoldLapsed(Event):
    """The moment came; the goods are for sale again."""

    hold: str
    variant: str
    merchant: str
    buyer: str
    live: str | None
    count: int


class HoldReleased(HoldLapsed):
    """The hold was given up early; the goods are for sale again."""


class StockChanged(Event):
    """How many are left to sell, as of ``version``; a smaller version is older news."""

    variant: str
    product: str
    left: int
    version: int
