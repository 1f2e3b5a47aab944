"""Duty and tax split over lines and layers lose nothing and invent nothing."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from livecommerce.crossborder import rulebook
from livecommerce.crossborder.duty import Goods, apportion, charges
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.wire import Charge, Line
from livecommerce.kernel.money import Money
from tests.customs import NOW

EXACT = st.lists(
    st.decimals(0, 1_000_000, places=4, allow_nan=False, allow_infinity=False),
    min_size=1,
    max_size=8,
)
RATES = Rates(date(2026, 10, 30))


@given(EXACT)
def test_parts_add_up_and_lie_next_to_the_exact_amounts(exact: list[Decimal]) -> None:
    total = int(sum(exact, Decimal(0)).to_integral_value(ROUND_HALF_UP))
    parts = apportion(total, exact)
    assert sum(parts) == total
    assert all(abs(part - amount) < 1 for part, amount in zip(parts, exact, strict=True))


@given(
    country=st.sampled_from(["DE", "FR", "GB", "US", "AU", "JP", "SG"]),
    currency=st.sampled_from(["EUR", "USD", "JPY", "CNY"]),
    prices=st.lists(st.integers(1, 200_000), min_size=1, max_size=6),
    freight=st.integers(0, 50_000),
)
def test_a_parcels_charges_add_up(
    country: str, currency: str, prices: list[int], freight: int
) -> None:
    lines = tuple(
        Line(
            reference=f"h{i}",
            variant=f"v{i}",
            sku=f"s{i}",
            product="p",
            hs_code=["6302319900", "6301400000", "9404404000"][i % 3],
            customs_description=f"Goods {i % 2}",
            count=1,
            unit_price=Money(price, currency),
            weight_g=500,
        )
        for i, price in enumerate(prices)
    )
    goods = Goods(
        country=country,
        channel="commercial",
        currency=currency,
        lines=lines,
        prices=tuple(Money(price, currency) for price in prices),
        freights=tuple(Money(freight, currency).split([1] * len(prices))),
    )
    found = charges(goods, on=NOW.date(), rates=RATES.day(NOW), book=rulebook.shipped())
    for charge in found:
        if isinstance(charge, Charge):
            assert Money.sum((s.amount for s in charge.shares), currency) == charge.amount
            assert charge.amount.minor >= 0
            assert len(charge.shares) == len(lines)
