"""The fact that pieces of an order will not be sent. Nothing personal is in it."""

from pydantic import BaseModel, ConfigDict

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class CancelledLine(BaseModel):
    """So many pieces of one line."""

    model_config = ConfigDict(frozen=True)

    line: str
    variant: str
    count: int


class LinesCancelled(Event):
    """Pieces of a paid order will not be sent; their money goes back. ``whole`` when nothing
    of the order will be sent."""

    cancellation: str
    order: str
    merchant: str
    buyer: str
    live: str | None
    side: str
    reason: str
    lines: list[CancelledLine]
    refund: str | None
    whole: bool
    at: Instant
