"""The states of a payment and of a refund, and which may follow which."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar


class PaymentState(StrEnum):
    """How far the collection of one amount has come."""

    WANTED = "wanted"  # recorded; nobody has been asked
    ASKED = "asked"  # the provider was asked; its answer is not known here
    OPEN = "open"  # the buyer can pay
    PROCESSING = "processing"  # the buyer has paid; the wallet or bank has not confirmed
    CAPTURED = "captured"  # the money is ours to account for
    CANCELLED = "cancelled"  # nobody can pay it any more
    REFUSED = "refused"  # the provider would not open it


class RefundState(StrEnum):
    """How far giving money back has come."""

    WANTED = "wanted"
    ASKED = "asked"
    PENDING = "pending"
    SETTLED = "settled"
    FAILED = "failed"


class PayeeState(StrEnum):
    """Whether somebody can be paid."""

    OPENING = "opening"  # the provider is asked for an account
    ONBOARDING = "onboarding"  # it has questions to its owner
    READY = "ready"
    RESTRICTED = "restricted"  # it was ready, and has new questions


class TransferState(StrEnum):
    """How far sending money to a payee, or having it back, has come."""

    WANTED = "wanted"
    ASKED = "asked"
    SENT = "sent"
    REFUSED = "refused"


class DisputeState(StrEnum):
    """How a dispute stands."""

    INQUIRY = "inquiry"  # nothing was taken yet
    NEEDS_ANSWER = "needs_answer"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


class PayoutState(StrEnum):
    """How far money has come on its way to a bank."""

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "canceled"


class MethodState(StrEnum):
    """Whether a buyer keeps a way to pay."""

    KEPT = "kept"
    LEAVING = "leaving"  # nobody can use it; the provider has not let it go yet
    GONE = "gone"


P, R = PaymentState, RefundState

# Captured follows even a cancelled or refused payment: if the provider says it has the
# money, it has, and commerce must sell or refund. Nothing follows captured.
NEXT: Mapping[PaymentState, frozenset[PaymentState]] = {
    P.WANTED: frozenset({P.ASKED, P.CANCELLED}),
    P.ASKED: frozenset({P.OPEN, P.PROCESSING, P.CAPTURED, P.CANCELLED, P.REFUSED}),
    P.OPEN: frozenset({P.PROCESSING, P.CAPTURED, P.CANCELLED}),
    P.PROCESSING: frozenset({P.OPEN, P.CAPTURED, P.CANCELLED}),
    P.CAPTURED: frozenset(),
    P.CANCELLED: frozenset({P.CAPTURED}),
    P.REFUSED: frozenset({P.CAPTURED}),
}

# A refund that settled may still bounce: the buyer's bank can send it back days later.
NEXT_REFUND: Mapping[RefundState, frozenset[RefundState]] = {
    R.WANTED: frozenset({R.ASKED}),
    R.ASKED: frozenset({R.PENDING, R.SETTLED, R.FAILED}),
    R.PENDING: frozenset({R.SETTLED, R.FAILED}),
    R.SETTLED: frozenset({R.FAILED}),
    R.FAILED: frozenset(),
}

T, D, B = TransferState, DisputeState, PayoutState

NEXT_TRANSFER: Mapping[TransferState, frozenset[TransferState]] = {
    T.WANTED: frozenset({T.ASKED}),
    T.ASKED: frozenset({T.SENT, T.REFUSED}),
    T.SENT: frozenset(),
    T.REFUSED: frozenset(),
}

# Messages come in any order: later states follow all earlier ones, and nothing a decision.
NEXT_DISPUTE: Mapping[DisputeState, frozenset[DisputeState]] = {
    D.INQUIRY: frozenset({D.NEEDS_ANSWER, D.UNDER_REVIEW, D.WON, D.LOST}),
    D.NEEDS_ANSWER: frozenset({D.UNDER_REVIEW, D.WON, D.LOST}),
    D.UNDER_REVIEW: frozenset({D.WON, D.LOST}),
    D.WON: frozenset(),
    D.LOST: frozenset(),
}

# A bank may send back what was told as paid, for days.
NEXT_PAYOUT: Mapping[PayoutState, frozenset[PayoutState]] = {
    B.PENDING: frozenset({B.IN_TRANSIT, B.PAID, B.FAILED, B.CANCELLED}),
    B.IN_TRANSIT: frozenset({B.PAID, B.FAILED, B.CANCELLED}),
    B.PAID: frozenset({B.FAILED}),
    B.FAILED: frozenset(),
    B.CANCELLED: frozenset(),
}

LIVE = frozenset({P.WANTED, P.ASKED, P.OPEN, P.PROCESSING})
"""States in which a buyer could still be charged; one such payment per reference."""

CHARGED_BACK = "charge_disputed"
"""Why a refund fails whose money a bank has taken back for the buyer."""

NOT_PAID = "not_paid"
"""Why a refund fails that was written down as paid past the provider, and was not."""

PER_SECOND = 25
"""Requests per endpoint and second that the provider takes from us, unless it raises it."""

KEYS_LAST = timedelta(hours=23)
"""How long the provider surely remembers our idempotency keys (it promises 24 hours)."""

SIGNATURES_LAST = timedelta(minutes=5)
"""How far a webhook's timestamp may lie from now."""

S = TypeVar("S", PaymentState, RefundState, TransferState, DisputeState, PayoutState)


def before(table: Mapping[S, frozenset[S]], wanted: S) -> list[S]:
    """The states from which ``wanted`` may be reached, for the guard of an UPDATE."""
    return [state for state, after in table.items() if wanted in after]


def ready_within(ahead: int) -> int:
    """In how many seconds a payment can be paid that so many are opened before."""
    return -(-(ahead + 1) // PER_SECOND)


def key_is_fresh(asked_at: datetime, *, now: datetime) -> bool:
    """Whether asking again with the same key surely finds the first answer."""
    return now - asked_at < KEYS_LAST
