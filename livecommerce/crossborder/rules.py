"""What a declaration may become, and how a customs answer moves it. Pure.

A message is one XML document of the set (order, receipt, waybill, inventory); the
declaration's own state is read off its messages.
"""

from collections.abc import Mapping
from enum import StrEnum

from livecommerce.outside.customs.ceb.names import MessageKind


class MessageState(StrEnum):
    """Where one message stands with customs."""

    DRAFT = "draft"
    MATCHED = "matched"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_REVIEW = "in_review"
    INSPECTION = "inspection"
    SUSPENDED = "suspended"
    RELEASED = "released"
    CLOSED = "closed"


class DeclarationState(StrEnum):
    """Where a consignment's whole set stands."""

    DRAFT = "draft"
    MATCHED = "matched"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_REVIEW = "in_review"
    INSPECTION = "inspection"
    SUSPENDED = "suspended"
    RELEASED = "released"
    CLOSED = "closed"


PAPERS = (MessageKind.ORDER, MessageKind.RECEIPTS, MessageKind.WAYBILL)
"""What customs must have accepted before the inventory is sent (rule M12)."""

FINAL_ACCEPTANCE: Mapping[MessageKind, str] = {
    MessageKind.ORDER: "120",
    MessageKind.RECEIPTS: "120",
    MessageKind.WAYBILL: "399",
    MessageKind.INVENTORY: "120",
}
