"""Flash prices as clients see them."""

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import MOST, Money
from livecommerce.live.offers.flash.rules import COUNTDOWN_S, LASTS_S, PIECES, RECENT_DAYS
from livecommerce.web.wire import Wire


class SetFlash(Wire):
    """A flash price: minor units by variant, for so many pieces in all and for each buyer,
    after a countdown and for so long. ``recent_days``: how far back no price was lower."""

    card: str
    prices: dict[str, int] = Field(min_length=1, max_length=500)
    total: int = Field(ge=1, le=PIECES)
    per_buyer: int = Field(default=1, ge=1, le=99)
    countdown_s: int = Field(default=10, ge=COUNTDOWN_S[0], le=COUNTDOWN_S[1])
    lasts_s: int = Field(default=60, ge=LASTS_S[0], le=LASTS_S[1])
    recent_days: int = Field(default=30, ge=RECENT_DAYS[0], le=RECENT_DAYS[1])


class BasisOut(Wire):
    """What a flash price is compared with: the lowest price of so many days."""

    price: Money
    days: int = Field(le=MOST)


class FlashOut(Wire):
    """A flash price that counts down or holds. ``left``: pieces that can still be had at it."""

    id: str
    card: str
    prices: dict[str, Money]
    basis: dict[str, BasisOut]
    total: int
    per_buyer: int
    left: int
    opens_at: Instant
    closes_at: Instant
