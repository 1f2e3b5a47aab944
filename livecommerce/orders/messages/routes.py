"""Messages over HTTP."""

from livecommerce.kernel.page import Cursor
from livecommerce.orders.errors import NoSuchOrder
from livecommerce.orders.messages import actions, queries
from livecommerce.orders.messages.errors import ThreadFull, WritingTooFast
from livecommerce.orders.messages.wire import (
    ReadMessages,
    ThreadListed,
    ThreadOut,
    WriteMessage,
)
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone
from livecommerce.web.wire import PageOut

MOST = 100


@route("GET", "/v1/messages", may=anyone, tags=("messages",))
async def inbox(
    call: Call,
    merchant: str | None = None,
    unread: bool = False,
    mine: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> PageOut[ThreadListed]:
    """Orders that have messages, the last one first: your own, your merchants', or all for
    staff."""
    page = await queries.listed(
        call.tx,
        by=call.who,
        merchant=merchant,
        unread=unread,
        mine=mine,
        after=Cursor.decode(cursor) if cursor else None,
        limit=max(1, min(limit, MOST)),
    )
    following = page.next.encode() if page.next else None
    return PageOut(items=list(page.items), next_cursor=following)


@route(
    "GET", "/v1/orders/{order}/messages", may=anyone, errors=(NoSuchOrder,), tags=("messages",)
)
async def thread(call: Call, order: str) -> ThreadOut:
    """What buyer, merchant and centre have written about an order."""
    return await queries.thread(call.tx, order, by=call.who)


@route(
    "POST",
    "/v1/orders/{order}/messages",
    status=201,
    may=anyone,
    errors=(NoSuchOrder, ThreadFull, WritingTooFast),
    tags=("messages",),
)
async def write(call: Call, order: str, body: WriteMessage) -> ThreadOut:
    """Write to the other side of an order."""
    await actions.write(call.tx, order, body, by=call.who, now=call.now)
    return await queries.thread(call.tx, order, by=call.who)


@route(
    "PUT",
    "/v1/orders/{order}/messages/read",
    may=anyone,
    status=204,
    errors=(NoSuchOrder,),
    tags=("messages",),
)
async def read(call: Call, order: str, body: ReadMessages) -> None:
    """Say up to which message your side has read."""
    await actions.read(call.tx, order, body.number, by=call.who)


ROUTES = [inbox, thread, write, read]
