"""Stripe's amounts and objects, read into our words. Knows the spelling, not the library.

Stripe counts most currencies as ISO 4217 does. The exceptions are the tables below; every
other file, ours or commerce's, sees only :class:`Money`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Any, TypeVar

from livecommerce.kernel.errors import Problem
from livecommerce.kernel.money import MOST, Money, exponent
from payments.errors import BadAmount, NotUnderstood, Unreadable
from payments.gateway import (
    Booking,
    ProviderMethod,
    ProviderPayment,
    ProviderRefund,
    There,
)

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
"""Stripe takes charges of eight digits …"""

_LARGER = {"IDR": 999_999_999_999}
"""… and of twelve in one currency (its guide to currencies, maximum charge amounts)."""


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
        CannotCarry: we could not count it in the currency's minor unit, or not that far.
    """
    code = currency.upper()
    if abs(amount) > MOST:
        raise CannotCarry(currency=code, amount=amount)
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
    most = _LARGER.get(money.currency, LARGEST)
    if amount % step(money.currency) or not 0 < amount <= most:
        raise CannotCarry(currency=money.currency, minor=money.minor)
    return amount


def largest(currency: str) -> Money:
    """The most that one charge can be. Of transfers Stripe names no limit; one that is no more
    than a charge can be is surely taken.

    Raises:
        CannotCarry: Stripe has no spelling for the currency.
    """
    most = _LARGER.get(currency, LARGEST)
    return from_stripe(most - most % step(currency), currency)


def step(currency: str) -> int:
    """What Stripe's own integers of a currency are multiples of."""
    if currency in _HUNDREDFOLD:
        return 100
    return 10 if exponent(currency) == 3 else 1


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


DEEPEST = 32
"""Stripe's own objects nest a dozen levels."""

