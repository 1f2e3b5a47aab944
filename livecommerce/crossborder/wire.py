"""Quotes and declarations as clients see them."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Both, Currency, Wire

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Terms(StrEnum):
    """Who pays duty and tax: the seller before delivery, or the buyer on arrival."""

    DDP = "DDP"
    DAP = "DAP"


class Destination(Wire):
    """Where the parcels go."""

    country: Country
    region: str | None = Field(default=None, max_length=100)
    postcode: str | None = Field(default=None, max_length=20)


class Offered(Wire):
    """So much one offer takes off a line, and why. ``in_price``: the unit price is lower by it
    already."""

    kind: str
    id: str
    reason: Both
    amount: Money
    in_price: bool = False


class Line(Wire):
    """One variant in a parcel. ``reference`` is the caller's own (a hold's id). What its
    ``offers`` take off lowers the goods before any duty is worked out."""

    reference: str
    variant: str
    sku: str
    product: str
    hs_code: str
    customs_description: str
    origin: Country = "CN"
    count: int = Field(ge=1)
    unit_price: Money
    weight_g: int = Field(ge=1)
    us_hts10: str | None = Field(default=None, pattern=r"^\d{10}$")
    offers: list[Offered] = Field(default_factory=list)


class Parcel(Wire):
    """What one merchant sends. Without ``freight`` our own shipping tariff prices it; a
    ``discount`` on the whole is prorated over the lines before any duty is worked out."""

    merchant: str
    lines: list[Line] = Field(min_length=1)
    freight: Money | None = None
    discount: Money | None = None
    channel: Literal["commercial", "post"] = "commercial"


class QuoteRequest(Wire):
    """What shall be quoted, in the currency the buyer pays in."""

    destination: Destination
    currency: Currency
    parcels: list[Parcel] = Field(min_length=1)


class Share(Wire):
    """One line's part of a charge; the shares of a charge add up to it."""

    reference: str
    variant: str
    amount: Money


class Charge(Wire):
    """One amount of the quote, and where it comes from. ``offers``: what was taken off goods,
    in the quote's currency."""

    kind: Literal["goods", "shipping", "duty", "tax", "fee"]
    title: Both
    base: Money | None
    rate: str | None
    amount: Money
    exact: str | None = Field(
        default=None,
        description="what the rule gives before the charges of its kind are rounded as a sum",
    )
    shares: list[Share]
    rule_id: str
    source: str
    valid_from: date | None
    confidence: str
    note: Both | None = None
    offers: list[Offered] = Field(default_factory=list)


class ParcelQuote(Wire):
    """One parcel's charges. ``duty`` and ``tax`` are null when they are left to the buyer."""

    merchant: str
    charges: list[Charge]
    goods: Money
    shipping: Money
    duty: Money | None
    tax: Money | None
    fees: Money
    total: Money


class RatesOut(Wire):
    """Which day's exchange rates are in use. ``fetched_at`` is null for those that the product
    was shipped with; ``too_old``: nothing is quoted with them any more."""

    on: date | None
    source: str
    pinned: bool
    fetched_at: Instant | None
    too_old: bool
    refused_after_days: int
    may_refresh: bool


class RatesNamed(Wire):
    """Which day's exchange rates shown prices were converted at; pinned, they stay so."""

    on: date
    source: str
    pinned: bool


class RateUsed(Wire):
    """A conversion the quote made: 1 ``base`` is ``rate`` ``currency``."""

    base: str
    currency: str
    rate: str
    on: date
    source: str


class QuoteOut(Wire):
    """A promised figure, frozen whole until it expires.

    ``terms`` DAP means that duties and taxes are NOT included: the buyer pays them on arrival.
    """

    id: str
    destination: Destination
    currency: str
    terms: Terms
    terms_text: Both
    notices: list[Both]
    lines: list[Line]
    parcels: list[ParcelQuote]
    rates: list[RateUsed]
    goods: Money
    shipping: Money
    duty: Money | None
    tax: Money | None
    fees: Money
    total: Money
    made_at: Instant
    expires_at: Instant


class DestinationOut(Wire):
    """A country we quote for: with duties paid where rules are held, else unpaid."""

    country: Country
    name: Both
    terms: Terms
    shipping_from: Money


class CarrierOut(Wire):
    """A firm that carries parcels; the papers name it as ``name`` and ``code``."""

    code: str
    name: str
    label: Both


class DifferenceOut(Wire):
    """Where the papers of a set disagree."""

    rule: str
    level: Literal["block", "warn"]
    field: str
    expected: str
    found: str
    text: Both


class MessageOut(Wire):
    """One message of the set; its XML is at ``href``."""

    kind: str
    state: str
    guid: str
    status: str | None
    info: str | None
    sent_at: Instant | None
    answered_at: Instant | None
    href: str


class DeclarationOut(Wire):
    """What customs is told about a consignment, and what it said."""

    id: str
    consignment: str
    order: str
    merchant: str
    mode: str
    state: str
    attempt: int
    inventory_number: str | None
    differences: list[DifferenceOut]
    messages: list[MessageOut]
    opened_at: Instant
    changed_at: Instant
    preparation_only: Both
