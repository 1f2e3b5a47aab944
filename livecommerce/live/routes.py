"""Live sessions, shelves and rooms over HTTP."""

from aiohttp import web

from livecommerce.catalogue.errors import (
    CurrenciesDiffer,
    KeyTaken,
    PriceNotPayable,
    PriceNotPositive,
    QueueFull,
    SoldOut,
    SpecialGone,
    TooMany,
)
from livecommerce.crossborder.errors import NoRate, RatesTooOld
from livecommerce.crossborder.rates import Rates
from livecommerce.identity import tokens
from livecommerce.identity.rules import ROOM_TOKEN_FOR
from livecommerce.kernel.db import Tx
from livecommerce.kernel.page import Cursor
from livecommerce.live import actions, desk, ingest, moderation, queries, room
from livecommerce.live.claiming import Claiming
from livecommerce.live.errors import (
    BadOrder,
    CardInOtherCurrency,
    ForeignProduct,
    NoSuchCard,
    NotOnAir,
    NotPrepared,
    NotSoldHere,
    OnShelfAlready,
    OutsideSlot,
    OverAlready,
    ShelfFull,
)
from livecommerce.live.wire import (
    AddCard,
    CardOut,
    ClaimsOut,
    IngestOut,
    LightOut,
    LiveOut,
    MakeClaims,
    MakeLive,
    OrderCards,
    PriceCard,
    RoomOut,
    SegmentOut,
    TokenOut,
)
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member, staff
from livecommerce.web.principal import MerchantRole
from livecommerce.web.wire import Currency, PageOut
from streams.chat.chat import Chat
from streams.chat.errors import Banned
from streams.sessions import queries as sessions
from streams.sessions.errors import LiveExists, NoSuchLive, WrongLiveState
from streams.sessions.rules import State

_HOSTS = member(MerchantRole.HOST)
_RUNS_SHELF = member(MerchantRole.HOST, MerchantRole.ASSISTANT)
_ON_SHELF = (NoSuchLive, NoSuchCard, OverAlready)


