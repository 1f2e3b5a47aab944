"""The rules of selling, pure: states, options, keys, shares, commission."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from pydantic import ValidationError

from livecommerce.catalogue import rules as catalogue
from livecommerce.catalogue.errors import CountWrong
from livecommerce.catalogue.settle import Claim
from livecommerce.catalogue.wire import MoveStock, NewProduct
from livecommerce.kernel.money import Money
from livecommerce.orders import jobs, rules
from livecommerce.orders.events import OrderPaid, PaymentReady
from livecommerce.orders.rules import CheckoutState, OrderState
from livecommerce.orders.wire import Address
from livecommerce.settlement.rules import Parts, commission
from tests import shop

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "table", [catalogue.NEXT, rules.NEXT, rules.NEXT_ORDER, rules.NEXT_REFUND]
)
def test_every_state_is_in_its_table(table: Mapping[StrEnum, frozenset[StrEnum]]) -> None:
    (kind,) = {type(state) for state in table}
    assert set(table) == set(kind)


def test_stock_is_given_back_only_on_the_way_to_cancelled() -> None:
    assert set(rules.before(rules.NEXT, CheckoutState.CANCELLED)) == set(rules.LIVE)
    assert rules.NEXT[CheckoutState.PAID] == frozenset()


def test_a_late_payment_can_only_follow_a_cancellation() -> None:
    late = CheckoutState.LATE_REFUNDED
    assert rules.before(rules.NEXT, late) == [CheckoutState.CANCELLED]
    assert OrderState.PAID in rules.NEXT_ORDER[OrderState.CANCELLED]


def test_a_variant_names_one_value_of_each_option() -> None:
    product = shop.duvet("mer_a", variants=2).model_dump(mode="json")
    NewProduct.model_validate(product)

    def refused(change: Mapping[str, Any], why: str) -> None:
        broken = product | {"variants": [product["variants"][0] | change]}
        with pytest.raises(ValidationError, match=why):
            NewProduct.model_validate(broken)

    refused({"options": {}}, "one value of every option")
    refused({"options": {"size": "huge"}}, "one value of every option")
    refused({"options": {"size": "s0", "colour": "s0"}}, "one value of every option")
    refused({"sku": "X" * 21}, "sku")
    same = product | {"variants": [product["variants"][0]] * 2}
    with pytest.raises(ValidationError, match="two variants are the same"):
        NewProduct.model_validate(same)


def test_fibres_add_up() -> None:
    product = shop.duvet("mer_a").model_dump(mode="json")
    with pytest.raises(ValidationError, match="100 percent"):
        NewProduct.model_validate(product | {"fibre": [{"fibre": "cotton", "percent": 99}]})


@pytest.mark.parametrize(
    ("change", "reason"), [(0, "counted"), (5, "sold"), (-5, "received"), (5, "held")]
)
def test_stock_is_moved_by_hand_for_few_reasons(change: int, reason: str) -> None:
    with pytest.raises(ValidationError):
        MoveStock.model_validate({"change": change, "reason": reason})


def test_keys_of_different_claims_never_meet() -> None:
    keys = [
        catalogue.claim_key(buyer, key, position, ours=ours)
        for buyer in ("gst_a", "gst_b")
        for key in ("a", "a/1", "1/a", "0/a", "ours/0/a")
        for position in (0, 1)
        for ours in (False, True)
    ]
    assert len(set(keys)) == len(keys)


def test_a_claim_is_for_something() -> None:
    with pytest.raises(CountWrong):
        Claim("gst_a", "k", "var_a", "mer_a", 0, shop.PRICE)


def test_names_are_masked() -> None:
    assert catalogue.masked(" Anna") == "A***"
    assert catalogue.masked("王小明") == "王***"
    assert catalogue.masked("") == "****"


def test_commission_is_rounded_and_never_loses() -> None:
    assert commission(Money(1999, "EUR"), 500) == Money(100, "EUR")
    assert commission(Money(0, "EUR"), 500) == Money(0, "EUR")
    assert commission(Money(7, "JPY"), 10_000) == Money(7, "JPY")


def test_parts_make_the_total() -> None:
    one = Money(1, "EUR")
    assert Parts(one, one, one, one, one).total == Money(5, "EUR")


def test_more_than_is_left_cannot_be_shared_out() -> None:
    with pytest.raises(ValueError, match="more than is left"):
        rules.share_out(Money(3, "EUR"), [Money(1, "EUR"), Money(1, "EUR")])


def test_an_address_holds_no_control_characters() -> None:
    good = {
        "name": " Anna ",
        "line1": "Lindenstr. 1",
        "city": "Berlin",
        "country": "DE",
        "phone": "+49 30 1234",
    }
    assert Address.model_validate(good).name == "Anna"
    for change in ({"name": "a\nb"}, {"name": " "}, {"country": "de"}, {"phone": "x"}):
        with pytest.raises(ValidationError):
            Address.model_validate(good | change)


def test_buyers_are_told_in_their_channels_words() -> None:
    ready = PaymentReady(checkout="chk_1", buyer="gst_1", payment="pay_1", pay_by=NOW)
    frame, key = jobs.frame_of(ready)
    assert frame == {
        "t": "payment",
        "checkout": "chk_1",
        "state": "awaiting_payment",
        "pay_by": "2026-11-23T11:00:00+00:00",
    }
    assert key == "ready/chk_1"
    paid = OrderPaid(
        order="ord_1",
        checkout="chk_1",
        merchant="mer_1",
        buyer="gst_1",
        live=None,
        lines=[],
        total=Money(1, "EUR"),
        at=NOW,
    )
    frame, _ = jobs.frame_of(paid)
    assert (frame["t"], frame["state"]) == ("order", "paid")


def test_errors_say_a_sentence() -> None:
    from livecommerce.catalogue import errors as selling
    from livecommerce.orders import errors as buying

    for module in (selling, buying):
        for name in dir(module):
            found = getattr(module, name)
            if isinstance(found, type) and found.__module__ == module.__name__:
                assert re.match(r"[A-Z].*\.$", found.__doc__ or ""), name
