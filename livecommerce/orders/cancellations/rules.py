"""Who cancels, and the reasons each may give."""

from collections.abc import Mapping
from enum import StrEnum


class Side(StrEnum):
    """Who does something with an order."""

    BUYER = "buyer"
    MERCHANT = "merchant"
    CENTRE = "centre"


class CancelReason(StrEnum):
    """Why pieces are not sent."""

    CHANGED_MIND = "changed_mind"
    BY_MISTAKE = "by_mistake"
    TOO_SLOW = "too_slow"
    OUT_OF_STOCK = "out_of_stock"
    FAULTY = "faulty"
    NOT_CARRIED = "not_carried"  # no carrier takes it there
    SUSPICIOUS = "suspicious"
    BUYER_ASKED = "buyer_asked"
    OTHER = "other"


_C = CancelReason

REASONS: Mapping[Side, frozenset[CancelReason]] = {
    Side.BUYER: frozenset({_C.CHANGED_MIND, _C.BY_MISTAKE, _C.TOO_SLOW, _C.OTHER}),
    Side.MERCHANT: frozenset(
        {_C.OUT_OF_STOCK, _C.FAULTY, _C.NOT_CARRIED, _C.SUSPICIOUS, _C.BUYER_ASKED, _C.OTHER}
    ),
    Side.CENTRE: frozenset(CancelReason),
}

BACK_ON_SALE = frozenset(CancelReason) - {_C.OUT_OF_STOCK, _C.FAULTY}
"""Reasons for which the pieces are there to be sold again. What was missing or faulty is
written off in the same breath: it never was, or is not, fit for sale."""
