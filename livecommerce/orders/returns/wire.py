"""Returns as clients see them."""

from typing import Annotated

from pydantic import AfterValidator, Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.orders.cancellations.wire import Note
from livecommerce.orders.pieces.wire import LineCount
from livecommerce.orders.returns.rules import ReturnReason, ReturnState, Wish
from livecommerce.web.wire import Wire


class BackLine(LineCount):
    """Pieces that come back, and the variant to be sent instead if it is another one."""

    variant: str | None = Field(default=None, max_length=64)


class Inspected(Wire):
    """What became of the pieces of one line that came back."""

    line: str = Field(min_length=1, max_length=64)
    restocked: int = Field(ge=0, le=10_000)
    written_off: int = Field(ge=0, le=10_000)


def _once(lines: list[BackLine]) -> list[BackLine]:
    if len({each.line for each in lines}) < len(lines):
        raise ValueError("a line is named twice")
    return lines


class AskReturn(Wire):
    """Bring these pieces back, for money or for others."""

    lines: Annotated[list[BackLine], Field(min_length=1, max_length=50), AfterValidator(_once)]
    wish: Wish = Wish.REFUND
    reason: ReturnReason
    note: Note = ""


class Answer(Wire):
    """What the merchant says to it: how to send it back, or why not."""

    note: Note = ""


class Refusal(Wire):
    """Why the merchant will not take it back."""

    note: Annotated[Note, Field(min_length=1)]


class Inspection(Wire):
    """What became of every piece that came back."""

    lines: list[Inspected] = Field(min_length=1, max_length=50)


class Resolution(Wire):
    """How the return ends. An exchange whose goods are sold out ends as a refund."""

    give: Wish


class ReturnOut(Wire):
    """Pieces that come back, and how far they have come."""

    id: str
    order: str
    merchant: str
    state: ReturnState
    wish: Wish
    reason: ReturnReason
    note: str
    answer: str
    lines: list[BackLine]
    inspection: list[Inspected] | None
    refunded: Money | None
    asked_at: Instant
    answered_at: Instant | None
    received_at: Instant | None
    inspected_at: Instant | None
    closed_at: Instant | None


class ReturnsOut(Wire):
    """An order's returns, and until when more may be asked for: null before its last parcel
    has arrived, for the time has not begun to run."""

    items: list[ReturnOut]
    ask_until: Instant | None
