"""Partial refunds take from each part no more than it has, and add up to the whole."""

from hypothesis import given
from hypothesis import strategies as st

from livecommerce.kernel.money import Money
from livecommerce.orders.rules import share_out
from livecommerce.settlement.rules import Terms, commission, divide, given_back

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


@given(
    st.integers(0, 10**9),
    st.integers(0, 10_000),
    st.none() | st.integers(0, 10**6),
    st.none() | st.integers(0, 10**6),
    st.integers(0, 10_000),
    st.lists(st.integers(0, 10**6), max_size=8),
)
def test_a_division_loses_nothing_and_refunds_undo_it(
    goods: int, bps: int, least: int | None, most: int | None, subsidy: int, steps: list[int]
) -> None:
    terms = Terms(bps=bps, minimum_minor=least, cap_minor=most, subsidy_bps=subsidy)
    whole = Money(goods, "EUR")
    taken = divide(whole, terms)
    assert taken.share + taken.fee - taken.subsidy == whole
    assert 0 <= taken.subsidy.minor <= taken.fee.minor <= goods
    before, back = Money(0, "EUR"), []
    for step in [*steps, goods]:
        part = Money(min(step, goods - before.minor), "EUR")
        back.append(given_back(whole, terms, before, part))
        assert back[-1].share + back[-1].fee - back[-1].subsidy == part
        before += part
    assert Money.sum((b.fee for b in back), "EUR") == taken.fee
    assert Money.sum((b.subsidy for b in back), "EUR") == taken.subsidy
    assert Money.sum((b.share for b in back), "EUR") == taken.share
