"""Stripe's accounts, transfers, payouts, disputes and balance, read into our words."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from livecommerce.kernel.money import Money, exponent
from payments.errors import NotUnderstood
from payments.outgoing import (
    DisputeThere,
    Holding,
    Line,
    PayoutThere,
    ProviderAccount,
    ProviderDispute,
    ProviderPayout,
    ProviderReversal,
    ProviderTransfer,
    Unread,
)
from payments.stripe_words import from_stripe, id_of, moment, named, text, understood

T = TypeVar("T")

_DISPUTE_STATES = {
    "warning_needs_response": DisputeThere.INQUIRY,
    "warning_under_review": DisputeThere.INQUIRY,
    "warning_closed": DisputeThere.WON,
    "needs_response": DisputeThere.NEEDS_ANSWER,
    "under_review": DisputeThere.UNDER_REVIEW,
    "won": DisputeThere.WON,
    "prevented": DisputeThere.WON,
    "lost": DisputeThere.LOST,
}


def account(told: Mapping[str, Any]) -> ProviderAccount:
    """An ``account`` in our words: ready when money can be sent to it and out of it."""
    wants = told.get("requirements") or {}
    active = (told.get("capabilities") or {}).get("transfers") == "active"
    return ProviderAccount(
        id=text(told["id"]),
        ready=active and bool(told["payouts_enabled"]),
        submitted=bool(told["details_submitted"]),
        due=tuple(text(name) for name in wants.get("currently_due") or ()),
        owner=named(told, "owner"),
    )


def transfer(told: Mapping[str, Any]) -> ProviderTransfer:
    """A ``transfer`` in our words."""
    currency = told["currency"]
    return ProviderTransfer(
        id=text(told["id"]),
        amount=from_stripe(told["amount"], currency),
        taken_back=from_stripe(told["amount_reversed"], currency),
        transfer=named(told, "transfer"),
        reversals=tuple(map(reversal, (told.get("reversals") or {}).get("data", ())))[::-1],
    )


def reversal(told: Mapping[str, Any]) -> ProviderReversal:
    """A ``transfer_reversal`` in our words."""
    return ProviderReversal(
        id=text(told["id"]),
        amount=from_stripe(told["amount"], told["currency"]),
        reversal=named(told, "reversal"),
    )


def payout(told: Mapping[str, Any]) -> ProviderPayout:
    """A ``payout`` in our words."""
    return ProviderPayout(
        id=text(told["id"]),
        state=PayoutThere(told["status"]),
        amount=from_stripe(told["amount"], told["currency"]),
        arrives_at=moment(told["arrival_date"]),
        automatic=bool(told["automatic"]),
        failure=told.get("failure_code"),
    )


def dispute(told: Mapping[str, Any]) -> ProviderDispute:
    """A ``dispute`` in our words. What it took is read off its first balance transaction: the
    second one, if it comes, is what a win gave back."""
    currency, lines = told["currency"], told.get("balance_transactions") or ()
    amount = from_stripe(told["amount"], currency)
    none = Money.zero(amount.currency)
    withdrawn, fee, booked, back = none, none, None, None
    for line in lines[:1]:
        withdrawn = from_stripe(-line["amount"], line["currency"])
        fee = from_stripe(line["fee"], line["currency"])
        if withdrawn.currency != amount.currency:
            withdrawn, booked = amount, withdrawn
    for line in lines[1:2]:
        back = from_stripe(line["amount"], line["currency"]) if booked is not None else None
    due = (told.get("evidence_details") or {}).get("due_by")
    return ProviderDispute(
        id=text(told["id"]),
        state=_DISPUTE_STATES[told["status"]],
        amount=amount,
        withdrawn=withdrawn,
        fee=fee,
        reason=text(told["reason"]),
        provider_payment=id_of(told.get("payment_intent")),
        answer_by=None if due is None else moment(due),
        booked=booked,
        booked_back=back,
    )


def line(told: Mapping[str, Any]) -> Line:
    """A ``balance_transaction`` as a line of our balance."""
    currency = told["currency"]
    return Line(
        id=text(told["id"]),
        kind=text(told["type"]),
        amount=from_stripe(told["amount"], currency),
        fee=from_stripe(told["fee"], currency),
        net=from_stripe(told["net"], currency),
        source=id_of(told.get("source")),
        at=moment(told["created"]),
        available_on=moment(told["available_on"]),
    )


def readable(read: Callable[[Mapping[str, Any]], T], told: Mapping[str, Any]) -> T | Unread:
    """What ``read`` makes of a ``balance_transaction``; and if it makes nothing of it, what
    can be told of it all the same."""
    try:
        return understood(read, told)
    except NotUnderstood:
        return _unread(told)


def holdings(told: Mapping[str, Any]) -> list[Holding | Unread]:
    """A ``balance``, by currency."""
    sums: dict[str, dict[str, Any]] = {}
    for part in ("available", "pending"):
        for one in told[part]:
            sums.setdefault(str(one["currency"]), {})[part] = one["amount"]
    return [_holding(currency, parts) for currency, parts in sorted(sums.items())]


def _holding(currency: str, parts: Mapping[str, Any]) -> Holding | Unread:
    def read(parts: Mapping[str, Any]) -> Holding:
        return Holding(
            available=from_stripe(parts.get("available", 0), currency),
            pending=from_stripe(parts.get("pending", 0), currency),
        )

    try:
        return understood(read, parts)
    except NotUnderstood:
        figures = ", ".join(f"{name} {amount}" for name, amount in sorted(parts.items()))
        says = _printable(f"{figures} {currency}")
        return Unread("balance", "balance", _currency(currency), says)


def _unread(told: Mapping[str, Any]) -> Unread:
    source = told.get("source")
    whole = source if isinstance(source, Mapping) else {}
    figures = (told.get(name) for name in ("amount", "fee", "net", "currency"))
    return Unread(
        id=_printable(told.get("id")) or "?",
        kind=_printable(told.get("type")) or "?",
        currency=_currency(told.get("currency")),
        says=_printable("{} - {} = {} {}".format(*figures)),
        source=_printable(source.get("id") if isinstance(source, Mapping) else source) or None,
        at=_moment(told.get("created")),
        transfer=_printable(whole.get("transfer")) or None,
        application_fee=_printable(whole.get("application_fee")) or None,
    )


def _printable(thing: Any) -> str:
    """As much of it as a row of ours takes."""
    return "" if thing is None else str(thing).replace("\0", "")[:255]


def _currency(code: Any) -> str | None:
    try:
        exponent(str(code).upper())
    except ValueError:
        return None
    return str(code).upper()


def _moment(seconds: Any) -> datetime | None:
    try:
        return moment(seconds)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
