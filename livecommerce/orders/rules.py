"""The states of a checkout and of an order, which may follow which, and the sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from livecommerce.kernel.money import Money


class CheckoutState(StrEnum):
    """How far one purchase has come."""

    PLACED = "placed"  # holds taken, payment recorded; the provider is being asked
    AWAITING_PAYMENT = "awaiting_payment"  # the buyer can pay, until ``pay_by``
    CANCELLING = "cancelling"  # the provider is asked to make paying impossible
    PAID = "paid"
    CANCELLED = "cancelled"
    LATE_REFUNDED = "late_refunded"  # paid after all, with nothing left to sell


class OrderState(StrEnum):
    """How far one merchant's part of a purchase has come."""

    PLACED = "placed"
    PAID = "paid"
    PARTLY_SHIPPED = "partly_shipped"  # some pieces are on their way, others are still to go
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class RefundState(StrEnum):
    """How far giving money back for an order has come."""

    WANTED = "wanted"
    SETTLED = "settled"
    FAILED = "failed"


_C, _O, _R = CheckoutState, OrderState, RefundState

# Stock is given back on the way into ``cancelled`` and nowhere else, and that way leads
# through the provider's word that nobody can pay any more.
NEXT: Mapping[CheckoutState, frozenset[CheckoutState]] = {
    _C.PLACED: frozenset({_C.AWAITING_PAYMENT, _C.CANCELLING, _C.PAID, _C.CANCELLED}),
    _C.AWAITING_PAYMENT: frozenset({_C.CANCELLING, _C.PAID, _C.CANCELLED}),
    _C.CANCELLING: frozenset({_C.AWAITING_PAYMENT, _C.PAID, _C.CANCELLED}),
    _C.PAID: frozenset(),
    _C.CANCELLED: frozenset({_C.PAID, _C.LATE_REFUNDED}),
    _C.LATE_REFUNDED: frozenset(),
}

NEXT_ORDER: Mapping[OrderState, frozenset[OrderState]] = {
    _O.PLACED: frozenset({_O.PAID, _O.CANCELLED}),
    _O.PAID: frozenset({_O.PARTLY_SHIPPED, _O.SHIPPED, _O.CANCELLED, _O.REFUNDED}),
    _O.PARTLY_SHIPPED: frozenset({_O.SHIPPED, _O.DELIVERED, _O.REFUNDED}),
    # Back to partly shipped: a replacement for what came back is still to go.
    _O.SHIPPED: frozenset({_O.DELIVERED, _O.PARTLY_SHIPPED, _O.REFUNDED}),
    _O.DELIVERED: frozenset({_O.PARTLY_SHIPPED, _O.REFUNDED}),
    # A late payment whose goods could be had again; or the money of a paid one has gone back.
    _O.CANCELLED: frozenset({_O.PAID, _O.REFUNDED}),
    # A refund failed: the order stands as its pieces and parcels do, and money is owed.
    _O.REFUNDED: frozenset({_O.CANCELLED, _O.SHIPPED, _O.DELIVERED}),
}

NEXT_REFUND: Mapping[RefundState, frozenset[RefundState]] = {
    _R.WANTED: frozenset({_R.SETTLED, _R.FAILED}),
    _R.SETTLED: frozenset({_R.FAILED}),  # the buyer's bank may send it back days later
    _R.FAILED: frozenset(),
}

LIVE = frozenset({_C.PLACED, _C.AWAITING_PAYMENT, _C.CANCELLING})
"""States in which the checkout still has its holds and somebody might still pay."""

REFUNDABLE = frozenset(
    {_O.PAID, _O.PARTLY_SHIPPED, _O.SHIPPED, _O.DELIVERED, _O.CANCELLED, _O.REFUNDED}
)
"""States in which there may be something left to give back of an order that was paid; how
much, the sums say."""

TO_SHIP = frozenset({_O.PAID, _O.PARTLY_SHIPPED})
"""States in which pieces may be waiting to be sent, or to be cancelled."""

OPEN_WITHIN = timedelta(minutes=30)
"""How long the provider may take to be ready before the purchase is given up."""

WALLETS_TAKE = timedelta(minutes=10)
"""How much longer a checkout lives while a wallet is busy with its payment; once."""

ASK_AGAIN = timedelta(minutes=2)
"""When the provider is asked again to cancel, should its answer have been lost."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the centre promises and keeps, as it stands when a purchase is made.

    ``most_per_household``: pieces of a variant on one card that may go to one address.
    ``secret``: what the marks of addresses are made with, so that nobody guesses them.
    """

    pay_within: timedelta = timedelta(minutes=10)
    commission_bps: int = 500
    most_per_household: int = 20
    secret: str = field(default="", repr=False)


S = TypeVar("S", CheckoutState, OrderState, RefundState)


def before(table: Mapping[S, frozenset[S]], wanted: S) -> list[S]:
    """The states from which ``wanted`` may be reached, for the guard of an UPDATE."""
    return [state for state, after in table.items() if wanted in after]


def share_out(amount: Money, left: Sequence[Money]) -> list[Money]:
    """Which part of an order gives how much of a refund, by what is left of each.

    No part gives more than it has, and the last refund empties them all.
    """
    if Money.sum(left, amount.currency) < amount:
        raise ValueError("more than is left")
    return amount.split([part.minor for part in left])
