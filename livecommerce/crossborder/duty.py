"""Duty, tax and fees of one parcel, pure: rules and rates in, charges out.

Sums are exact decimals; each of duty and tax is rounded once at its total, and the rounded
total is handed down to layers and lines by largest remainder, so nothing is lost or invented.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal

from livecommerce.crossborder.rates import DayRates
from livecommerce.crossborder.rulebook import Bound, DutyRate, Rule, Rulebook, newest_by_layer
from livecommerce.crossborder.wire import Charge, Line, Offered, Share
from livecommerce.kernel.money import Money, exponent
from livecommerce.web.wire import Both

HIGHEST_OF_SEVERAL = Both(
    zh="该编码在目的国对应多个税号，未注明时按最高税率报价。",
    en="The code meets several of the destination's codes; unless the SKU names one, the"
    " highest rate is quoted.",
)


@dataclass(frozen=True, slots=True)
class Goods:
    """A parcel ready to be charged: lines with their price and freight in one currency."""

    country: str
    channel: Literal["commercial", "post"]
    currency: str
    lines: tuple[Line, ...]
    prices: tuple[Money, ...]
    freights: tuple[Money, ...]
    offers: tuple[list[Offered], ...] = ()


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A line for which no rule says its duty or its tax."""

    line: Line
    kind: Literal["duty", "tax"]


def charges(
    goods: Goods, *, on: date, rates: DayRates, book: Rulebook
) -> list[Charge] | list[Uncovered]:
    """What landing costs beside goods and shipping, or the lines no rule covers.

    A relief is a charge of nothing with its rule named; without any rule there is no charge
    and the line is told as uncovered, because unknown is not free.
    """
    found = _Parcel(goods, on, rates, book)
    return found.uncovered() or found.charges()


def apportion(total: int, exact: Sequence[Decimal]) -> list[int]:
    """Whole units that add up to ``total`` and lie next to the exact parts.

    ``total`` is the rounded sum of ``exact``: the largest remainders are rounded up.
    """
    floors = [int(part.to_integral_value(ROUND_FLOOR)) for part in exact]
    order = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return floors


@dataclass(frozen=True, slots=True)
class _Layer:
    """One rule on this parcel: exact amounts per line, in minor units."""

    rule: Rule
    base: Decimal | None
    rate: Decimal | None
    exact: tuple[Decimal, ...]
    note: Both | None
    confidence: str


