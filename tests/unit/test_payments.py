"""Money's rules without a socket: states, amounts, signatures, the chart, the budget."""

import asyncio
import logging
import typing
from datetime import UTC, datetime, timedelta
from time import monotonic

import iso4217
import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.kernel.money import Money, exponent
from payments import chart, fees, rules, stripe_words
from payments.budget import Budget
from payments.errors import NoSuchAccount
from payments.gateway import Booking, There
from payments.matching import Match, Posted, compare
from payments.outgoing import Line
from payments.rules import LIVE, NEXT, NEXT_REFUND, PaymentState, RefundState
from payments.sandbox.deliveries import signature
from payments.stripe_gateway import StripeGateway
from payments.stripe_words import (
    LARGEST,
    CannotCarry,
    checked_stripe_amount,
    from_stripe,
    stripe_amount,
    stripe_exponent,
)

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def _carried(code: str) -> bool:
    try:
        stripe_exponent(code)
    except (CannotCarry, ValueError):
        return False
    return True


CURRENCIES = sorted(c.code for c in iso4217.Currency if c.exponent is not None)
CARRIED = [code for code in CURRENCIES if _carried(code)]


@given(st.sampled_from(CARRIED), st.integers(0, LARGEST))
def test_what_can_be_carried_comes_back_the_same(code: str, minor: int) -> None:
    money = Money(minor, code)
    try:
        amount = stripe_amount(money)
    except CannotCarry:
        assert stripe_exponent(code) < exponent(code), "only lost digits are a reason"
        assert minor % 10 ** (exponent(code) - stripe_exponent(code))
    else:
        assert from_stripe(amount, code.lower()) == money


@given(st.sampled_from(CARRIED), st.integers(0, LARGEST))
def test_what_stripe_says_goes_back_the_same(code: str, amount: int) -> None:
    try:
        money = from_stripe(amount, code)
    except CannotCarry:
        assert stripe_exponent(code) > exponent(code)
    else:
        assert stripe_amount(money) == amount


def test_nearly_every_currency_is_carried_and_the_others_are_refused() -> None:
    assert len(CARRIED) > 150
    assert set(CURRENCIES) - set(CARRIED) == {"CLF", "UYW"} | {
        code for code in CURRENCIES if exponent(code) == 0 and code not in CARRIED
    }
    with pytest.raises(CannotCarry):
        stripe_amount(Money(1, "CLF"))


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(1999, "EUR"), 1999),
        (Money(500, "JPY"), 500),
        (Money(500, "KRW"), 500),
        (Money(500, "MGA"), 5),  # two digits in ISO, none at Stripe
        (Money(5, "ISK"), 500),  # none in ISO, two at Stripe
        (Money(5, "UGX"), 500),
        (Money(1230, "KWD"), 1230),
    ],
)
def test_stripes_exceptions(money: Money, amount: int) -> None:
    assert stripe_amount(money) == amount
    assert from_stripe(amount, money.currency.lower()) == money


@pytest.mark.parametrize(
    "money",
    [
        Money(501, "MGA"),
        Money(1231, "KWD"),
        Money(0, "EUR"),
        Money(-5, "EUR"),
        Money(LARGEST + 1, "EUR"),
    ],
)
def test_what_stripe_would_refuse_is_not_asked(money: Money) -> None:
    with pytest.raises(CannotCarry):
        checked_stripe_amount(money)


def test_every_status_the_library_knows_has_a_word() -> None:
    """Payment intents and refunds: a status we cannot read would stop the till."""
    intents = typing.get_args(_hint(stripe.PaymentIntent, "status"))
    assert set(_literals(intents)) == set(stripe_words._PAYMENT_STATES)
    documented = {"pending", "requires_action", "succeeded", "failed", "canceled"}
    assert set(stripe_words._REFUND_STATES) == documented


def _hint(shape: type, name: str) -> object:
    hint = shape.__annotations__[name]
    hint = hint if isinstance(hint, str) else getattr(hint, "__forward_arg__", hint)
    return eval(hint, vars(typing)) if isinstance(hint, str) else hint


def _literals(args: tuple[object, ...]) -> list[object]:
    flat: list[object] = []
    for arg in args:
        inner = typing.get_args(arg)
        flat += _literals(inner) if inner else [arg]
    return [value for value in flat if isinstance(value, str)]


def test_a_payment_intent_in_our_words() -> None:
    told = stripe_words.payment(
        {
            "id": "pi_1",
            "status": "requires_payment_method",
            "amount": 500,
            "currency": "isk",
            "metadata": {"payment": "pay_1"},
            "client_secret": "pi_1_secret_x",
            "latest_charge": {"id": "ch_1"},
            "last_payment_error": {"code": "card_declined", "decline_code": "lost_card"},
        }
    )
    assert told.state is There.OPEN
    assert (told.amount, told.received) == (Money(5, "ISK"), Money(0, "ISK"))
    assert (told.payment, told.charge, told.failure) == ("pay_1", "ch_1", "lost_card")
    assert "secret_x" not in repr(told)


def test_states_end_where_they_should() -> None:
    assert set(NEXT) == set(PaymentState)
    assert set(NEXT_REFUND) == set(RefundState)
    assert NEXT[PaymentState.CAPTURED] == frozenset()
    assert all(PaymentState.CAPTURED in NEXT[s] for s in PaymentState if s in LIVE - {"wanted"})
    assert LIVE.isdisjoint({PaymentState.CAPTURED, PaymentState.CANCELLED})
    assert rules.before(NEXT, PaymentState.OPEN) == [
        PaymentState.ASKED,
        PaymentState.PROCESSING,
    ]


