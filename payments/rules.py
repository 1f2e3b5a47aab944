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

LIVE = frozenset({P.WANTED, P.ASKED, P.OPEN, P.PROCESSING})
"""States in which a buyer could still be charged; one such payment per reference."""

KEYS_LAST = timedelta(hours=23)
"""How long the provider surely remembers our idempotency keys (it promises 24 hours)."""

SIGNATURES_LAST = timedelta(minutes=5)
"""How far a webhook's timestamp may lie from now."""

S = TypeVar("S", PaymentState, RefundState)


def before(table: Mapping[S, frozenset[S]], wanted: S) -> list[S]:
    """The states from which ``wanted`` may be reached, for the guard of an UPDATE."""
    return [state for state, after in table.items() if wanted in after]


def key_is_fresh(asked_at: datetime, *, now: datetime) -> bool:
    """Whether asking again with the same key surely finds the first answer."""
    return now - asked_at < KEYS_LAST
