"""The facts that orders tell. Nothing personal is in them."""

from pydantic import BaseModel, ConfigDict

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event
from livecommerce.kernel.money import Money


class SoldLine(BaseModel):
    """One line of a sale, for those who count."""

    model_config = ConfigDict(frozen=True)

    line: str
    product: str
    variant: str
    card: str | None
    segment: str | None
    count: int
    unit_price: Money


class CheckoutPlaced(Event):
    """A buyer turned holds into one order per merchant, to be paid together."""

    checkout: str
    buyer: str
    live: str | None
    orders: list[str]
    total: Money
    at: Instant


class PaymentReady(Event):
    """The buyer can pay from now on, until ``pay_by``."""

    checkout: str
    buyer: str
    payment: str
    pay_by: Instant


class PaymentRefused(Event):
    """An attempt to pay was declined; the buyer may try again while the clock runs."""

    checkout: str
    buyer: str
    code: str


class CheckoutCancelling(Event):
    """Nobody shall be able to pay any more: the provider is to be asked."""

    checkout: str
    at: Instant


class CheckoutCancelled(Event):
    """Nobody can pay any more, and the goods are for sale again."""

    checkout: str
    buyer: str
    live: str | None
    orders: list[str]
    at: Instant


class CheckoutPaid(Event):
    """The whole purchase is paid."""

    checkout: str
    buyer: str
    payment: str
    orders: list[str]
    total: Money
    at: Instant


class OrderPaid(Event):
    """One merchant's part of a purchase is paid; its goods are sold."""

    order: str
    checkout: str
    merchant: str
    buyer: str
    live: str | None
    lines: list[SoldLine]
    total: Money
    at: Instant


class LatePaymentRefunded(Event):
    """The money came when nothing was left to sell; all of it goes back."""

    checkout: str
    buyer: str
    refund: str
    total: Money
    at: Instant


class LateRefundFailed(Event):
    """Money that came too late did not reach the buyer again. ``owed`` is all that now has to
    be sent another way, or again; ``dispute`` is as in :class:`OrderRefundFailed`."""

    checkout: str
    buyer: str
    refund: str
    amount: Money
    owed: Money
    dispute: str | None = None
    at: Instant


class OrderShipped(Event):
    """A parcel is on its way."""

    order: str
    consignment: str
    checkout: str
    merchant: str
    buyer: str
    live: str | None
    declaration: str
    at: Instant


class OrderDelivered(Event):
    """The parcel has arrived."""

    order: str
    consignment: str
    merchant: str
    buyer: str
    at: Instant


class OrderRefundFailed(Event):
    """A refund of an order did not reach the buyer. ``owed`` is all that now has to be sent
    another way, or again.

    ``dispute`` is the bank's claim by which nothing of it was owed until now: the bank, which
    had paid the buyer, has its money back.
    """

    order: str
    checkout: str
    merchant: str
    buyer: str
    live: str | None
    refund: str
    amount: Money
    owed: Money
    dispute: str | None = None
    at: Instant


class OrderDisputed(Event):
    """A buyer's bank has taken money of an order, or has decided about it. ``amount`` is what
    it claims of this order; ``state`` is open, won or lost, as seen from us."""

    order: str
    merchant: str
    buyer: str
    live: str | None = None
    dispute: str
    state: str
    amount: Money
    at: Instant


class OrderRefunded(Event):
    """Money for an order has gone back. ``refunded`` is all that ever has."""

    order: str
    merchant: str
    buyer: str
    live: str | None
    refund: str
    amount: Money
    refunded: Money
    whole: bool
    at: Instant
