"""The states of a return, which may follow which, and until when goods may be asked back."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum


class ReturnState(StrEnum):
    """How far goods that come back have come."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # the buyer keeps them after all
    RECEIVED = "received"
    INSPECTED = "inspected"  # restocked or written off
    REFUNDED = "refunded"
    EXCHANGED = "exchanged"


class Wish(StrEnum):
    """What the buyer wants for the goods."""

    REFUND = "refund"
    EXCHANGE = "exchange"


class ReturnReason(StrEnum):
    """Why goods come back."""

    CHANGED_MIND = "changed_mind"
    WRONG_SIZE = "wrong_size"
    NOT_AS_SHOWN = "not_as_shown"
    FAULTY = "faulty"
    DAMAGED_ON_THE_WAY = "damaged_on_the_way"
    WRONG_ITEM = "wrong_item"
    TOO_LATE = "too_late"
    OTHER = "other"


_S = ReturnState

NEXT_RETURN: Mapping[ReturnState, frozenset[ReturnState]] = {
    _S.ASKED: frozenset({_S.APPROVED, _S.REFUSED, _S.WITHDRAWN}),
    _S.APPROVED: frozenset({_S.RECEIVED, _S.WITHDRAWN}),
    _S.REFUSED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.RECEIVED: frozenset({_S.INSPECTED}),
    _S.INSPECTED: frozenset({_S.REFUNDED, _S.EXCHANGED}),
    _S.REFUNDED: frozenset(),
    _S.EXCHANGED: frozenset(),
}

OPEN = frozenset(state for state, after in NEXT_RETURN.items() if after)
"""States in which somebody has something to do."""


def ask_until(delivered: Iterable[datetime | None], *, within: timedelta) -> datetime | None:
    """Until when goods may be asked back: so long after the last parcel arrived. None while
    a parcel is still on its way, for the time has not begun to run then.

    Directive 2011/83/EU, article 9, gives buyers 14 days from the last parcel of an order
    sent in several; article 25 of China's law on consumers' rights gives 7.
    """
    moments = list(delivered)
    known = [moment for moment in moments if moment is not None]
    return max(known) + within if known and len(known) == len(moments) else None


def before(wanted: ReturnState) -> list[ReturnState]:
    """The states from which ``wanted`` may be reached, for the guard of an UPDATE."""
    return [state for state, after in NEXT_RETURN.items() if wanted in after]
