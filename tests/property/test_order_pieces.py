"""Pieces of an order: whatever is done with them, they fit, the state stays in the table, and
what goes back for them is what they cost, to the last unit."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from livecommerce.kernel.money import Money
from livecommerce.orders.pieces.rules import (
    PARTS,
    Pieces,
    by_line,
    slice_of,
    state_of,
    sum_of,
    within,
)
from livecommerce.orders.returns.rules import NEXT_RETURN, OPEN, ReturnState, before
from livecommerce.orders.rules import NEXT_ORDER, OrderState
from livecommerce.settlement.rules import Parts

MINORS = st.integers(0, 10**7)
WHOLE = st.lists(MINORS, min_size=5, max_size=5)


def parts(minors: list[int]) -> Parts:
    return Parts(*(Money(minor, "EUR") for minor in minors))


@given(WHOLE, st.integers(1, 60), st.lists(st.integers(1, 7), max_size=40))
def test_slices_of_a_line_add_up_to_it(minors: list[int], count: int, cuts: list[int]) -> None:
    line, start, found = parts(minors), 0, []
    for cut in [*cuts, count]:
        taken = min(cut, count - start)
        found.append(slice_of(line, count, start=start, pieces=taken))
        start += taken
    assert sum_of(found, "EUR") == line
    assert all(getattr(each, name).minor >= 0 for each in found for name in PARTS)


@given(WHOLE, st.lists(st.lists(MINORS, min_size=5, max_size=5), min_size=1, max_size=6))
def test_lines_share_the_whole_order_whatever_the_quote_says(
    minors: list[int], shares: list[list[int]]
) -> None:
    """Also when a quote's shares do not add up to the order, or are nothing at all."""
    kinds = ("goods", "shipping", "duty", "tax", "fee")
    charges: list[dict[str, Any]] = [
        {
            "kind": kind,
            "shares": [
                {"reference": f"hld_{n}", "amount": {"minor": own[i], "currency": "EUR"}}
                for n, own in enumerate(shares)
            ],
        }
        for i, kind in enumerate(kinds)
    ]
    references = [f"hld_{n}" for n in range(len(shares))]
    whole = parts(minors)
    found = by_line(whole, references, charges)
    assert sum_of(found.values(), "EUR") == whole
    agrees = [sum(own[i] for own in shares) == minors[i] for i in range(5)]
    for i, name in enumerate(PARTS):
        if agrees[i] and minors[i]:
            exact = [getattr(found[ref], name).minor for ref in references]
            assert exact == [own[i] for own in shares]


@given(WHOLE, WHOLE)
def test_no_part_gives_more_than_it_has(wanted: list[int], left: list[int]) -> None:
    given_ = within(parts(wanted), parts(left))
    for name, most, has in zip(PARTS, wanted, left, strict=True):
        assert getattr(given_, name).minor == min(most, has)


class Order(RuleBasedStateMachine):
    """A paid order under any sequence of what merchants and buyers do with it."""

    @initialize(counts=st.lists(st.integers(1, 4), min_size=1, max_size=3))
    def paid(self, counts: list[int]) -> None:
        self.lines = [Pieces(count) for count in counts]
        self.parcels: list[bool] = []
        self.state = OrderState.PAID

    def _follow(self) -> None:
        after = state_of(self.lines, all_delivered=all(self.parcels))
        assert after is self.state or after in NEXT_ORDER[self.state], (self.state, after)
        self.state = after

    def _change(self, n: int, **by: int) -> None:
        line = self.lines[n % len(self.lines)]
        changed = {name: getattr(line, name) + more for name, more in by.items()}
        values = {f: getattr(line, f) for f in Pieces.__dataclass_fields__} | changed
        self.lines[n % len(self.lines)] = Pieces(**values)

    @rule(n=st.integers(0, 5))
    def ship(self, n: int) -> None:
        if self.lines[n % len(self.lines)].waiting:
            self._change(n, shipped=1)
            self.parcels.append(False)
            self._follow()

    @rule(n=st.integers(0, 5))
    def cancel(self, n: int) -> None:
        if self.lines[n % len(self.lines)].waiting:
            self._change(n, cancelled=1, refunded=1)
            self._follow()

    @rule(n=st.integers(0, 5))
    def deliver(self, n: int) -> None:
        if self.parcels:
            self.parcels[n % len(self.parcels)] = True
            self._follow()

    @rule(n=st.integers(0, 5), exchanged=st.booleans())
    def comes_back(self, n: int, exchanged: bool) -> None:
        if self.lines[n % len(self.lines)].returnable:
            self._change(n, returned=1, refunded=1)
            if exchanged and len(self.lines) < 8:
                self.lines.append(Pieces(1))
            self._follow()

    @invariant()
    def pieces_fit(self) -> None:
        for line in getattr(self, "lines", []):
            assert line.shipped + line.cancelled <= line.count
            assert line.returned <= line.shipped
            assert line.refunded == line.cancelled + line.returned


TestOrder = Order.TestCase
TestOrder.settings = settings(max_examples=60, stateful_step_count=30)


def test_every_return_state_is_reached_and_left_by_the_table() -> None:
    reached = {ReturnState.ASKED}
    for _ in NEXT_RETURN:
        reached |= {after for state in reached for after in NEXT_RETURN[state]}
    assert reached == set(ReturnState)
    assert {state for state in ReturnState if before(state)} == reached - {ReturnState.ASKED}
    assert {state for state in ReturnState if NEXT_RETURN[state]} == OPEN
