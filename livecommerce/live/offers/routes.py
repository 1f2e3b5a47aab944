"""Every route of offers."""

from livecommerce.live.offers.auctions import routes as auctions
from livecommerce.live.offers.bundles import routes as bundles
from livecommerce.live.offers.coupons import routes as coupons
from livecommerce.live.offers.draws import routes as draws
from livecommerce.live.offers.flash import routes as flash

ROUTES = [*flash.ROUTES, *coupons.ROUTES, *auctions.ROUTES, *bundles.ROUTES, *draws.ROUTES]
