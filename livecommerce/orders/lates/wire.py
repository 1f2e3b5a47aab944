"""Late payments as finance staff see them."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Wire


class LateOwed(Wire):
    """A purchase that was paid too late, and whose refund did not reach the buyer. ``owed`` is
    what of ``paid`` is neither given back nor on its way, nor with the buyer's bank."""

    checkout: str
    orders: list[str]
    paid: Money
    owed: Money
    ended_at: Instant
