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


class DisputeState(StrEnum):
    """How a bank's claim to an order's money stands. Nobody's inquiry is here: it takes
    nothing."""

    OPEN = "open"  # the bank has the money until it decides
    WON = "won"
    LOST = "lost"


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

TAKES = frozenset({DisputeState.OPEN, DisputeState.LOST})
"""States in which the bank has what it claims."""

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


@dataclass(frozen=True, slots=True)
class Weighed:
    """What of an order's money a bank has, what is owed to the buyer, and what would be owed
    had the bank not taken it: in minor units."""

    disputed: int
    owed: int
    covered: int


def weigh(left: int, *, claimed: int, debt: int, undecided: bool) -> Weighed:
    """Nobody has the same money back twice: a bank's claim goes before our debt, and a debt
    that it covers is nobody's any more once it is decided.

    Args:
        left: what was paid and has not been given back.
        claimed: what banks took, or may keep.
        debt: what refunds that failed did not bring.
        undecided: whether a bank may still return what it took.
    """
    disputed = min(claimed, left)
    owed = min(debt, left - disputed)
    return Weighed(disputed, owed, debt - owed if undecided else 0)


def fall_on(amount: Money, layers: Sequence[Sequence[int]]) -> list[Money]:
    """What of a bank's claim falls on each order of a purchase.

    It takes first what is still with us of each, then what is on its way back, then what has
    gone back: each in proportion. More than all of that (a rate moved) follows the last sums.

    Args:
        layers: minor units of every order, in this order; the orders' totals last.
    """
    parts = [0] * len(layers[-1])
    rest = amount
    for layer in layers[:-1]:
        taken = Money(min(rest.minor, sum(layer)), amount.currency)
        if taken:
            for index, part in enumerate(taken.split(layer)):
                parts[index] += part.minor
            rest = rest - taken
    if rest:
        for index, part in enumerate(rest.split(layers[-1])):
            parts[index] += part.minor
    return [Money(part, amount.currency) for part in parts]
