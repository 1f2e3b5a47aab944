"""The dated rules of landing, and which of them hold for a parcel on a day.

A rule is a row of data with its source and how sure we are of it. Of the rules of one layer
(duty, VAT, Section 301 ...) the newest that fits wins; layers of one kind add up.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from livecommerce.web.wire import Both

Basis = Literal["goods", "cif"]
Part = Literal["goods", "shipping", "duty"]


def _split_amount(value: object) -> object:
    if isinstance(value, str):
        number, _, currency = value.partition(" ")
        return {"number": number, "currency": currency}
    return value


class Bound(BaseModel):
    """An amount a law names, in the law's currency: ``"150 EUR"``."""

    model_config = ConfigDict(frozen=True)

    number: Decimal
    currency: str


Amount = Annotated[Bound, BeforeValidator(_split_amount)]


class Rule(BaseModel):
    """One dated row: for whom it holds, what it charges, and who says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    dest: tuple[str, ...]
    kind: Literal["duty", "tax", "fee"]
    layer: str
    valid_from: date | None
    valid_to: date | None = None
    channel: Literal["commercial", "post"] | None = None
    origin: str | None = None
    over: Amount | None = None
    up_to: Amount | None = None
    threshold_basis: Basis = "goods"
    except_hs: tuple[str, ...] = ()
    charge: Literal["none", "percent", "table", "per_item", "per_parcel"]
    rate: Decimal | None = None
    table: str | None = None
    amount: Amount | None = None
    base: tuple[Part, ...] = ()
    title: Both
    note: Both | None = None
    not_included: Both | None = None
    source: str
    confidence: str

    def holds_on(self, day: date) -> bool:
        """Whether the day lies within its first and last day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class DutyRate:
    """An ad valorem rate of one tariff for one of our codes."""

    table: str
    hs_code: str
    destination_code: str
    rate: Decimal
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules and rates that quoting may use."""

    rules: tuple[Rule, ...]
    rates: dict[tuple[str, str], tuple[DutyRate, ...]]

    def not_included(self, rule_id: str) -> Both | None:
        """What the buyer may owe besides, although the rule itself is paid."""
        return next((rule.not_included for rule in self.rules if rule.id == rule_id), None)

    def destinations(self) -> list[str]:
        """The countries for which some rule stands."""
        return sorted({country for rule in self.rules for country in rule.dest})

    def duty_rate(self, table: str, hs_code: str, own_code: str | None) -> DutyRate | None:
        """The rate for a code; among several, the one of ``own_code`` or else the highest.

        ``own_code`` is the destination's own classification on the SKU. One that does not
        belong to the Chinese code gives nothing: a wrong heading is worse than an empty one.
        """
        found = self.rates.get((table, hs_code), ())
        if own_code is not None and any(rate.destination_code for rate in found):
            found = tuple(r for r in found if r.destination_code == own_code[:8])
        return max(found, key=lambda rate: rate.rate, default=None)


def newest_by_layer(rules: Iterable[Rule]) -> list[Rule]:
    """One rule of each layer, the newest; duties first, then taxes, then fees."""
    chosen: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        slot = (rule.kind, rule.layer)
        other = chosen.get(slot)
        if other is None or _begins(rule) > _begins(other):
            chosen[slot] = rule
    order = ("duty", "tax", "fee")
    return sorted(chosen.values(), key=lambda rule: order.index(rule.kind))


def _begins(rule: Rule) -> date:
    return rule.valid_from or date.min


@cache
def shipped() -> Rulebook:
    """The rules that come with this version."""
    rules = TypeAdapter(tuple[Rule, ...]).validate_json(_read("landing_rules.json"))
    rates: dict[tuple[str, str], tuple[DutyRate, ...]] = {}
    for row in table("duty_rates.csv"):
        rate = DutyRate(
            row["table"],
            row["cn_hs10"],
            row["destination_code"],
            Decimal(row["rate"]),
            row["source"],
            row["confidence"],
        )
        slot = (rate.table, rate.hs_code)
        rates[slot] = (*rates.get(slot, ()), rate)
    return Rulebook(rules, rates)


def table(name: str) -> Sequence[dict[str, str]]:
    """A shipped table; every cell is text, so that ``0100`` stays ``0100``."""
    return list(csv.DictReader(StringIO(_read(name))))


def _read(name: str) -> str:
    return files(__package__).joinpath("data", name).read_text("utf-8-sig")
