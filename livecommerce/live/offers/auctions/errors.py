"""The ways an auction can fail."""

from livecommerce.kernel.errors import Conflict, Invalid


class AuctionRunning(Conflict):
    """One auction at a time: another is running in this room."""


class NothingToAuction(Conflict):
    """None of it is left to be auctioned."""


class NoWayBack(Conflict):
    """An auction that has begun is not called off."""


class BidTooLow(Conflict):
    """Somebody bids more."""


class AuctionOver(Conflict):
    """The auction is over."""


class StepsWrong(Invalid):
    """Increments start at zero, rise, and are at least one unit."""
