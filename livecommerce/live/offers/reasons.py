"""Why a line costs less, in the buyer's two languages."""

from livecommerce.live.offers.rules import Bundle, Kind, Second
from livecommerce.web.wire import Both

FLASH = Both(zh="限时秒杀价", en="Flash price")
AUCTION = Both(zh="竞拍成交价", en="Won at auction")
GIVEN = {Kind.FLASH: FLASH, Kind.AUCTION: AUCTION}


def second(offer: Second) -> Both:
    """Of every so many pieces one costs less."""
    return Both(
        zh=f"每 {offer.nth} 件中一件减 {offer.percent}%",
        en=f"One of every {offer.nth} pieces {offer.percent}% off",
    )


def bundle(offer: Bundle) -> Both:
    """Bought together."""
    return Both(
        zh=f"{len(offer.products)} 款组合优惠", en=f"Set of {len(offer.products)} products"
    )


def coupon(title: Both) -> Both:
    """By its title."""
    return Both(zh=f"优惠券：{title.zh}", en=f"Coupon: {title.en}")
