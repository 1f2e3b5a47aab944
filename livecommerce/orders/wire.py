"""Quotes, checkouts and orders as clients see them."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from livecommerce.crossborder.wire import Destination, Offered, QuoteOut, Terms
from livecommerce.identity.addresses.wire import Address
from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.orders.pieces.wire import LineCount, SomeLines
from livecommerce.orders.rules import CheckoutState, DisputeState, OrderState, RefundState
from livecommerce.settlement.wire_waiting import InquiryOut
from livecommerce.web.wire import Both, Wire, Words

Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f.]+(\.[^@\s\x00-\x1f.]+)+$",
    ),
]


class AskQuote(Wire):
    """What shall be quoted: your own holds, to a place, in the currency you pay in, with those
    of your coupons that you would use."""

    holds: list[str] = Field(min_length=1, max_length=50)
    destination: Destination
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    coupons: list[str] = Field(default_factory=list, max_length=20)


class PlaceCheckout(Wire):
    """Buy what was quoted."""

    quote: str
    address: Address
    email: Email


class PaymentOut(Wire):
    """How it is paid. ``client_secret`` and ``page`` are there while it can be."""

    id: str | None
    state: str
    client_secret: str | None = Field(default=None, repr=False)
    provider: str
    page: str | None = None
    ahead: int = Field(default=0, description="payments that are opened before this one")
    ready_in_s: int | None = Field(
        default=None, description="seconds until it can be paid, by the provider's budget"
    )
    failure: str | None = None
    keeps: bool = Field(
        default=False, description="the card it is paid with is kept", examples=[False]
    )


class CheckoutOut(Wire):
    """One purchase and its payment. ``owed`` is what of a payment that came too late has not
    reached the buyer again, because the refund failed.

    ``address`` and ``email`` are null, and the quote's destination is its country alone, for
    staff whose work needs none of them.
    """

    id: str
    state: CheckoutState
    orders: list[str]
    live: str | None
    quote: QuoteOut
    total: Money
    country: str
    address: Address | None
    email: str | None
    placed_at: Instant
    pay_by: Instant | None
    paid_at: Instant | None
    owed: Money
    payment: PaymentOut


class SellerSnapshot(Wire):
    """Who sold it, as they were when it was ordered."""

    id: str
    name: Both
    legal_name: Both
    uscc: str
    customs_code: str
    licence: str
    address: Both


class ProductSnapshot(Wire):
    """What was sold, as its page said when it was ordered."""

    title: Both
    description: Both
    category: str
    picture: str | None
    pictures: list[str]
    options: dict[str, Both]
    values: dict[str, Both]
    hs_code: str
    origin: str
    fibre: list[dict[str, str | int]]
    customs_name: str
    customs_description: str
    customs_unit: str
    gmodel: dict[str, str]
    list_price: Money
    seller: SellerSnapshot
    taken_at: Instant


class LineOut(Wire):
    """One variant in an order. ``goods`` is the line's amount in the order's currency, and
    ``offers`` what was taken off it, and why."""

    id: str
    hold: str
    product: str
    variant: str
    sku: str
    card: str | None
    segment: str | None
    count: int
    weight_g: int
    unit_price: Money
    goods: Money
    offers: list[Offered]
    snapshot: ProductSnapshot
    shipped: int = 0
    cancelled: int = 0
    returned: int = 0
    refunded: int = 0
    replaces: str | None = Field(
        default=None, description="the line it is sent for, if it is a replacement"
    )


class ShipOrder(Wire):
    """One parcel: the named pieces, or all that wait. Customs takes a waybill number of 32
    characters at most, ``carrier`` is the code, the name or the label of one."""

    carrier: Annotated[str, Words(100)]
    tracking: Annotated[str, Words(32)]
    weight_g: int = Field(gt=0, le=1_000_000)
    lines: SomeLines | None = None
    despite_dispute: bool = Field(
        default=False,
        description="send it although the buyer's bank contests the payment, which may cost"
        " the goods as well as the money",
        examples=[False],
    )


class ConsignmentOut(Wire):
    """One parcel of an order. ``link`` is where the carrier shows how it goes."""

    id: str
    order: str
    carrier: str
    tracking: str
    weight_g: int
    declaration: str | None
    shipped_at: Instant
    delivered_at: Instant | None
    lines: list[LineCount]
    link: str | None = None


class AskRefund(Wire):
    """Money back: so much, or all that is left of what was paid for the order."""

    amount: Money | None = None
    reason: Annotated[str, Words(300)]


class PayOwed(Wire):
    """Money that the centre's bank has sent the buyer: so much, or all that is owed, and the
    bank's reference for it."""

    amount: Money | None = None
    reference: Annotated[str, Words(100)]
    reason: Annotated[str, Words(300)]


class RefundOut(Wire):
    """Money given back for an order. ``outside`` is the bank's reference, where it was paid
    by bank transfer."""

    id: str
    order: str
    amount: Money
    reason: str
    state: RefundState
    requested_at: Instant
    settled_at: Instant | None
    outside: str | None = None


class OrderDisputeOut(Wire):
    """The buyer's bank contests the payment. ``amount`` is what it claims of this order."""

    id: str
    state: DisputeState
    amount: Money
    opened_at: Instant
    closed_at: Instant | None


class RuleUsed(Wire):
    """A rule that the order's figures rest on, as it stood then."""

    rule_id: str
    source: str
    valid_from: date | None
    confidence: str


class OrderOut(Wire):
    """One merchant's part of a purchase, frozen as it was ordered.

    ``duty`` and ``tax`` are null when they are left to the buyer (DAP). ``owed`` is what a
    refund that failed did not bring to the buyer, and was not sent again or paid another way
    yet. ``disputed`` is what of it the buyer's bank has taken and not returned: neither that
    nor what was ``refunded`` can go back again. ``dispute`` is how that stands, seen from the
    merchant.

    Whoever ships, refunds or answers for it reads where it goes. For all others ``address``
    and ``email`` are null, and the quote's destination is its country alone.
    """

    id: str
    checkout: str
    merchant: str
    seller: SellerSnapshot
    buyer: str
    live: str | None
    state: OrderState
    terms: Terms
    goods: Money
    shipping: Money
    duty: Money | None
    tax: Money | None
    fees: Money
    total: Money
    refunded: Money
    owed: Money
    dispute: DisputeState | None
    disputed: Money
    disputes: list[OrderDisputeOut]
    inquiry: InquiryOut | None
    lines: list[LineOut]
    consignments: list[ConsignmentOut]
    refunds: list[RefundOut]
    rules: list[RuleUsed]
    quote: QuoteOut
    country: str
    address: Address | None
    email: str | None
    placed_at: Instant
    paid_at: Instant | None
    shipped_at: Instant | None


class OrderListed(Wire):
    """An order in a list."""

    id: str
    checkout: str
    merchant: str
    merchant_name: Both
    live: str | None
    state: OrderState
    total: Money
    refunded: Money
    owed: Money
    dispute: DisputeState | None
    disputed: Money
    country: str
    pieces: int
    title: Both
    picture: str | None
    placed_at: Instant
    paid_at: Instant | None
