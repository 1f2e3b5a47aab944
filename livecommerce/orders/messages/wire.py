"""Messages as clients see them. They are text and nothing else; pages show them as such."""

from typing import Annotated

from pydantic import Field

from livecommerce.kernel.clock import Instant
from livecommerce.orders.messages.rules import LONGEST, Side
from livecommerce.orders.rules import OrderState
from livecommerce.web.wire import Both, Wire, Words


class WriteMessage(Wire):
    """What you want to say. Lines may be broken; other control characters are refused."""

    text: Annotated[str, Words(LONGEST, lines=True)]


class ReadMessages(Wire):
    """Up to which message you have read."""

    number: int = Field(ge=0, le=1_000_000)


class OrderMessageOut(Wire):
    """One message. ``name`` is the writer's, for buyers only its beginning."""

    id: str
    number: int
    side: Side
    name: str
    mine: bool
    text: str
    sent_at: Instant


class ThreadOut(Wire):
    """An order's messages, oldest first. ``seen_by_buyer`` and ``seen_by_merchant`` are the
    numbers up to which they have been read; ``unread`` is how many you have not."""

    order: str
    side: Side
    messages: list[OrderMessageOut]
    seen_by_buyer: int
    seen_by_merchant: int
    unread: int


class ThreadListed(Wire):
    """An order's messages in a list, by the last of them."""

    order: str
    merchant: str
    merchant_name: Both
    state: OrderState
    title: Both
    picture: str | None
    count: int
    unread: int
    last_side: Side
    last_text: str
    last_at: Instant
