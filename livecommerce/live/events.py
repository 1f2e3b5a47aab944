"""What live commerce tells."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class CardExplained(Event):
    """A card is being presented. ``version`` grows with each change of the shelf."""

    live: str
    card: str
    product: str
    segment: str
    version: int
    at: Instant


class ExplainStopped(Event):
    """No card is being presented."""

    live: str
    version: int
    at: Instant


class CardPriced(Event):
    """A card's live prices changed: all of them, in minor units by variant."""

    live: str
    card: str
    currency: str
    prices: dict[str, int]
    version: int
    at: Instant


class ShelfChanged(Event):
    """Cards were added, taken away, reordered or repriced."""

    live: str
    version: int
    at: Instant