@pytest.mark.parametrize("table", [NEXT, NEXT_REFUND])
def test_every_state_can_be_reached(table: dict[str, frozenset[str]]) -> None:
    reached, grown = {next(iter(table))}, set()
    while grown != reached:
        grown = set(reached)
        reached |= {after for state in grown for after in table[state]}
    assert reached == set(table)


def test_keys_are_trusted_for_less_than_the_day_they_last() -> None:
    assert rules.key_is_fresh(NOW, now=NOW + timedelta(hours=22))
    assert not rules.key_is_fresh(NOW, now=NOW + timedelta(hours=24))


def test_our_signature_is_the_librarys() -> None:
    body = '{"zh": "订单"}'
    header = stripe.WebhookSignature.generate_signature_header(body, "whsec_x", 1_795_000_000)
    assert signature(body.encode(), "whsec_x", 1_795_000_000) == header


def test_a_live_key_never_leaves_for_a_sandbox() -> None:
    for key in ("sk_live_1", "rk_live_1"):
        with pytest.raises(ValueError, match="live key"):
            StripeGateway(key, base_url="http://127.0.0.1:1")


async def test_the_library_does_not_log_what_it_is_told() -> None:
    logging.getLogger("stripe").setLevel(logging.DEBUG)
    gateway = StripeGateway("sk_test_1", base_url="http://127.0.0.1:1")
    assert not logging.getLogger("stripe").isEnabledFor(logging.INFO)
    await gateway.close()


@pytest.mark.parametrize(
    ("code", "owner"),
    [
        ("bank", None),
        ("tax_payable:DE", None),
        ("tax_payable:US-CA", None),
        ("merchant_pending", "mer_1"),
    ],
)
def test_accounts_of_the_chart(code: str, owner: str | None) -> None:
    assert chart.account(code, owner=owner).normal_side in {1, -1}


@pytest.mark.parametrize(
    ("code", "owner"),
    [
        ("cash", None),
        ("bank", "mer_1"),
        ("bank:DE", None),
        ("tax_payable", None),
        ("tax_payable:", None),
        ("tax_payable:de", None),
        ("merchant_pending", None),
    ],
)
def test_accounts_outside_the_chart(code: str, owner: str | None) -> None:
    with pytest.raises(NoSuchAccount):
        chart.account(code, owner=owner)


def _booking(gross: Money, settled: Money, fee: int) -> Booking:
    taken = Money(fee, settled.currency)
    return Booking("txn_1", gross, settled, taken, settled - taken, NOW)


@given(st.integers(1, 10**8), st.integers(1, 10**8), st.integers(0, 10**4), st.booleans())
def test_fee_entries_sum_to_zero_in_every_currency(
    gross: int, settled: int, fee: int, abroad: bool
) -> None:
    booked = Money(settled if abroad else gross, "HKD" if abroad else "EUR")
    entries = fees.entries_of(_booking(Money(gross, "EUR"), booked, fee))
    for currency in ("EUR", "HKD"):
        assert sum(e.amount.minor for e in entries if e.amount.currency == currency) == 0
    pending = [e.amount for e in entries if e.account == "stripe_pending"]
    left = Money.sum((a for a in pending if a.currency == booked.currency), booked.currency)
    assert left.minor == (booked.minor - fee if abroad else -fee)


async def test_the_budget_lets_through_so_many_and_makes_the_next_wait() -> None:
    budget = Budget(3, window=0.05)
    start = monotonic()
    order: list[int] = []

    async def one(number: int) -> None:
        await budget.take("payment_intents.create")
        order.append(number)

    await asyncio.gather(*(one(n) for n in range(7)))
    assert order == list(range(7)), "first come, first served"
    assert monotonic() - start >= 0.1
    with pytest.raises(ValueError, match="at least one"):
        Budget(0)


async def test_a_refusal_means_that_the_budget_is_spent() -> None:
    budget = Budget(3, window=0.05)
    await budget.take("refunds.create")
    budget.refused("refunds.create")
    start = monotonic()
    await budget.take("refunds.create")
    assert monotonic() - start >= 0.04
    start = monotonic()
    await budget.take("payment_intents.create")
    assert monotonic() - start < 0.04, "each endpoint has its own"


@pytest.mark.parametrize(("ahead", "seconds"), [(0, 1), (24, 1), (25, 2), (999, 40)])
def test_a_queue_tells_when_a_payment_is_ready(ahead: int, seconds: int) -> None:
    assert rules.ready_within(ahead) == seconds


def test_what_changed_before_the_window_is_not_judged_by_a_part_of_it() -> None:
    """Its other part may lie before what was fetched; what changed since is judged."""
    fetched, since = NOW - timedelta(days=6), NOW - timedelta(days=3)

    def match(line_at: datetime, posted_at: datetime) -> list[Match]:
        five, nothing = Money(5, "EUR"), Money(0, "EUR")
        line = Line("txn_1", "adjustment", five, nothing, five, None, line_at, line_at)
        posted = Posted("txn_1", "correction", Money(7, "EUR"), posted_at)
        told = compare([line], [posted], {}, since=since, until=NOW)
        return [one.match for one in told]

    assert match(fetched, fetched) == []
    until = NOW - timedelta(hours=1)
    assert match(fetched, until) == [Match.DIFFERING]
    assert match(until, fetched) == [Match.DIFFERING]
