"""Cancellations as clients see them."""

from typing import Annotated

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.orders.cancellations.rules import CancelReason, Side
from livecommerce.orders.pieces.wire import LineCount, SomeLines
from livecommerce.web.wire import Wire, Words

Note = Annotated[str, Words(500, shortest=0, lines=True)]
"""A few words of a person, lines of their own allowed."""


class AskCancel(Wire):
    """Do not send these pieces, or all that wait, if no lines are named."""

    lines: SomeLines | None = None
    reason: CancelReason
    note: Note = ""


class CancellationOut(Wire):
    """Pieces that are not sent, and why. ``refunded`` is what goes back for them."""

    id: str
    order: str
    lines: list[LineCount]
    side: Side
    reason: CancelReason
    note: str
    refunded: Money | None
    cancelled_at: Instant
