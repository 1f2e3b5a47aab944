"""What a message and its set may become, and what a customs answer means. Pure.

A message is one XML document of the set (order, receipt, waybill, inventory). Its standing is
a function of all answers about it, read in customs' own time: answers may come late, twice or
out of order, and the standing is the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from livecommerce.kernel.clock import BEIJING
from livecommerce.outside.customs.ceb.names import FORMAT_RECEIPT, MessageKind

WAYBILL_IS_UNIQUE_FOR = timedelta(days=183)


def customs_day(moment: datetime) -> date:
    """The day it is at the desk and at its customs office: Beijing's."""
    return moment.astimezone(BEIJING).date()


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
    CANCELLED = "cancelled"


MAY_RESEND = frozenset({DeclarationState.DRAFT, DeclarationState.REJECTED})
MAY_CANCEL = frozenset(
    {
        DeclarationState.ACCEPTED,
        DeclarationState.IN_REVIEW,
        DeclarationState.INSPECTION,
        DeclarationState.SUSPENDED,
        DeclarationState.RELEASED,
    }
)

PAPERS = (MessageKind.ORDER, MessageKind.RECEIPTS, MessageKind.WAYBILL)
"""What customs must have accepted before the inventory is sent (rule M12)."""

FINAL_ACCEPTANCE: Mapping[MessageKind, str] = {
    MessageKind.ORDER: "120",
    MessageKind.RECEIPTS: "120",
    MessageKind.WAYBILL: "399",
    MessageKind.INVENTORY: "120",
    MessageKind.CANCELLATION: "399",
}
"""The status with which customs is content with a document of that kind."""


class Weight(StrEnum):
    """Kinds of answers: on its way, refused, taken in, being looked at, let go, over."""

    UNDER_WAY = "under_way"
    REFUSED = "refused"
    TAKEN = "taken"
    LOOKED_AT = "looked_at"
    LET_GO = "let_go"
    OVER = "over"


_MEANING: Mapping[str, tuple[int, Weight, MessageState]] = {
    "1": (10, Weight.UNDER_WAY, MessageState.SENT),
    "2": (20, Weight.UNDER_WAY, MessageState.SENT),
    "3": (30, Weight.UNDER_WAY, MessageState.SENT),
    "120": (60, Weight.TAKEN, MessageState.ACCEPTED),
    "300": (65, Weight.LOOKED_AT, MessageState.IN_REVIEW),
    "500": (65, Weight.LOOKED_AT, MessageState.INSPECTION),
    "505": (65, Weight.LOOKED_AT, MessageState.SUSPENDED),
    "600": (65, Weight.LOOKED_AT, MessageState.SUSPENDED),
    "399": (70, Weight.TAKEN, MessageState.ACCEPTED),
    "800": (80, Weight.LET_GO, MessageState.RELEASED),
    "899": (90, Weight.OVER, MessageState.CLOSED),
}
_REFUSED = (40, Weight.REFUSED, MessageState.REJECTED)
_UNKNOWN = (0, Weight.UNDER_WAY, MessageState.SENT)


@dataclass(frozen=True, slots=True)
class Answer:
    """What of a customs answer decides: which document said it, its status, customs' time."""

    root: str
    status: str
    time: str
    info: str = ""

    @property
    def meaning(self) -> tuple[int, Weight, MessageState]:
        """Rank, weight and the state it would bring. The format check (CEB900), a failed
        sending, a rejection and every negative code refuse; a code nobody told us of moves
        nothing."""
        if self.root == FORMAT_RECEIPT or self.status in {"4", "100"}:
            return _REFUSED
        if self.status.startswith("-"):
            return _REFUSED
        return _MEANING.get(self.status, _UNKNOWN)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a message stands, and the answer that brought it there."""

    state: MessageState = MessageState.SENT
    rank: int = -1
    answer: Answer | None = None
    accepted: bool = False


def standing(kind: MessageKind, answers: Iterable[Answer]) -> Standing:
    """Read all answers in customs' time; the order in which they reached us does not matter.

    Among answers that refuse nothing the highest rank stays, so it never goes backwards. A
    refusal counts until the goods are let go, and is lifted only by a later acceptance.
    """
    now = Standing()
    for answer in sorted(answers, key=lambda a: (a.time, a.meaning[0], a.status)):
        rank, weight, state = answer.meaning
        if _moves(now, rank, weight):
            content = answer.status == FINAL_ACCEPTANCE[kind] or weight in {
                Weight.LET_GO,
                Weight.OVER,
            }
            accepted = weight is not Weight.REFUSED and (now.accepted or content)
            now = Standing(state, rank, answer, accepted)
    return now


def takes_in(answer: Answer) -> bool:
    """Whether the answer shows that customs has the document."""
    return answer.meaning[1] not in {Weight.UNDER_WAY, Weight.REFUSED}


def _moves(now: Standing, rank: int, weight: Weight) -> bool:
    if weight is Weight.REFUSED:
        return now.rank < _MEANING["800"][0]
    if now.state is MessageState.REJECTED:
        return rank >= _MEANING["120"][0]
    return rank >= max(now.rank, 1)


def state_of_set(
    messages: Mapping[MessageKind, MessageState], *, differs: bool
) -> DeclarationState:
    """The set's state, read off the newest message of each kind."""
    cancelled = messages.get(MessageKind.CANCELLATION)
    if cancelled is MessageState.ACCEPTED:
        return DeclarationState.CANCELLED
    states = {kind: s for kind, s in messages.items() if kind is not MessageKind.CANCELLATION}
    if differs:
        return DeclarationState.DRAFT
    if MessageState.REJECTED in states.values():
        return DeclarationState.REJECTED
    inventory = states.get(MessageKind.INVENTORY, MessageState.DRAFT)
    if inventory not in {MessageState.DRAFT, MessageState.MATCHED}:
        return DeclarationState(inventory.value)
    sent = {s for s in states.values() if s not in {MessageState.DRAFT, MessageState.MATCHED}}
    return DeclarationState.SENT if sent else DeclarationState.MATCHED


def may_follow(accepted: Mapping[MessageKind, bool]) -> bool:
    """Whether the inventory may be sent: customs has all three papers (M12)."""
    return all(accepted.get(kind, False) for kind in PAPERS)
