"""Coupons as clients see them."""

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import MOST, Money
from livecommerce.live.offers.coupons.rules import MINUTES, STOCK, WATCH_S, CouponState
from livecommerce.web.wire import Both, Currency, Wire


class MakeTemplate(Wire):
    """A coupon: ``off`` or ``percent`` (of at most ``most``) from ``least`` on. ``caps``: how
    many of them each host may plan; a host who is not named may plan any number."""

    merchant: str
    title: Both
    currency: Currency
    off: int | None = Field(default=None, ge=1, le=MOST)
    percent: int | None = Field(default=None, ge=1, le=90)
    most: int | None = Field(default=None, ge=1, le=MOST)
    least: int = Field(default=0, ge=0, le=MOST)
    stock: int = Field(ge=1, le=STOCK)
    valid_hours: int = Field(default=24, ge=1, le=24 * 90)
    caps: dict[str, int] = Field(default_factory=dict, max_length=100)


class TemplateOut(Wire):
    """A coupon template; ``planned`` of its stock are locked in plans or taken."""

    id: str
    merchant: str
    title: Both
    off: Money | None
    percent: int | None
    most: Money | None
    least: Money
    stock: int
    planned: int
    valid_hours: int
    caps: dict[str, int]


class PlanCoupon(Wire):
    """Coupons for this live session, from now on: until stopped, for ``minutes`` or ``until``
    a moment. ``watch_s``: for those who have been in the room so long."""

    template: str
    stock: int = Field(ge=1, le=STOCK)
    host: str | None = Field(default=None, max_length=64)
    minutes: int | None = Field(default=None, ge=MINUTES[0], le=MINUTES[1])
    until: Instant | None = None
    watch_s: int = Field(default=0, ge=0, le=WATCH_S)


class CouponPlanOut(Wire):
    """A coupon that can be taken in the room. ``left``: how many still can."""

    id: str
    title: Both
    off: Money | None
    percent: int | None
    most: Money | None
    least: Money
    stock: int
    left: int
    watch_s: int
    opens_at: Instant
    closes_at: Instant | None


class CouponOut(Wire):
    """A coupon of the caller's own."""

    id: str
    plan: str
    merchant: str
    title: Both
    off: Money | None
    percent: int | None
    most: Money | None
    least: Money
    state: CouponState
    valid_until: Instant
