"""What auctions tell."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event
from livecommerce.kernel.money import Money


class AuctionDue(Event):
    """The moment in which an auction ends has come, unless a bid has moved it since."""

    auction: str
    live: str
    at: Instant


class AuctionWon(Event):
    """The piece is set aside for the winner at the price."""

    auction: str
    live: str
    buyer: str
    hold: str
    price: Money
    hold_until: Instant
    at: Instant
