"""Returns and exchanges over HTTP: buyers ask, merchants answer, look and settle."""

from livecommerce.catalogue.claims import Claims
from livecommerce.kernel.page import Cursor
from livecommerce.orders.errors import MoneyDisputed, NoSuchOrder
from livecommerce.orders.pieces.errors import NoSuchLine, PiecesGone
from livecommerce.orders.returns import actions, exchange, queries
from livecommerce.orders.returns.errors import (
    CountsDiffer,
    NoSuchReturn,
    NotAReplacement,
    NothingToReturn,
    TooLateToReturn,
    WrongReturnState,
)
from livecommerce.orders.returns.rules import ReturnState, Wish
from livecommerce.orders.returns.wire import (
    Answer,
    AskReturn,
    Inspection,
    Refusal,
    Resolution,
    ReturnOut,
    ReturnsOut,
)
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member, staff
from livecommerce.web.principal import MerchantRole, StaffRole
from livecommerce.web.wire import PageOut

MOST = 100
_MERCHANTS = member(MerchantRole.OWNER, MerchantRole.ASSISTANT) | staff(StaffRole.OPERATOR)
_TAGS = ("returns",)


@route(
    "POST",
    "/v1/orders/{order}/returns",
    status=201,
    may=anyone,
    errors=(
        NoSuchOrder,
        NoSuchLine,
        NothingToReturn,
        TooLateToReturn,
        NotAReplacement,
        PiecesGone,
    ),
    tags=_TAGS,
    key=True,
)
async def ask(call: Call, order: str, body: AskReturn) -> ReturnOut:
    """Ask for pieces of an order to be taken back, for money or for others."""
    within = call.r.settings.return_within
    made = await actions.ask(call.tx, order, body, by=call.who, within=within, now=call.now)
    return await queries.one(call.tx, made, by=call.who)


@route("GET", "/v1/orders/{order}/returns", may=anyone, errors=(NoSuchOrder,), tags=_TAGS)
async def of_order(call: Call, order: str) -> ReturnsOut:
    """What of an order comes back, and until when more may be asked back."""
    within = call.r.settings.return_within
    return await queries.of_order(call.tx, order, by=call.who, within=within)


@route("GET", "/v1/returns", may=member() | staff(), tags=_TAGS)
async def returns(
    call: Call,
    merchant: str | None = None,
    state: ReturnState | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> PageOut[ReturnOut]:
    """Returns to your merchants, newest first."""
    page = await queries.listed(
        call.tx,
        by=call.who,
        merchant=merchant,
        state=state,
        after=Cursor.decode(cursor) if cursor else None,
        limit=max(1, min(limit, MOST)),
    )
    following = page.next.encode() if page.next else None
    return PageOut(items=list(page.items), next_cursor=following)


@route(
    "POST",
    "/v1/returns/{goods_return}/approval",
    may=_MERCHANTS,
    errors=(NoSuchReturn, WrongReturnState),
    tags=_TAGS,
)
async def approve(call: Call, goods_return: str, body: Answer) -> ReturnOut:
    """Take the goods back; say where they shall be sent."""
    await actions.approve(call.tx, goods_return, body.note, by=call.who, now=call.now)
    return await queries.one(call.tx, goods_return, by=call.who)


@route(
    "POST",
    "/v1/returns/{goods_return}/refusal",
    may=_MERCHANTS,
    errors=(NoSuchReturn, WrongReturnState),
    tags=_TAGS,
)
async def refuse(call: Call, goods_return: str, body: Refusal) -> ReturnOut:
    """Do not take the goods back; say why."""
    await actions.refuse(call.tx, goods_return, body.note, by=call.who, now=call.now)
    return await queries.one(call.tx, goods_return, by=call.who)


@route(
    "POST",
    "/v1/returns/{goods_return}/withdrawal",
    may=anyone,
    errors=(NoSuchReturn, WrongReturnState),
    tags=_TAGS,
)
async def withdraw(call: Call, goods_return: str) -> ReturnOut:
    """Keep your goods after all."""
    await actions.withdraw(call.tx, goods_return, by=call.who, now=call.now)
    return await queries.one(call.tx, goods_return, by=call.who)


@route(
    "POST",
    "/v1/returns/{goods_return}/receipt",
    may=_MERCHANTS,
    errors=(NoSuchReturn, WrongReturnState),
    tags=_TAGS,
)
async def receive(call: Call, goods_return: str) -> ReturnOut:
    """The goods have come back."""
    await actions.receive(call.tx, goods_return, by=call.who, now=call.now)
    return await queries.one(call.tx, goods_return, by=call.who)


@route(
    "POST",
    "/v1/returns/{goods_return}/inspection",
    may=_MERCHANTS,
    errors=(NoSuchReturn, WrongReturnState, CountsDiffer),
    tags=_TAGS,
)
async def inspect(call: Call, goods_return: str, body: Inspection) -> ReturnOut:
    """Say which pieces can be sold again and which are written off."""
    await actions.inspect(call.tx, goods_return, body, by=call.who, now=call.now)
    return await queries.one(call.tx, goods_return, by=call.who)


@route(
    "POST",
    "/v1/returns/{goods_return}/resolution",
    may=_MERCHANTS,
    errors=(NoSuchReturn, WrongReturnState, MoneyDisputed),
    tags=_TAGS,
    tx=False,
)
async def resolve(call: Call, goods_return: str, body: Resolution) -> ReturnOut:
    """Pay the goods back, or send others; sold out, an exchange is a refund."""
    if body.give is Wish.EXCHANGE:
        claims = call.r.part(Claims)
        await exchange.exchange(call.r.db, claims, goods_return, by=call.who, now=call.now)
    else:
        async with call.r.db.begin() as tx:
            await actions.refund(tx, goods_return, by=call.who, now=call.now)
    async with call.r.db.begin() as tx:
        return await queries.one(tx, goods_return, by=call.who)


ROUTES = [
    *(ask, of_order, returns, approve, refuse, withdraw, receive, inspect, resolve),
]