@route("GET", "/v1/live", may=anyone, tags=("live",))
async def listed(
    call: Call,
    state: str = "live,paused,interrupted,ready,scheduled",
    merchant: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOut[LiveOut]:
    """Live sessions in the given states, latest slot first."""
    states = [State(name) for name in state.split(",") if name in set(State)]
    page = await sessions.listed(
        call.tx,
        states=states,
        hosts=[merchant] if merchant else None,
        after=Cursor.decode(cursor) if cursor else None,
        limit=max(1, min(limit, 100)),
    )
    items = await room.lives_out(call.tx, page.items)
    return PageOut(items=items, next_cursor=page.next.encode() if page.next else None)


@route(
    "POST",
    "/v1/live",
    status=201,
    may=_HOSTS,
    errors=(OutsideSlot, LiveExists),
    tags=("live",),
)
async def make(call: Call, body: MakeLive) -> LiveOut:
    """Make the live session of a booked slot."""
    row = await actions.make(call.tx, body, by=call.who, now=call.now)
    return (await room.lives_out(call.tx, [row]))[0]


@route("GET", "/v1/live/{live}", may=anyone, errors=(NoSuchLive,), tags=("live",))
async def one(call: Call, live: str) -> LiveOut:
    """One live session."""
    return (await room.lives_out(call.tx, [await sessions.get(call.tx, live)]))[0]


@route(
    "GET",
    "/v1/live/{live}/room",
    may=anyone,
    errors=(NoSuchLive, NoRate, RatesTooOld, Banned),
    tags=("live",),
    tx=False,
)
async def join(call: Call, live: str, currency: Currency | None = None) -> RoomOut:
    """Everything a room shows, and the positions to subscribe from."""
    stood = await room.stands(call.r, live)
    async with call.r.db.begin() as tx:
        await _let_in(call, tx, live)
        return await room.snapshot(
            call.r, tx, live, who=call.who, currency=currency, stood=stood, now=call.now
        )


@route("GET", "/v1/live/{live}/token", may=anyone, errors=(NoSuchLive, Banned), tags=("live",))
async def token(call: Call, live: str) -> TokenOut:
    """A token for the room's connection; guests get one, too."""
    await _let_in(call, call.tx, live)
    secret = call.r.settings.secret_key()
    made = tokens.issue(secret, call.who.id, call.who.name, call.now)
    return TokenOut(token=made, expires_at=call.now + ROOM_TOKEN_FOR)


async def _let_in(call: Call, tx: Tx, live: str) -> None:
    """The door refuses those who are banned; what is read beside it must not be a way round."""
    shelf = await queries.shelf(tx, live)
    call.r.part(Chat).restraints.let_in(live, shelf.merchant_id, call.who.id, call.now)


@route(
    "POST",
    "/v1/live/{live}/cards",
    status=201,
    may=_RUNS_SHELF,
    errors=(
        *(NoSuchLive, OverAlready, ForeignProduct, NotSoldHere),
        *(PriceNotPositive, PriceNotPayable, CurrenciesDiffer, NoRate),
        *(OnShelfAlready, ShelfFull),
    ),
    tags=("shelf",),
)
async def add_card(call: Call, live: str, body: AddCard) -> CardOut:
    """Put a product on the shelf."""
    rates = call.r.part(Rates).used(call.now)
    row = await actions.add_card(call.tx, live, body, by=call.who, rates=rates, now=call.now)
    return await desk.card_out(call.tx, row)


@route(
    "PUT",
    "/v1/live/{live}/cards",
    may=_RUNS_SHELF,
    errors=(*_ON_SHELF, BadOrder),
    status=204,
    tags=("shelf",),
)
async def order_cards(call: Call, live: str, body: OrderCards) -> None:
    """Line the shelf up anew."""
    await actions.order_cards(call.tx, live, body.cards, by=call.who, now=call.now)


@route(
    "PATCH",
    "/v1/live/{live}/cards/{card}",
    may=_RUNS_SHELF,
    errors=(
        *(*_ON_SHELF, NotSoldHere, CardInOtherCurrency),
        *(PriceNotPositive, PriceNotPayable),
    ),
    tags=("shelf",),
)
async def price_card(call: Call, live: str, card: str, body: PriceCard) -> CardOut:
    """Change live prices."""
    row = await actions.price_card(call.tx, live, card, body.prices, by=call.who, now=call.now)
    return await desk.card_out(call.tx, row)


@route(
    "DELETE",
    "/v1/live/{live}/cards/{card}",
    status=204,
    may=_RUNS_SHELF,
    errors=_ON_SHELF,
    tags=("shelf",),
)
async def remove_card(call: Call, live: str, card: str) -> None:
    """Take a card off the shelf."""
    await actions.remove_card(call.tx, live, card, by=call.who, now=call.now)


@route(
    "POST",
    "/v1/live/{live}/cards/{card}/explain",
    may=_RUNS_SHELF,
    errors=(*_ON_SHELF, NotOnAir),
    tags=("shelf",),
)
async def explain(call: Call, live: str, card: str) -> SegmentOut:
    """Present a card: every viewer sees it within a second, with the video's clock."""
    row = await actions.explain(call.tx, live, card, by=call.who, now=call.now)
    return queries.segment_out(row)


@route(
    "DELETE",
    "/v1/live/{live}/explain",
    status=204,
    may=_RUNS_SHELF,
    errors=(NoSuchLive, OverAlready),
    tags=("shelf",),
)
async def stop_explaining(call: Call, live: str) -> None:
    """Present nothing."""
    await actions.stop_explaining(call.tx, live, by=call.who, now=call.now)


@route(
    "GET",
    "/v1/live/{live}/checklist",
    may=member() | staff(),
    errors=(NoSuchLive,),
    tags=("live",),
)
async def checklist(call: Call, live: str) -> list[LightOut]:
    """What must be in place before the session may go on air."""
    return await desk.checklist(call.tx, live, by=call.who, now=call.now)


@route(
    "POST",
    "/v1/live/{live}/{step:ready|pause|resume|end|cancel}",
    may=_HOSTS | staff(),
    errors=(NoSuchLive, NotPrepared, WrongLiveState),
    tags=("live",),
)
async def change_state(call: Call, live: str, step: str) -> LiveOut:
    """Make ready, pause, resume, end or cancel. Doing it twice is doing it once."""
    if step == "ready":
        row = await actions.make_ready(call.tx, live, by=call.who, now=call.now)
    else:
        row = await actions.change_state(call.tx, live, step, by=call.who, now=call.now)
    return (await room.lives_out(call.tx, [row]))[0]


@route(
    "POST",
    "/v1/live/{live}/ingest",
    may=_HOSTS,
    errors=(NoSuchLive,),
    tags=("live",),
    tx=False,
)
async def issue_key(call: Call, live: str) -> IngestOut:
    """A fresh stream key, valid only around the slot. The key before it is void, and this one
    is shown this once."""
    async with call.r.db.begin() as tx:
        return await ingest.issue(call.r, tx, live, by=call.who, now=call.now)


@route(
    "GET",
    "/v1/live/{live}/ingest",
    may=member() | staff(),
    errors=(NoSuchLive,),
    tags=("live",),
)
async def ingest_state(call: Call, live: str) -> IngestOut:
    """Whether an encoder is publishing, and where to."""
    return await ingest.state(call.r, call.tx, live, by=call.who)


@route(
    "POST",
    "/v1/live/{live}/claims",
    status=201,
    may=anyone,
    key=True,
    errors=(
        *(NoSuchLive, NotSoldHere, OverAlready, SoldOut, SpecialGone),
        *(TooMany, KeyTaken, QueueFull, Banned),
    ),
    tags=("buy",),
    tx=False,
)
async def claim(call: Call, live: str, body: MakeClaims) -> ClaimsOut:
    """Set goods aside at the live price: all of them or none. The key makes it safe to
    repeat."""
    claiming = call.r.part(Claiming)
    assert call.key is not None
    return await claiming.claim(live, body.items, buyer=call.who.id, key=call.key, now=call.now)


async def media_hook(request: web.Request) -> web.Response:
    """The media server asks or tells."""
    return await ingest.hook(request)


HOOKS = [web.post("/hooks/{secret}/nginx-rtmp", media_hook)]
ROUTES = [
    claim,  # first: the busiest of them, and paths are matched in this order
    listed,
    make,
    one,
    join,
    token,
    add_card,
    order_cards,
    price_card,
    remove_card,
    explain,
    stop_explaining,
    checklist,
    change_state,
    issue_key,
    ingest_state,
    *moderation.ROUTES,
]
