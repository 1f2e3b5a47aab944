"""Rates for tests that settle in another currency: pinned, and those a test sets."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from livecommerce.crossborder.errors import NoRate
from livecommerce.crossborder.rates import Rates
from livecommerce.settlement.exchange import DatedRates, Quoted

PINNED = Rates(pinned=date(2026, 10, 30))
RATES = DatedRates(lambda *asked: Quoted(*PINNED.between(*asked)))
"""As a process has them."""


def fixed(per_euro: Mapping[str, str]) -> DatedRates:
    """Rates of a day that the test makes up; a mapping that changes changes them."""

    def between(base: str, currency: str, now: datetime) -> Quoted:
        table: dict[str, Decimal] = {
            "EUR": Decimal(1),
            **{c: Decimal(rate) for c, rate in per_euro.items()},
        }
        if base not in table or currency not in table:
            raise NoRate(currency=currency)
        return Quoted(table[currency] / table[base], now.date(), "a test")

    return DatedRates(between)
