"""The ways a coupon can fail."""

from livecommerce.kernel.errors import Conflict, Denied, Invalid, NotFound


class NoSuchTemplate(NotFound):
    """There is no such coupon."""


class WorthWrong(Invalid):
    """A coupon takes off either an amount or a percentage."""


class NothingInCurrency(Invalid):
    """Nothing of the merchant's is priced in this currency, so nobody could use the coupon."""


class ClosingWrong(Invalid):
    """A coupon closes after so many minutes or at a moment to come, not both."""


class StockPlanned(Conflict):
    """Fewer of these coupons are left to be planned."""


class CapReached(Conflict):
    """The host may not plan so many of these coupons."""


class AllTaken(Conflict):
    """All of these coupons are taken."""


class NotYetTakeable(Conflict):
    """The coupon cannot be taken now."""


class WatchLonger(Denied):
    """This coupon is for those who have watched for a while."""


class CouponNotYours(NotFound):
    """You have no such coupon."""


class CouponUsed(Conflict):
    """The coupon is used, or no longer valid."""
