"""The ways a flash price can fail."""

from livecommerce.kernel.errors import Conflict, Invalid


class FlashRunning(Conflict):
    """The card has a flash price already."""


class NotBelowRecent(Invalid):
    """A flash price is lower than every price of the last weeks."""


class BelowFloor(Invalid):
    """At least a tenth of the price must remain."""


class LimitsWrong(Invalid):
    """One buyer may have no more pieces than there are."""
