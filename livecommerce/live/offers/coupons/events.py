"""What coupons tell."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class CouponClosing(Event):
    """The moment after which a coupon can no longer be taken has come."""

    plan: str
    live: str
    at: Instant
