"""The ways a draw can fail."""

from livecommerce.kernel.errors import Conflict, Denied, Invalid, NotFound


class DrawRunning(Conflict):
    """One draw at a time: another is open in this room."""


class WatchTooLong(Invalid):
    """Nobody could have watched for so long before the draw ends."""


class DrawOver(Conflict):
    """The draw is closed."""


class NotEntitled(Denied):
    """You do not meet the draw's condition yet."""


class NoSuchPrize(NotFound):
    """There is no such prize."""


class PrizeLapsed(Conflict):
    """The time to give an address for the prize is over."""