class _Parcel:
    """The working of one parcel's sum."""

    def __init__(self, goods: Goods, on: date, rates: DayRates, book: Rulebook) -> None:
        self.goods, self.rates, self.book = goods, rates, book
        self.scale = Decimal(10) ** exponent(goods.currency)
        self.prices = [Decimal(m.minor) for m in goods.prices]
        self.freights = [Decimal(m.minor) for m in goods.freights]
        self.rules = newest_by_layer(
            rule for rule in book.rules if self._fits(rule) and rule.holds_on(on)
        )

    def uncovered(self) -> list[Uncovered]:
        """Lines whose duty or tax no rule tells."""
        kinds: tuple[Literal["duty", "tax"], ...] = ("duty", "tax")
        found = []
        for line in self.goods.lines:
            for kind in kinds:
                rules = [r for r in self.rules if r.kind == kind and _reaches(r, line)]
                if not rules or any(self._rate(r, line) is None for r in rules):
                    found.append(Uncovered(line, kind))
        return found

    def charges(self) -> list[Charge]:
        """Duty first, since tax is charged on it."""
        nothing = [Decimal(0) for _ in self.goods.lines]
        duty, duty_lines = self._round("duty", nothing)
        tax, _ = self._round("tax", duty_lines)
        fees, _ = self._round("fee", duty_lines)
        return [*duty, *tax, *fees]

    def _fits(self, rule: Rule) -> bool:
        value = sum(self.prices, Decimal(0))
        if rule.threshold_basis == "cif":
            value += sum(self.freights, Decimal(0))
        return (
            self.goods.country in rule.dest
            and rule.channel in {None, self.goods.channel}
            and (rule.up_to is None or value <= self._minor(rule.up_to))
            and (rule.over is None or value > self._minor(rule.over))
        )

    def _round(self, kind: str, duty: list[Decimal]) -> tuple[list[Charge], list[Decimal]]:
        layers = [self._layer(rule, duty) for rule in self.rules if rule.kind == kind]
        sums = [sum(layer.exact, Decimal(0)) for layer in layers]
        total = int(sum(sums, Decimal(0)).to_integral_value(ROUND_HALF_UP))
        by_line = [Decimal(0) for _ in self.goods.lines]
        made = []
        for layer, minor in zip(layers, apportion(total, sums), strict=True):
            shares = apportion(minor, layer.exact)
            by_line = [a + b for a, b in zip(by_line, shares, strict=True)]
            made.append(self._charge(layer, minor, shares))
        return made, by_line

    def _layer(self, rule: Rule, duty: list[Decimal]) -> _Layer:
        if rule.charge in {"percent", "table"}:
            return self._ad_valorem(rule, duty)
        if rule.charge == "none":
            return self._fixed(rule, Decimal(0), [])
        assert rule.amount is not None, rule.id
        amount = self._minor(rule.amount)
        if rule.charge == "per_item":
            return self._fixed(rule, amount, list(self._items(rule)))
        return self._fixed(rule, amount, [list(range(len(self.goods.lines)))])

    def _ad_valorem(self, rule: Rule, duty: list[Decimal]) -> _Layer:
        parts = {"goods": self.prices, "shipping": self.freights, "duty": duty}
        exact, bases, found = [], [], []
        for i, line in enumerate(self.goods.lines):
            reached = _reaches(rule, line)
            base = sum((parts[part][i] for part in rule.base), Decimal(0))
            rate = self._rate(rule, line) if reached else None
            exact.append(base * rate.rate if rate else Decimal(0))
            bases.append(base if reached else Decimal(0))
            found += [rate] if rate else []
        rates = {rate.rate for rate in found}
        guessed = rule.table is not None and any(
            self._several(rule, x) for x in self.goods.lines
        )
        unsure = sorted({r.confidence for r in found} - {rule.confidence, "sourced"})
        return _Layer(
            rule,
            sum(bases, Decimal(0)),
            rates.pop() if len(rates) == 1 else None,
            tuple(exact),
            HIGHEST_OF_SEVERAL if guessed else rule.note,
            ", ".join([rule.confidence, *unsure]),
        )

    def _fixed(self, rule: Rule, amount: Decimal, groups: list[list[int]]) -> _Layer:
        exact = [Decimal(0) for _ in self.goods.lines]
        for group in groups:
            for i in group:
                exact[i] += amount / len(group)
        return _Layer(rule, None, None, tuple(exact), rule.note, rule.confidence)

    def _items(self, rule: Rule) -> Iterator[list[int]]:
        """Lines of one six-digit code, description and origin are one item."""
        items: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for i, line in enumerate(self.goods.lines):
            if _reaches(rule, line):
                said = " ".join(line.customs_description.casefold().split())
                items[line.hs_code[:6], said, line.origin].append(i)
        yield from items.values()

    def _rate(self, rule: Rule, line: Line) -> DutyRate | None:
        if rule.charge == "table":
            assert rule.table is not None, rule.id
            return self.book.duty_rate(rule.table, line.hs_code, line.us_hts10)
        rate = rule.rate or Decimal(0)
        return DutyRate(rule.id, line.hs_code, "", rate, rule.source, rule.confidence)

    def _several(self, rule: Rule, line: Line) -> bool:
        rates = self.book.rates.get((rule.table or "", line.hs_code), ())
        return line.us_hts10 is None and len({rate.rate for rate in rates}) > 1

    def _minor(self, bound: Bound) -> Decimal:
        rate = self.rates.rate(bound.currency, self.goods.currency)
        return bound.number * rate * self.scale

    def _charge(self, layer: _Layer, minor: int, shares: Sequence[int]) -> Charge:
        rule, currency = layer.rule, self.goods.currency
        base = None
        if layer.base is not None:
            base = Money(int(layer.base.to_integral_value(ROUND_HALF_UP)), currency)
        exact = sum(layer.exact, Decimal(0))
        note = layer.note
        if exact.to_integral_value(ROUND_HALF_UP) != minor:
            note = _with(note, _rounded(self._said(exact), Money(minor, currency)))
        return Charge(
            kind=rule.kind,
            title=rule.title,
            base=base,
            rate=None if layer.rate is None else f"{layer.rate.normalize():f}",
            amount=Money(minor, currency),
            exact=self._said(exact),
            shares=[
                Share(reference=x.reference, variant=x.variant, amount=Money(part, currency))
                for x, part in zip(self.goods.lines, shares, strict=True)
            ],
            rule_id=rule.id,
            source=rule.source,
            valid_from=rule.valid_from,
            confidence=layer.confidence,
            note=note,
        )

    def _said(self, minor: Decimal) -> str:
        """An exact amount in whole currency units, with three decimals more than it has."""
        places = exponent(self.goods.currency) + 3
        return f"{(minor / self.scale).quantize(Decimal(1).scaleb(-places)).normalize():f}"


def _rounded(exact: str, shown: Money) -> Both:
    return Both(
        zh=f"精确值为 {exact}；同类各项相加后只四舍五入一次，尾差分给余数最大的各项，"
        f"故本行为 {shown}。",
        en=f"Exactly {exact}: the charges of a kind are added up and rounded once, and the odd"
        f" units go where the remainders are largest, so this line says {shown}.",
    )


def _with(note: Both | None, more: Both) -> Both:
    return more if note is None else Both(zh=note.zh + more.zh, en=f"{note.en} {more.en}")


def _reaches(rule: Rule, line: Line) -> bool:
    """Whether the rule speaks of this line's origin and goods."""
    return rule.origin in {None, line.origin} and not line.hs_code.startswith(rule.except_hs)
