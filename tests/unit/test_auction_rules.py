"""How bids change an auction: the second price and one increment, ties to the earlier."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.live.offers.auctions import rules
from livecommerce.live.offers.auctions.rules import Standing, TooLow

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
STEPS = rules.steps_of("CNY")
OPEN = Standing(opening=1000, steps=STEPS)


def test_increments_follow_the_price() -> None:
    asked = [0, 2999, 3000, 5000, 10_000, 30_000, 100_000, 200_000]
    assert [rules.step(STEPS, price) for price in asked] == [
        *(100, 100, 200, 300, 500, 1000, 2000, 5000)
    ]


def test_the_price_is_what_it_takes_to_be_ahead() -> None:
    first = rules.bid(OPEN, "a", 8000)
    assert (first.leader, first.price) == ("a", 1000)
    pushed = rules.bid(first, "b", 5000)
    assert (pushed.leader, pushed.price) == ("a", 5300)
    same = rules.bid(first, "b", 8000)
    assert (same.leader, same.price) == ("a", 8000)
    over = rules.bid(first, "b", 20_000)
    assert (over.leader, over.price) == ("b", 8300)
    raised = rules.bid(over, "b", 30_000)
    assert (raised.price, raised.most) == (8300, 30_000)
    with pytest.raises(TooLow):
        rules.bid(over, "a", 8599)
    with pytest.raises(TooLow):
        rules.bid(over, "b", 19_999)


def test_a_late_bid_gives_the_counter_time_again_and_never_less() -> None:
    end = NOW + timedelta(seconds=4)
    assert rules.ends(end, 10, now=NOW) == NOW + timedelta(seconds=10)
    far = NOW + timedelta(seconds=25)
    assert rules.ends(far, 10, now=NOW) == far
    assert rules.ends(end, 0, now=NOW) == end


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 300_000)), max_size=30))
def test_the_highest_wins_at_no_more_than_they_would_pay(bids: list[tuple[str, int]]) -> None:
    stands, counted = OPEN, list[tuple[str, int]]()
    for bidder, most in bids:
        before = stands
        try:
            stands = rules.bid(stands, bidder, most)
        except TooLow:
            continue
        counted.append((bidder, most))
        assert stands.price is not None
        assert stands.most is not None
        assert (before.price or 0) <= stands.price <= stands.most
        assert stands.most == max(most for _, most in counted)
        assert stands.leader == next(b for b, most in counted if most == stands.most)
