"""Stripe's amounts and objects, read into our words. Knows the spelling, not the library.

Stripe counts most currencies as ISO 4217 does. The exceptions are the tables below; every
other file, ours or commerce's, sees only :class:`Money`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from livecommerce.kernel.money import Money, exponent
from payments.errors import BadAmount
from payments.gateway import Booking, ProviderPayment, ProviderRefund, There

_ZERO = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"),
        *("PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"),
    }
)
"""Counted in whole units at Stripe; all but MGA are so in ISO as well."""

_HUNDREDFOLD = frozenset({"ISK", "UGX"})
"""Whole units in ISO, but told to Stripe in hundredths that end in 00."""

LARGEST = 99_999_999
"""Stripe carries eight digits."""


class CannotCarry(BadAmount):
    """The payment provider cannot carry this amount."""


def stripe_amount(money: Money) -> int:
    """The integer that Stripe means by this amount.

    Raises:
        CannotCarry: its currency or its last digits have no spelling at Stripe.
    """
    ours, theirs = exponent(money.currency), stripe_exponent(money.currency)
    if theirs >= ours:
        return money.minor * _ten_to(theirs - ours)
    whole, rest = divmod(money.minor, _ten_to(ours - theirs))
    if rest:
        raise CannotCarry(currency=money.currency, minor=money.minor)
    return whole


def from_stripe(amount: int, currency: str) -> Money:
    """The amount that Stripe means by this integer.

    Raises:
        CannotCarry: we could not count it in the currency's minor unit.
    """
    code = currency.upper()
    ours, theirs = exponent(code), stripe_exponent(code)
    if theirs <= ours:
        return Money(amount * _ten_to(ours - theirs), code)
    whole, rest = divmod(amount, _ten_to(theirs - ours))
    if rest:
        raise CannotCarry(currency=code, amount=amount)
    return Money(whole, code)


def checked_stripe_amount(money: Money) -> int:
    """As :func:`stripe_amount`, for amounts we ask for: Stripe's own limits hold too.

    Raises:
        CannotCarry: Stripe would refuse it.
    """
    amount = stripe_amount(money)
    coarse = exponent(money.currency) == 3 and amount % 10
    if coarse or not 0 < amount <= LARGEST:
        raise CannotCarry(currency=money.currency, minor=money.minor)
    return amount


def stripe_exponent(currency: str) -> int:
    """How many decimal digits Stripe counts the currency with.

    Raises:
        CannotCarry: Stripe has no such precision.
    """
    if currency in _ZERO:
        return 0
    if currency in _HUNDREDFOLD:
        return 2
    digits = exponent(currency)
    if digits not in {2, 3}:
        raise CannotCarry(currency=currency)
    return digits


_PAYMENT_STATES = {
    "requires_payment_method": There.OPEN,
    "requires_confirmation": There.OPEN,
    "requires_action": There.OPEN,
    "requires_capture": There.PROCESSING,
    "processing": There.PROCESSING,
    "succeeded": There.CAPTURED,
    "canceled": There.CANCELLED,
}
_REFUND_STATES = {
    "pending": There.PENDING,
    "requires_action": There.PENDING,
    "succeeded": There.SETTLED,
    "failed": There.FAILED,
    "canceled": There.FAILED,
}


def payment(intent: Mapping[str, Any]) -> ProviderPayment:
    """A ``payment_intent`` in our words."""
    currency = intent["currency"]
    error = intent.get("last_payment_error") or {}
    return ProviderPayment(
        id=intent["id"],
        state=_PAYMENT_STATES[intent["status"]],
        amount=from_stripe(intent["amount"], currency),
        received=from_stripe(intent.get("amount_received") or 0, currency),
        payment=(intent.get("metadata") or {}).get("payment"),
        client_secret=intent.get("client_secret"),
        charge=id_of(intent.get("latest_charge")),
        failure=failure_code(error),
    )


def refund(told: Mapping[str, Any]) -> ProviderRefund:
    """A ``refund`` in our words."""
    return ProviderRefund(
        id=told["id"],
        state=_REFUND_STATES[told["status"]],
        amount=from_stripe(told["amount"], told["currency"]),
        refund=(told.get("metadata") or {}).get("refund"),
        provider_payment=id_of(told.get("payment_intent")),
        failure=told.get("failure_reason"),
    )


def booking(line: Mapping[str, Any]) -> Booking:
    """A ``balance_transaction``, with its source expanded, in our words."""
    currency, source = line["currency"], line.get("source")
    gross = None
    if isinstance(source, Mapping):
        sign = -1 if line["amount"] < 0 else 1
        gross = from_stripe(sign * source["amount"], source["currency"])
    return Booking(
        id=line["id"],
        gross=gross,
        settled=from_stripe(line["amount"], currency),
        fee=from_stripe(line["fee"], currency),
        net=from_stripe(line["net"], currency),
        available_on=moment(line["available_on"]),
    )


def failure_code(error: Mapping[str, Any]) -> str | None:
    """The most telling code of an error: the bank's reason before Stripe's category."""
    code = error.get("decline_code") or error.get("code") or error.get("type")
    return None if code is None else str(code)


def id_of(thing: Any) -> str | None:
    """The id of something Stripe gave as an id or, expanded, whole."""
    if thing is None:
        return None
    return str(thing["id"]) if isinstance(thing, Mapping) else str(thing)


def _ten_to(power: int) -> int:
    return int(10**power)


def moment(seconds: int) -> datetime:
    """Stripe's seconds as a moment."""
    return datetime.fromtimestamp(seconds, UTC)
