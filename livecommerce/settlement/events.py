"""The facts settling tells."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event
from livecommerce.kernel.money import Money


class ShareReleased(Event):
    """A merchant's share of an order, or its reserve, is theirs."""

    order: str
    merchant: str
    currency: str
    at: Instant


class ReceiptWaits(Event):
    """A sale that was paid ``at`` could not be counted towards its merchant's receipts, for
    want of a rate; told when it is time to try again."""

    order: str
    at: Instant
    since: Instant


class ReceiptsReached(Event):
    """A merchant's receipts of this year have passed a threshold, for the first time."""

    merchant: str
    year: int
    threshold: Money
    total: Money
    at: Instant
