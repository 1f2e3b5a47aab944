"""What the caller knows about a parcel and its sale, typed; everything customs is told is
built from these and from nothing else."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Both

Code = Annotated[str, Field(min_length=1, max_length=18)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class Facts(BaseModel):
    """A frozen set of facts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Enterprise(Facts):
    """A firm as customs knows it: 10-digit customs code or 18-character USCC, and its name."""

    code: Code
    name: Name
    registered_until: date | None = None
    telephone: str | None = Field(default=None, max_length=50)


class Carrier(Enterprise):
    """A firm that carries our parcels; ``label`` is what people choose it by.

    ``numbers`` says how its tracking numbers look: ``s10`` for postal ones, whose check digit
    is looked at as well, else a regular expression for the whole of it; none takes all.
    ``follow`` is where it shows how a parcel goes, with ``{number}`` in the place of it.
    """

    label: Both
    numbers: str | None = Field(default=None, max_length=200)
    follow: str | None = Field(default=None, pattern=r"^https://\S*\{number\}\S*$")

    @field_validator("numbers")
    @classmethod
    def _can_be_read(cls, numbers: str | None) -> str | None:
        try:
            re.compile(numbers or "")
        except re.error as wrong:
            raise ValueError(f"no regular expression: {wrong}") from None
        return numbers

    @property
    def called(self) -> frozenset[str]:
        """Whatever people and programs call it by."""
        return frozenset({self.code, self.name, self.label.zh, self.label.en})

    @property
    def firm(self) -> Enterprise:
        """As the papers name it."""
        return Enterprise.model_validate(
            self.model_dump(exclude={"label", "numbers", "follow"})
        )


class NotServed(Facts):
    """A destination the centre does not ship to, from one day to another."""

    country: str = Field(pattern=r"^[A-Z]{2}$")
    valid_from: date
    valid_to: date | None = None
    reason: Both

    def holds_on(self, day: date) -> bool:
        """Whether the day lies within its first and last day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Desk(Facts):
    """Who declares, where, and under which identity: the centre's standing with customs."""

    platform: Enterprise
    agent: Enterprise
    carriers: list[Carrier] = Field(min_length=1)
    payer: Enterprise
    sender: Enterprise
    dxp_id: str = Field(min_length=1, max_length=16)
    receiver_id: str = Field(min_length=1, max_length=16)
    customs_office: str = Field(pattern=r"^\d{4}$")
    exit_port: str = Field(pattern=r"^\d{4}$")
    transport_mode: str = Field(default="5", pattern=r"^[0-9A-Z]$")
    wrap_type: str = Field(default="2", pattern=r"^[0-9A-Z]$")
    not_served: list[NotServed] = []
    demo: bool = False

    def refuses(self, country: str, day: date) -> NotServed | None:
        """Why nothing is shipped there on that day, if nothing is."""
        rows = (row for row in self.not_served if row.country == country)
        return next((row for row in rows if row.holds_on(day)), None)

    def carrier(self, said: str) -> Carrier | None:
        """The carrier of that code, name or label."""
        return next((each for each in self.carriers if said in each.called), None)


class Elements(Facts):
    """Answers to the declaration elements, from the product's attributes."""

    brand_type: str = Field(default="0", pattern=r"^[0-4]$")
    export_preference: str = Field(default="3", pattern=r"^[0-3]$")
    purpose: str = ""
    weave: str = ""
    composition: str = ""
    filling: str = ""
    brand: str = ""
    item_number: str = ""
    gtin: str = ""
    cas: str = ""
    other: str = ""


class GoodsLine(Facts):
    """One variant in the parcel, as it is declared."""

    sku: str = Field(min_length=1)
    name_zh: str = Field(min_length=1, max_length=250)
    description_en: str = Field(min_length=1, max_length=250)
    hs_code: str
    unit: str = Field(pattern=r"^\d{3}$")
    count: int = Field(ge=1)
    unit_price: Money
    net_weight_g: int = Field(ge=1, description="of one unit")
    pieces: int = Field(default=1, ge=1, description="pieces in one unit: 4 in a 4-piece set")
    barcode: str | None = Field(default=None, max_length=50)
    elements: Elements = Elements()


class ConsignmentFacts(Facts):
    """One parcel of one order, its buyer's money and its waybill.

    ``consignment`` is the order number told to customs; ``charged`` is what this parcel's
    buyer paid in all, of which ``collected_for_others`` is duty and tax of the destination.
    """

    consignment: str = Field(min_length=1, max_length=60)
    order: str
    merchant_id: str
    merchant: Enterprise
    destination: str = Field(pattern=r"^[A-Z]{2}$")
    lines: list[GoodsLine] = Field(min_length=1)
    freight: Money
    insurance: Money | None = None
    charged: Money
    collected_for_others: Money | None = None
    payment: str = Field(min_length=1, max_length=60)
    paid_at: Instant
    carrier: Enterprise
    tracking: str = Field(min_length=1)
    gross_weight_g: int = Field(ge=1)
    packages: int = Field(default=1, ge=1)
    ships_on: date
    mode: Literal["9610"] = "9610"
