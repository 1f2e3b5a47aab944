"""However a bank's claim, refunds and debts fall together, no money is counted twice."""

from hypothesis import given
from hypothesis import strategies as st

from livecommerce.kernel.money import Money
from livecommerce.orders.rules import fall_on, weigh

MINOR = st.integers(0, 10_000)


@given(left=MINOR, claimed=MINOR, debt=MINOR, undecided=st.booleans())
def test_a_bank_goes_before_a_debt_and_neither_has_more_than_is_left(
    left: int, claimed: int, debt: int, undecided: bool
) -> None:
    weighed = weigh(left, claimed=claimed, debt=debt, undecided=undecided)
    assert weighed.disputed + weighed.owed <= left
    assert weighed.disputed == min(claimed, left)
    if undecided:
        assert weighed.owed + weighed.covered == debt, "what a bank may return is not forgiven"
    else:
        assert not weighed.covered


@given(left=MINOR, claimed=MINOR, debt=MINOR)
def test_a_dispute_that_is_won_leaves_the_debt_as_it_was(
    left: int, claimed: int, debt: int
) -> None:
    debt = min(debt, left)
    during = weigh(left, claimed=claimed, debt=debt, undecided=True)
    after = weigh(left, claimed=0, debt=during.owed + during.covered, undecided=False)
    assert (after.disputed, after.owed) == (0, debt)


@given(
    orders=st.lists(st.tuples(MINOR, MINOR, MINOR), min_size=1, max_size=4).filter(
        lambda orders: any(map(sum, orders))
    ),
    part=st.integers(1, 150),
)
def test_a_claim_falls_on_what_is_left_first_and_on_all_of_it_once(
    orders: list[tuple[int, int, int]], part: int
) -> None:
    left, on_its_way, gone = (list(layer) for layer in zip(*orders, strict=True))
    totals = [sum(order) for order in orders]
    amount = Money(max(1, sum(totals) * part // 100), "EUR")
    parts = [each.minor for each in fall_on(amount, [left, on_its_way, gone, totals])]
    assert sum(parts) == amount.minor
    assert min(parts) >= 0
    if amount.minor <= sum(left):
        assert all(each <= most for each, most in zip(parts, left, strict=True))
    if amount.minor <= sum(totals):
        assert all(each <= most for each, most in zip(parts, totals, strict=True))
