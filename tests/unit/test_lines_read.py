"""Whatever the provider writes on a line of our balance, it is read or it is named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments import stripe_outgoing, stripe_words
from payments.gateway import Booking
from payments.outgoing import Holding, Line, Unread

LINE: dict[str, Any] = {
    "id": "txn_1",
    "type": "charge",
    "amount": 12_000,
    "fee": 600,
    "net": 11_400,
    "currency": "isk",
    "created": 1_700_000_000,
    "available_on": 1_700_000_000,
    "source": {
        "id": "ch_1",
        "amount": 12_000,
        "currency": "isk",
        "transfer": "tr_1",
        "application_fee": "fee_1",
    },
}
TEXT = st.text("a1-\0", max_size=4)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


def read(**new: Any) -> Line | Unread:
    return stripe_outgoing.readable(stripe_outgoing.line, LINE | new)


def test_a_sound_line_is_read() -> None:
    assert isinstance(read(), Line)
    assert isinstance(stripe_outgoing.readable(stripe_words.booking, LINE), Booking)


def test_half_a_krona_is_named_with_all_that_is_known_of_it() -> None:
    for how in (stripe_outgoing.line, stripe_words.booking):
        seen = stripe_outgoing.readable(how, LINE | {"fee": 650, "net": 11_350})
        assert seen == Unread(
            id="txn_1",
            kind="charge",
            currency="ISK",
            says="12000 - 650 = 11350 isk",
            source="ch_1",
            at=stripe_words.moment(1_700_000_000),
            transfer="tr_1",
            application_fee="fee_1",
        )


@pytest.mark.parametrize(
    ("wrong", "currency"),
    [
        ({"net": 10**18}, "ISK"),
        ({"fee": None}, "ISK"),
        ({"currency": "zzz"}, None),
        ({"currency": "xau"}, None),
        ({"currency": None}, None),
        ({"amount": "many"}, "ISK"),
        ({"created": 10**30}, "ISK"),
        ({"type": 7}, "ISK"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], currency: str | None) -> None:
    seen = read(**wrong)
    assert isinstance(seen, Unread)
    assert (seen.id, seen.currency) == ("txn_1", currency)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(LINE, ANYTHING)))
def test_no_line_stops_anything(wrong: dict[str, Any]) -> None:
    for how in (stripe_outgoing.line, stripe_words.booking):
        seen = stripe_outgoing.readable(how, LINE | wrong)
        if isinstance(seen, Unread):
            assert seen.id
            assert all("\0" not in text for text in (seen.id, seen.kind, seen.says))


def test_what_is_held_and_cannot_be_read_keeps_no_other_currency_dark() -> None:
    told = {
        "available": [{"currency": "eur", "amount": 5}, {"currency": "isk", "amount": 50}],
        "pending": [{"currency": "isk", "amount": 100}, {"currency": "zzz", "amount": 1}],
    }
    euros, kronur, unknown = stripe_outgoing.holdings(told)
    assert isinstance(euros, Holding)
    assert kronur == Unread("balance", "balance", "ISK", "available 50, pending 100 isk")
    assert isinstance(unknown, Unread)
    assert unknown.currency is None
