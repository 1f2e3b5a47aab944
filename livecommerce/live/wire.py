"""Live commerce's bodies as clients see them."""

from typing import Annotated

from pydantic import Field

from livecommerce.crossborder.wire import RatesNamed
from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import MOST, Money
from livecommerce.live.offers.wire import OffersOut
from livecommerce.live.rules import CardState
from livecommerce.web.wire import Both, Wire
from streams.chat.rules import ANNOUNCEMENT_LENGTH, SLOWEST, Kind, Speakers, Why
from streams.chat.words import LONGEST, Action
from streams.sessions.rules import State

Minor = Annotated[int, Field(le=MOST)]


class MakeLive(Wire):
    """A wish for a live session in a booked slot."""

    booking: str
    title: Both


class LiveOut(Wire):
    """A live session."""

    id: str
    booking: str
    merchant: str
    merchant_name: Both
    avatar: str | None
    title: Both
    state: State
    version: int
    starts_at: Instant
    ends_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    cover: str | None = None


class AddCard(Wire):
    """A product for the shelf; prices not named are the list prices."""

    product: str
    prices: dict[str, Minor] = Field(default_factory=dict, max_length=500)


class PriceCard(Wire):
    """New live prices, in minor units by variant."""

    prices: dict[str, Minor] = Field(min_length=1, max_length=500)


class OrderCards(Wire):
    """The cards of the shelf, in their new order."""

    cards: list[str] = Field(min_length=1, max_length=200)


class OptionValueOut(Wire):
    """One value of a dimension: a size, a colour, a fabric."""

    key: str
    label: Both


class OptionOut(Wire):
    """A dimension in which variants differ."""

    key: str
    label: Both
    values: list[OptionValueOut]


class CardVariantOut(Wire):
    """The exact thing, at its live price. ``shown`` is that price in the viewer's currency at
    the newest daily rate, for orientation, or null where they are the same currency or the
    price's has no rate; what is paid, at which rate, the quote says."""

    id: str
    sku: str
    options: dict[str, str]
    price: Money
    list_price: Money
    shown: Money | None
    left: int


class CardOut(Wire):
    """One product offer as viewers see it."""

    id: str
    product: str
    merchant: str
    position: int
    title: Both
    description: Both | None
    pictures: list[str]
    options: list[OptionOut]
    variants: list[CardVariantOut]
    state: CardState
    explained_times: int


class ExplainingOut(Wire):
    """What is being presented, since when by the studio's clock."""

    card: str
    segment: str
    since: Instant
    version: int


class SegmentOut(Wire):
    """An explain segment."""

    id: str
    card: str
    product: str
    started_at: Instant
    ended_at: Instant | None


class VideoOut(Wire):
    """Where the picture is, and how far it runs behind the studio."""

    hls: str
    latency_s: float


class ChapterOut(Wire):
    """A stretch of the replay in which one card is presented, in seconds."""

    card: str
    segment: str
    title: Both
    start: float
    end: float


class ReplayOut(Wire):
    """The recording of an ended session."""

    id: str
    hls: str
    poster: str | None
    duration: float
    media_start: Instant
    chapters: list[ChapterOut]


class SellerOut(Wire):
    """Who sells, always one step away (Order 117, article 26)."""

    merchant: str
    name: Both
    legal_name: Both
    uscc: str
    licence: str
    address: Both
    contact: str
    avatar: str | None


class PositionOut(Wire):
    """Where a channel stood when this state was read: later publications come after it."""

    offset: int
    epoch: str


class ChatLine(Wire):
    """One line of the chat."""

    id: str
    user: str
    name: str
    badge: str | None
    text: str
    at: Instant


class ChatRulesOut(Wire):
    """How the room speaks. ``slow``: seconds between two messages of a viewer."""

    slow: int
    approve: bool
    links: bool
    speakers: Speakers
    paused: bool
    version: int


class AnnouncementOut(Wire):
    """What is pinned above the chat; an empty text: nothing."""

    text: str
    version: int
    at: Instant | None


class ViewerOut(Wire):
    """The caller, as the room sees them."""

    id: str
    name: str
    roles: list[str]


class RoomOut(Wire):
    """Everything a room shows to someone who joins. A frame of a version that is not newer
    than the one here is already in it."""

    live: LiveOut
    seller: SellerOut
    cards: list[CardOut]
    explaining: ExplainingOut | None
    shelf_version: int
    stock: dict[str, int]
    stock_version: int
    stock_low: int = Field(
        examples=[10], description="from so many left on, screens say how many"
    )
    offers: OffersOut
    viewers: int
    peak: int
    video: VideoOut | None
    replay: ReplayOut | None
    positions: dict[str, PositionOut]
    chat: list[ChatLine]
    chat_rules: ChatRulesOut
    announcement: AnnouncementOut
    rates: RatesNamed | None = Field(description="what the shown prices were converted at")
    me: ViewerOut


class TokenOut(Wire):
    """A short-lived token for the room's connection."""

    token: str
    expires_at: Instant


class LightOut(Wire):
    """One line of the go-live checklist."""

    key: str
    ok: bool
    label: Both
    reason: str


class IngestOut(Wire):
    """Where the encoder stands. The key is told only when it is issued."""

    state: str
    server: str
    stream: str
    key: str | None = None
    valid_from: Instant | None
    valid_to: Instant | None
    since: Instant | None


class ClaimItem(Wire):
    """So many of a variant from a card. ``offer``: the flash price that the buyer was shown;
    named, it is met at that price or refused, and never at the normal one."""

    card: str
    variant: str
    count: int = Field(ge=1, le=99)
    offer: str | None = Field(default=None, max_length=64)


class MakeClaims(Wire):
    """What a buyer wants set aside: all of it or none."""

    items: list[ClaimItem] = Field(min_length=1, max_length=20)


class HeldOut(Wire):
    """Goods set aside for the caller until a moment."""

    id: str
    variant: str
    count: int
    price: Money
    hold_until: Instant
    offer: str | None = None
    normal: Money | None = None


class ClaimsOut(Wire):
    """What was set aside."""

    holds: list[HeldOut]


class ChangeChat(Wire):
    """New rules of a room's chat; what is left out stays. ``shown``: how many messages a
    second everybody sees when it floods."""

    slow: int | None = Field(default=None, ge=0, le=SLOWEST)
    approve: bool | None = None
    links: bool | None = None
    speakers: Speakers | None = None
    paused: bool | None = None
    shown: int | None = Field(default=None, ge=1, le=1000)


class Announce(Wire):
    """A text to pin; empty takes down what is pinned."""

    text: str = Field(max_length=ANNOUNCEMENT_LENGTH)


class HeldLine(Wire):
    """A message that waits to be approved."""

    id: str
    user: str
    name: str
    text: str
    why: Why
    words: list[str]
    at: Instant


class MuteOut(Wire):
    """Somebody who may not speak, or (banned) not be there. ``merchant``: in no room of the
    merchant. ``anywhere``: in no room."""

    user: str
    kind: Kind
    merchant: bool
    anywhere: bool
    until: Instant | None
    reason: str
    by: str
    at: Instant


class WordOut(Wire):
    """A word that viewers do not say, and what becomes of a message with it."""

    id: str
    word: str
    action: Action


class AddWord(Wire):
    """A word for the list."""

    word: str = Field(min_length=1, max_length=LONGEST)
    action: Action = Action.HOLD
