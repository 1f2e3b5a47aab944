"""Splitting money loses nothing and is as fair as whole units allow."""

from hypothesis import given
from hypothesis import strategies as st

from livecommerce.kernel.money import Money

weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=30).filter(any)


@given(st.integers(-(10**12), 10**12), weights)
def test_the_parts_make_the_whole(minor: int, shares: list[int]) -> None:
    whole = Money(minor, "EUR")
    parts = whole.split(shares)
    assert Money.sum(parts, "EUR") == whole
    for part, share in zip(parts, shares, strict=True):
        exact = minor * share / sum(shares)
        assert abs(part.minor - exact) <= 1
        assert share or not part
