"""What a room is offered, as clients see it."""

from livecommerce.live.offers.auctions.wire import AuctionOut
from livecommerce.live.offers.bundles.wire import BundleOut
from livecommerce.live.offers.coupons.wire import CouponPlanOut
from livecommerce.live.offers.draws.wire import DrawOut
from livecommerce.live.offers.flash.wire import FlashOut
from livecommerce.web.wire import Wire


class OffersOut(Wire):
    """Everything the room is offered now, whole. Of two, the one with the greater ``version``
    is newer. ``wishes``: how many ask for each card; ``waiting``: how many wait for each
    variant that is sold out."""

    version: int
    flash: list[FlashOut]
    coupons: list[CouponPlanOut]
    auctions: list[AuctionOut]
    draw: DrawOut | None
    bundles: list[BundleOut]
    wishes: dict[str, int]
    waiting: dict[str, int]
