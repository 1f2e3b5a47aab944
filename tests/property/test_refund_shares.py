"""Partial refunds take from each part no more than it has, and add up to the whole."""

from hypothesis import given
from hypothesis import strategies as st

from livecommerce.kernel.money import Money
from livecommerce.orders.rules import share_out
from livecommerce.settlement.rules import commission

PARTS = st.lists(st.integers(0, 10**7), min_size=5, max_size=5).filter(any)


@given(PARTS, st.lists(st.floats(0, 1), max_size=6))
def test_any_refunds_empty_every_part_exactly(minors: list[int], cuts: list[float]) -> None:
    left = [Money(minor, "EUR") for minor in minors]
    rest = Money.sum(left, "EUR")
    for part in [*cuts, 1.0]:
        amount = Money(int(rest.minor * part), "EUR")
        if not amount:
            continue
        shares = share_out(amount, left)
        assert Money.sum(shares, "EUR") == amount
        assert all(0 <= s.minor <= has.minor for s, has in zip(shares, left, strict=True))
        left = [has - s for has, s in zip(left, shares, strict=True)]
        rest = rest - amount
    assert not any(left)


@given(st.integers(0, 10**9), st.integers(0, 10_000), st.lists(st.integers(0, 10**6)))
def test_commission_given_back_in_steps_is_what_was_taken(
    goods: int, bps: int, steps: list[int]
) -> None:
    before, given_back = 0, 0
    for step in [*steps, goods]:
        after = min(before + step, goods)
        earlier = commission(Money(before, "EUR"), bps)
        given_back += commission(Money(after, "EUR"), bps).minor - earlier.minor
        before = after
    assert given_back == commission(Money(goods, "EUR"), bps).minor
    assert given_back <= goods
