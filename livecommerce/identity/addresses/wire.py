"""Addresses and each country's form, as clients see them."""

from typing import Annotated, Literal

from pydantic import Field

from livecommerce.web.wire import Wire, Words

Name = Annotated[str, Words(100)]
AddressLine = Annotated[str, Words(120)]
AddressField = Literal[
    "country", "name", "line1", "line2", "city", "region", "postcode", "phone"
]


class Address(Wire):
    """Where the goods go and to whom. Which fields a country needs, its form says."""

    name: Name
    line1: AddressLine
    line2: Annotated[str, Words(120, 0)] | None = None
    city: Annotated[str, Words(100, 0)] = ""
    region: Annotated[str, Words(100, 0)] | None = None
    postcode: Annotated[str, Words(20, 0)] = ""
    country: str = Field(pattern=r"^[A-Z]{2}$")
    phone: str = Field(pattern=r"^\+?[0-9 ()./-]{4,30}$")


class SaveAddress(Wire):
    """An address to keep. The first one kept is the default one."""

    label: Annotated[str, Words(40, 0)] = ""
    address: Address
    default: bool = False


class SavedAddressOut(Wire):
    """An address you keep."""

    id: str
    label: str
    address: Address
    default: bool


class RegionOut(Wire):
    """One of a country's states, provinces or prefectures, in the languages it is written."""

    key: str
    names: list[str]


class FormFieldOut(Wire):
    """One field of a country's form. ``kind`` is what that country calls it: a ``state``, a
    ``prefecture``, a ``zip`` code, a ``suburb``."""

    name: AddressField
    required: bool
    kind: str | None = None


class AddressFormOut(Wire):
    """How an address is written in a country: its fields in the order of an envelope there.

    ``postcode_pattern`` is a regular expression for the whole postcode; ``regions`` are all
    that may be chosen, where the country has a list.
    """

    country: str
    fields: list[FormFieldOut]
    postcode_pattern: str | None
    postcode_examples: list[str]
    regions: list[RegionOut]
