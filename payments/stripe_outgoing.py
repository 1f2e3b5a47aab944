"""Stripe's accounts, transfers, payouts, disputes and balance, read into our words."""

from collections.abc import Mapping
from typing import Any

from livecommerce.kernel.money import Money
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
)
from payments.stripe_words import from_stripe, id_of, moment, named, text

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


def holdings(told: Mapping[str, Any]) -> list[Holding]:
    """A ``balance``, by currency."""
    sums: dict[str, dict[str, int]] = {}
    for part in ("available", "pending"):
        for one in told[part]:
            sums.setdefault(one["currency"], {})[part] = one["amount"]
    return [
        Holding(
            available=from_stripe(parts.get("available", 0), currency),
            pending=from_stripe(parts.get("pending", 0), currency),
        )
        for currency, parts in sorted(sums.items())
    ]
