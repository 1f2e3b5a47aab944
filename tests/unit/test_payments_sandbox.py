"""The sandbox's parts that need no server: forms, parameters, cards, words."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe import params

from payments.sandbox import cards, forms
from payments.sandbox.operations import OPERATIONS
from payments.sandbox.parameters import checked
from payments.sandbox.problems import StripeProblem
from payments.sandbox.switches import Fault, Switches, Webhooks, What
from payments.sandbox.words import WORDS, language


@pytest.mark.parametrize(
    ("form", "values"),
    [
        ("a=1", {"a": "1"}),
        ("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        ("e[0]=x&e[1]=y", {"e": {"0": "x", "1": "y"}}),
        ("e[]=x&e[]=y", {"e": {"0": "x", "1": "y"}}),
        ("a=", {"a": ""}),
        ("d=%E8%AE%A2%E5%8D%95", {"d": "订单"}),
        ("", {}),
    ],
)
def test_forms(form: str, values: dict[str, Any]) -> None:
    assert forms.decode(form) == values


@pytest.mark.parametrize("form", ["a[=1", "[a]=1", "a]=1", "a=1&a[b]=2", "a[b]=2&a=1", "=1"])
def test_forms_that_are_none(form: str) -> None:
    with pytest.raises(StripeProblem):
        forms.decode(form)


@given(st.text())
def test_any_form_is_read_or_refused(form: str) -> None:
    with suppress(StripeProblem):
        forms.decode(form)


_DEEP = st.recursive(
    st.text(max_size=4),
    lambda inner: st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(["amount", "currency", "metadata", "shipping", "expand", "confirm"])
        | st.text(max_size=5),
        _DEEP,
    )
)
def test_any_parameters_are_taken_or_refused(form: dict[str, Any]) -> None:
    with suppress(StripeProblem):
        checked(params.PaymentIntentCreateParams, form)


def test_every_operation_is_held_against_a_type_of_the_library() -> None:
    for operation in OPERATIONS:
        with pytest.raises(StripeProblem, match="unknown parameter: nonsense"):
            checked(operation.params, {"nonsense": "1"})


def test_values_become_what_the_library_says_they_are() -> None:
    form = forms.decode(
        "amount=500&currency=eur&confirm=true&metadata[0]=x&expand[]=latest_charge"
        "&automatic_payment_methods[enabled]=true&off_session=one_off&mandate_data="
    )
    assert checked(params.PaymentIntentCreateParams, form) == {
        "amount": 500,
        "currency": "eur",
        "confirm": True,
        "metadata": {"0": "x"},
        "expand": ["latest_charge"],
        "automatic_payment_methods": {"enabled": True},
        "off_session": "one_off",
        "mandate_data": "",
    }


def test_every_test_card_has_a_right_number_and_a_message() -> None:
    for card in cards.BY_NUMBER.values():
        assert cards.looks_right(card.number)
        reasons = {card.code, card.decline} - {None, "generic_decline", "lost_card"}
        assert reasons - {"stolen_card"} <= set(cards.MESSAGES)
    assert not cards.looks_right("4242424242424241")
    assert not cards.looks_right("")
    assert not cards.looks_right("४२४२४२४२४२४२४२४२")


def test_both_languages_say_everything() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    assert all(text for words in WORDS.values() for text in words.values())


@pytest.mark.parametrize(
    ("asked", "accepted", "spoken"),
    [
        ("zh", "en", "zh"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "fr, en;q=0.5, zh;q=0.7", "zh"),
        (None, "", "en"),
        ("xx", "de;q=x,;;,", "en"),
    ],
)
def test_the_language_is_the_readers(asked: str | None, accepted: str, spoken: str) -> None:
    assert language(asked, accepted) == spoken


def test_switches_count_down() -> None:
    switches = Switches(
        faults=[Fault(endpoint="refunds.create", what=What.BUSY, times=2)],
        webhooks=Webhooks(drop=1),
    )
    assert switches.take("payment_intents.create") is None
    assert [switches.take("refunds.create") for _ in range(3)] == [What.BUSY, What.BUSY, None]
    assert [switches.webhooks.take_drop() for _ in range(2)] == [True, False]