_TEXT_UP_TO = 255
_WRONG = (
    *(LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError),
    Problem,
)
"""What reading can end in, if an object is not what it should be."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Event:
    """An ``event`` as far as it is read before it is stored."""

    id: str
    kind: str
    livemode: bool
    account: str | None
    said_at: datetime
    body: Mapping[str, Any] = field(repr=False)


def event(told: Any) -> Event:
    """An ``event`` that can be stored, or none at all.

    Raises:
        Unreadable: a part is missing, or is nothing that a row can hold.
    """
    match told:
        case {
            "id": str() as id_,
            "type": str() as kind,
            "livemode": bool() as livemode,
            "created": int() as created,
            "data": {"object": dict() as body},
        }:
            pass
        case _:
            raise Unreadable()
    account = told.get("account")
    texts = (id_, kind) if account is None else (id_, kind, account)
    if not all(isinstance(text, str) for text in texts) or not all(
        0 < len(text) <= _TEXT_UP_TO and "\0" not in text for text in texts
    ):
        raise Unreadable()
    if not _can_be_stored(body, DEEPEST):
        raise Unreadable()
    try:
        said_at = moment(created)
    except (OverflowError, ValueError, OSError):
        raise Unreadable() from None
    return Event(id_, kind, livemode, account, said_at, body)


def _can_be_a_column(text: str) -> bool:
    return 0 < len(text) <= _TEXT_UP_TO and "\0" not in text


def _can_be_stored(thing: Any, levels: int) -> bool:
    """Whether a JSON column takes it: PostgreSQL knows neither NUL nor infinity."""
    match thing:
        case str():
            return "\0" not in thing
        case float():
            return thing - thing == 0
        case dict():
            return levels > 0 and all(
                "\0" not in name and _can_be_stored(value, levels - 1)
                for name, value in thing.items()
            )
        case list():
            return levels > 0 and all(_can_be_stored(value, levels - 1) for value in thing)
        case _:
            return True


def understood(read: Callable[[Mapping[str, Any]], T], body: Mapping[str, Any]) -> T:
    """What ``read`` makes of a stored object.

    Raises:
        NotUnderstood: the object is not what its kind promises; reading it again later
            would end the same way.
    """
    try:
        return read(body)
    except _WRONG as error:
        raise NotUnderstood(lacks=f"{type(error).__name__}: {error}") from error


def payment(intent: Mapping[str, Any]) -> ProviderPayment:
    """A ``payment_intent`` in our words."""
    currency = intent["currency"]
    error = intent.get("last_payment_error") or {}
    return ProviderPayment(
        id=text(intent["id"]),
        state=_PAYMENT_STATES[intent["status"]],
        amount=from_stripe(intent["amount"], currency),
        received=from_stripe(intent.get("amount_received") or 0, currency),
        payment=named(intent, "payment"),
        client_secret=intent.get("client_secret"),
        charge=id_of(intent.get("latest_charge")),
        failure=failure_code(error),
        asks=intent["status"] == "requires_action",
    )


def method(told: Mapping[str, Any]) -> ProviderMethod:
    """A ``payment_method`` in our words."""
    card = told.get("card") or {}
    return ProviderMethod(
        id=text(told["id"]),
        customer=id_of(told.get("customer")),
        kind=text(told["type"]),
        brand=text(card.get("brand", "")),
        last4=text(card.get("last4", "")),
        exp_month=int(card.get("exp_month", 0)),
        exp_year=int(card.get("exp_year", 0)),
        fingerprint=card.get("fingerprint"),
    )


def refund(told: Mapping[str, Any]) -> ProviderRefund:
    """A ``refund`` in our words."""
    return ProviderRefund(
        id=text(told["id"]),
        state=_REFUND_STATES[told["status"]],
        amount=from_stripe(told["amount"], told["currency"]),
        refund=named(told, "refund"),
        provider_payment=id_of(told.get("payment_intent")),
        failure=told.get("failure_reason"),
        booked=id_of(told.get("balance_transaction")),
        unbooked=id_of(told.get("failure_balance_transaction")),
    )


@dataclass(frozen=True, slots=True)
class Charge:
    """A ``charge`` as far as its fee is concerned."""

    id: str
    balance_transaction: str | None
    payment: str | None
    provider_payment: str | None


def charge(told: Mapping[str, Any]) -> Charge:
    """A ``charge`` in our words."""
    return Charge(
        id=text(told["id"]),
        balance_transaction=id_of(told.get("balance_transaction")),
        payment=named(told, "payment"),
        provider_payment=id_of(told.get("payment_intent")),
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
        rate=None if gross is None else exchange_rate(line, gross.currency),
        transfer=id_of(source.get("transfer")) if isinstance(source, Mapping) else None,
        application_fee=(
            id_of(source.get("application_fee")) if isinstance(source, Mapping) else None
        ),
    )


def exchange_rate(line: Mapping[str, Any], source: str) -> Decimal | None:
    """What one of the source's currency was in the line's, if the provider converted it.

    Stripe's own figure is between its integers: the amount in currency A, times
    ``exchange_rate``, is the amount in currency B.
    """
    told, settled = line.get("exchange_rate"), str(line["currency"]).upper()
    if told is None or settled == source:
        return None
    with localcontext() as context:
        context.prec = 16
        steps = stripe_exponent(source) - stripe_exponent(settled)
        return Decimal(str(told)) * Decimal(10) ** steps


def failure_code(error: Mapping[str, Any]) -> str | None:
    """The most telling code of an error: the bank's reason before Stripe's category."""
    code = error.get("decline_code") or error.get("code") or error.get("type")
    return None if code is None else str(code)


def id_of(thing: Any) -> str | None:
    """The id of something Stripe gave as an id or, expanded, whole."""
    if thing is None:
        return None
    return str(thing["id"]) if isinstance(thing, Mapping) else str(thing)


def text(thing: Any) -> str:
    """The text it is.

    Raises:
        TypeError: it is something else, which no text column takes.
    """
    if not isinstance(thing, str):
        raise TypeError(f"{type(thing).__name__} where a text belongs")
    return thing


def named(told: Mapping[str, Any], name: str) -> str | None:
    """What the object carries for us under this name, if it is one of ours."""
    carried = (told.get("metadata") or {}).get(name)
    return None if carried is None else text(carried)


def _ten_to(power: int) -> int:
    return int(10**power)


def moment(seconds: int) -> datetime:
    """Stripe's seconds as a moment."""
    return datetime.fromtimestamp(seconds, UTC)
