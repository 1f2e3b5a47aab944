"""The public catalogue: every event that merchants' systems can hear, with its promise.

Nothing personal is in any of them: no name, no address, not even a buyer's id. A type that no
code tells yet does not stand here. Fields are added, never changed or taken away.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money

E = TypeVar("E", bound="PublicEvent")

CATALOGUE: Final[dict[str, type["PublicEvent"]]] = {}
"""Every type by its name, in the order of this file."""


class PublicEvent(BaseModel):
    """The ``data`` of a webhook.

    ``sequence`` grows with each event about the same live session, in the order in which we
    recorded them; gaps are events that the endpoint did not choose. Where there is no live
    session there is no sequence.
    """

    model_config = ConfigDict(frozen=True)
    type: ClassVar[str] = ""

    merchant: str | None
    live_session: str | None = None
    sequence: int | None = None

    @classmethod
    def says(cls) -> str:
        """The promise, in a sentence."""
        assert cls.__doc__ is not None
        return cls.__doc__.partition("\n")[0]


def named(kind: str) -> Callable[[type[E]], type[E]]:
    """Put the class into the catalogue as that type."""

    def put(event: type[E]) -> type[E]:
        event.type = kind
        CATALOGUE[kind] = event
        return event

    return put


@dataclass(frozen=True, slots=True)
class Said:
    """Something to be told outside; without ``at``, it is told as of now."""

    data: PublicEvent
    at: datetime | None = None


def topics() -> Iterator[str]:
    """``live_sessions``, ``orders``, …: what a whole choice such as ``orders.*`` is made of."""
    yield from dict.fromkeys(kind.partition(".")[0] for kind in CATALOGUE)


class _LiveSession(PublicEvent):
    """What every event about a live session carries."""

    live_session: str
    booking: str
    state: str
    version: int = Field(description="grows with each change of state")
    rehearsal: bool


@named("live_sessions.created")
class LiveSessionCreated(_LiveSession):
    """A live session has been made for a booked slot."""


@named("live_sessions.ready")
class LiveSessionReady(_LiveSession):
    """A live session has been cleared and may go on air."""


@named("live_sessions.started")
class LiveSessionStarted(_LiveSession):
    """A live session is on air for the first time."""


@named("live_sessions.paused")
class LiveSessionPaused(_LiveSession):
    """People paused a live session."""


@named("live_sessions.interrupted")
class LiveSessionInterrupted(_LiveSession):
    """A live session lost its encoder; its room stays open."""


@named("live_sessions.resumed")
class LiveSessionResumed(_LiveSession):
    """A live session is on air again, after a pause or an interruption."""


@named("live_sessions.ended")
class LiveSessionEnded(_LiveSession):
    """A live session is over."""


@named("live_sessions.cancelled")
class LiveSessionCancelled(_LiveSession):
    """A live session will not take place."""


@named("live_sessions.archived")
class LiveSessionArchived(_LiveSession):
    """Nothing about a live session changes any more."""


class _Explain(PublicEvent):
    """What every event about an explain segment carries."""

    live_session: str
    segment: str
    card: str
    product: str


@named("explains.started")
class ExplainStarted(_Explain):
    """A card is being presented."""

    started_at: Instant


@named("explains.ended")
class ExplainEnded(_Explain):
    """A card is no longer being presented."""

    started_at: Instant
    ended_at: Instant


@named("replays.ready")
class ReplayReady(PublicEvent):
    """The replay of a live session can be watched."""

    live_session: str
    replay: str
    duration: float = Field(description="seconds")


@named("replays.failed")
class ReplayFailed(PublicEvent):
    """There will be no replay of a live session."""

    live_session: str
    replay: str
    reason: str


@named("orders.created")
class OrderCreated(PublicEvent):
    """A buyer placed an order; it is not paid yet."""

    order: str
    checkout: str
    country: str = Field(description="where it goes, ISO 3166-1")
    pieces: int
    total: Money


class PublicLine(BaseModel):
    """One line of a sale."""

    model_config = ConfigDict(frozen=True)

    line: str
    product: str
    variant: str
    card: str | None
    segment: str | None = Field(description="the explain segment in which it was claimed")
    count: int
    unit_price: Money


@named("orders.paid")
class OrderPaid(PublicEvent):
    """An order is paid; its goods are sold and may be shipped."""

    order: str
    checkout: str
    lines: list[PublicLine]
    total: Money


@named("orders.cancelled")
class OrderCancelled(PublicEvent):
    """An order can no longer be paid; its goods are for sale again."""

    order: str
    checkout: str


@named("orders.shipped")
class OrderShipped(PublicEvent):
    """A parcel of an order is on its way."""

    order: str
    consignment: str
    declaration: str


@named("orders.delivered")
class OrderDelivered(PublicEvent):
    """A parcel of an order has arrived."""

    order: str
    consignment: str


@named("orders.refunded")
class OrderRefunded(PublicEvent):
    """Money for an order has gone back."""

    order: str
    refund: str
    amount: Money
    refunded: Money = Field(description="all that ever has")
    whole: bool


@named("orders.refund_failed")
class OrderRefundFailed(PublicEvent):
    """A refund did not reach the buyer; the money is owed until it is sent another way."""

    order: str
    refund: str
    amount: Money
    owed: Money = Field(description="all that failed refunds of the order still owe")


@named("orders.disputed")
class OrderDisputed(PublicEvent):
    """A buyer's bank has taken money of an order, or has decided whether to return it."""

    order: str
    dispute: str
    state: str = Field(description="open until the bank decides; then won (returned) or lost")
    amount: Money = Field(description="what the bank claims of this order")


