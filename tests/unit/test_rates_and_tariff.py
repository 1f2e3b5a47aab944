"""Exchange rates by day, and what our own tariff charges for shipping."""

from datetime import UTC, date, datetime

import pytest

from livecommerce.crossborder import tariff
from livecommerce.crossborder.errors import NotShippedThere, RatesTooOld
from livecommerce.crossborder.rates import Rates
from livecommerce.kernel.money import Money

TODAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_tariff_counts_steps_begun() -> None:
    prices = tariff.shipped()
    grams = {g: prices.price("DE", g).minor for g in (1, 500, 501, 1000, 1001)}
    assert grams == {1: 8600, 500: 8600, 501: 11000, 1000: 11000, 1001: 13400}
    with pytest.raises(NotShippedThere):
        prices.price("DE", 30_001)
    with pytest.raises(NotShippedThere):
        prices.price("CN", 1)


def test_a_weekend_takes_the_day_before() -> None:
    assert Rates(date(2026, 10, 25)).day(TODAY).on == date(2026, 10, 23)


def test_old_rates_are_refused_unless_pinned() -> None:
    later = datetime(2027, 3, 1, tzinfo=UTC)
    with pytest.raises(RatesTooOld):
        Rates().day(later)
    assert Rates(pinned=date(2026, 10, 30)).day(later).on == date(2026, 10, 30)


def test_a_conversion_names_its_rate() -> None:
    found = Rates().convert(Money(10000, "CNY"), "EUR", now=TODAY)
    assert found.amount == Money(1345, "EUR")
    assert found.rate is not None
    assert found.rate.on == date(2026, 10, 30)
    assert Rates().convert(Money(1, "EUR"), "EUR", now=TODAY).rate is None
