"""How the money of a sale is divided: commission, subsidy, reserve. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext
from enum import StrEnum

from livecommerce.kernel.money import Money


class ShareState(StrEnum):
    """Where a merchant's share of one order stands."""

    PENDING = "pending"  # the goods have not left, or the hold period runs
    AVAILABLE = "available"  # theirs, to be transferred
    GONE = "gone"  # nothing was left of it to release


class ChargeMode(StrEnum):
    """How it is agreed that a merchant's sales are charged."""

    SEPARATE = "separate"  # ours first, sent on after the hold
    DESTINATION = "destination"  # sent to the merchant's account with the charge itself


class Charging(StrEnum):
    """How a sale was charged, and why so; ``charging.py`` has the rule."""

    DIRECT = "direct"
    SEPARATE = "separate"
    SEVERAL_MERCHANTS = "several_merchants"
    ACCOUNT_NOT_READY = "account_not_ready"
    SETTLED_ELSEWHERE = "settled_in_another_currency"
    NOTHING_TO_SEND = "nothing_to_send"
    OWES = "merchant_owes"
    DESTINATION_REFUSED = "destination_refused"


class AdjustmentState(StrEnum):
    """What became of a proposed adjustment of the books."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Parts:
    """What an amount is made of. ``shipping``, ``duty``, ``tax`` and ``fees`` are collected
    for others; of the goods a commission stays with the platform."""

    goods: Money
    shipping: Money
    duty: Money
    tax: Money
    fees: Money

    @property
    def total(self) -> Money:
        """All of it."""
        parts: Sequence[Money] = (self.goods, self.shipping, self.duty, self.tax, self.fees)
        return Money.sum(parts, self.goods.currency)


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with a merchant, as frozen on an order.

    Args:
        bps: the commission in hundredths of a percent of the goods.
        minimum_minor, cap_minor: the least and the most it may be, in the order's currency.
        subsidy_bps: how much of the commission the centre pays itself, in hundredths of a
            percent.
        hold_days: how long after the goods left their price stays pending.
        reserve_bps, reserve_days: how much is then kept back, and for how long.
        plan: the plan they come from; none, the centre's default.
        settles_in: the currency in which the merchant is paid; none, that of the sale.
        charge_mode: whether the money goes to the merchant with the charge itself.
    """

    bps: int
    minimum_minor: int | None = None
    cap_minor: int | None = None
    subsidy_bps: int = 0
    hold_days: int = 7
    reserve_bps: int = 0
    reserve_days: int = 90
    plan: str | None = None
    settles_in: str | None = None
    charge_mode: str = ChargeMode.SEPARATE.value

    @property
    def hold(self) -> timedelta:
        """The hold period."""
        return timedelta(days=self.hold_days)

    @property
    def reserve_lasts(self) -> timedelta:
        """How long the reserve is kept."""
        return timedelta(days=self.reserve_days)


@dataclass(frozen=True, slots=True)
class Division:
    """Goods divided: the platform's fee, what the centre pays of it, the merchant's share."""

    fee: Money
    subsidy: Money
    share: Money


def commission(goods: Money, bps: int) -> Money:
    """The platform's part of the goods, in hundredths of a percent, rounded half up."""
    return Money((goods.minor * bps + 5_000) // 10_000, goods.currency)


def divide(goods: Money, terms: Terms) -> Division:
    """The goods of a whole order, divided by its terms. Nothing is lost: the share and the
    fee less its subsidy are the goods. The fee is never more than the goods."""
    minor = commission(goods, terms.bps).minor
    if terms.minimum_minor is not None:
        minor = max(minor, terms.minimum_minor)
    if terms.cap_minor is not None:
        minor = min(minor, terms.cap_minor)
    fee = Money(min(minor, goods.minor), goods.currency)
    subsidy = commission(fee, terms.subsidy_bps)
    return Division(fee, subsidy, goods - fee + subsidy)


def given_back(whole: Money, terms: Terms, before: Money, part: Money) -> Division:
    """How the refund of ``part`` is borne, ``before`` having been refunded of ``whole``.

    Fee and subsidy go back in proportion to the goods. It is the difference of two figures
    rounded down, so that refunds of any sizes add up to what was taken.
    """
    all_ = divide(whole, terms)
    fee = _up_to(all_.fee, whole, before + part) - _up_to(all_.fee, whole, before)
    subsidy = _up_to(all_.subsidy, whole, before + part) - _up_to(all_.subsidy, whole, before)
    return Division(fee, subsidy, part - fee + subsidy)


def converted(amount: Money, rate: Decimal, currency: str) -> Money:
    """The amount at a rate (one of its currency in the other), rounded half away from zero."""
    with localcontext() as context:
        context.prec = 40
        return Money.of(amount.amount * rate, currency)


def kept_back(share: Money, terms: Terms) -> Money:
    """The reserve of a share that is released."""
    return commission(share, terms.reserve_bps)


def asked_again_after(refusals: int) -> timedelta:
    """How long what was refused so often waits: ten minutes at first, a day at most."""
    doubled: int = 2 ** min(refusals - 1, 20)
    return min(timedelta(days=1), timedelta(minutes=10) * doubled)


def _up_to(amount: Money, whole: Money, part: Money) -> Money:
    if not whole.minor:
        return Money.zero(amount.currency)
    return Money(amount.minor * part.minor // whole.minor, amount.currency)