class _Stock(PublicEvent):
    """What every event about stock carries."""

    variant: str
    product: str
    left: int = Field(description="to sell")
    version: int = Field(description="grows with each change of the variant's stock")


@named("stock.low")
class StockLow(_Stock):
    """Little is left of a variant."""


@named("stock.sold_out")
class StockSoldOut(_Stock):
    """Nothing is left to sell of a variant; what is held may come back."""


@named("stock.restocked")
class StockRestocked(_Stock):
    """A variant that was sold out can be bought again."""


@named("chat.message_removed")
class ChatMessageRemoved(PublicEvent):
    """A message was taken out of a room by those who keep the chat."""

    live_session: str
    message: str


@named("chat.message_approved")
class ChatMessageApproved(PublicEvent):
    """A message that had been flagged and held went to the room after all."""

    live_session: str
    message: str


@named("chat.viewer_muted")
class ChatViewerMuted(PublicEvent):
    """Somebody may not speak in a room, or not be there (``ban``). Who it is stays with us."""

    mute: str
    kind: str
    until: Instant | None


class _Booking(PublicEvent):
    """What every event about a booking carries."""

    booking: str


@named("bookings.made")
class BookingMade(_Booking):
    """A studio and all with it was taken: firmly, or in pencil until ``expires_at``."""

    state: str
    starts_at: Instant
    ends_at: Instant
    resources: list[str]
    expires_at: Instant | None


@named("bookings.confirmed")
class BookingConfirmed(_Booking):
    """A pencilled booking became firm."""


@named("bookings.moved")
class BookingMoved(_Booking):
    """A booking has another time or another studio."""

    starts_at: Instant
    ends_at: Instant
    resources: list[str]


@named("bookings.cancelled")
class BookingCancelled(_Booking):
    """A booking gave everything back."""

    starts_at: Instant
    ends_at: Instant


@named("bookings.checked_in")
class BookingCheckedIn(_Booking):
    """A merchant's people are in the studio."""


@named("bookings.released")
class BookingReleased(_Booking):
    """A live session ended early; its studio is free for others."""


class _Declaration(PublicEvent):
    """What every event about a customs declaration carries."""

    declaration: str
    consignment: str
    order: str


@named("declarations.filed")
class DeclarationFiled(_Declaration):
    """The inventory of a consignment has been sent to customs."""


@named("declarations.released")
class DeclarationReleased(_Declaration):
    """Customs let a consignment go."""

    inventory_number: str | None


@named("declarations.rejected")
class DeclarationRejected(_Declaration):
    """Customs refused a message of a set; somebody has to correct it."""

    message: str
    status: str
    reason: str


@named("declarations.closed")
class DeclarationClosed(_Declaration):
    """Customs has finished with a consignment."""


@named("webhooks.test")
class WebhookTested(PublicEvent):
    """Somebody asked whether the endpoint can be reached. Every endpoint hears it."""

    endpoint: str
