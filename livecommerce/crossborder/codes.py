"""Customs' own code tables: countries, currencies, units, offices, ports. Codes are text."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from livecommerce.crossborder.rulebook import table


@dataclass(frozen=True, slots=True)
class Country:
    """A country as customs numbers it."""

    customs: str
    alpha2: str
    alpha3: str
    name_zh: str
    name_en: str


@cache
def countries() -> Mapping[str, Country]:
    """By ISO alpha-2 code."""
    return {
        row["iso_alpha2"]: Country(
            customs=row["customs_code"],
            alpha2=row["iso_alpha2"],
            alpha3=row["iso_alpha3"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
        )
        for row in table("cn_customs_country.csv")
        if row["iso_alpha2"] and row["name_en"]
    }


@cache
def currencies() -> Mapping[str, str]:
    """ISO 4217 code to customs code; others must be converted before they are declared."""
    return {row["iso_4217"]: row["customs_code"] for row in table("cn_customs_currency.csv")}


@cache
def units() -> Mapping[str, str]:
    """Customs unit code to its name: ``015`` is 条."""
    return {row["customs_code"]: row["name_zh"] for row in table("cn_customs_unit.csv")}


@cache
def unit_codes() -> Mapping[str, str]:
    """A unit's name to its customs code."""
    return {name: code for code, name in units().items()}


@cache
def offices() -> frozenset[str]:
    """Every customs office."""
    return frozenset(row["customs_code"] for row in table("cn_customs_office.csv"))


@cache
def ports() -> Mapping[str, str]:
    """Port code to the customs code of its country."""
    return {
        row["port_code"]: row["country_customs_code"] for row in table("cn_customs_port.csv")
    }
