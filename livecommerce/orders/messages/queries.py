"""Reading messages: an order's, and everybody's inbox."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.identity import queries as people
from livecommerce.identity.rules import guest_name
from livecommerce.kernel.db import Tx
from livecommerce.kernel.page import Cursor, Page
from livecommerce.orders import queries as orders
from livecommerce.orders.errors import NoSuchOrder
from livecommerce.orders.messages import rules
from livecommerce.orders.messages.rules import Side
from livecommerce.orders.messages.tables import OrderMessage, OrderThread
from livecommerce.orders.messages.wire import OrderMessageOut, ThreadListed, ThreadOut
from livecommerce.orders.tables import Order
from livecommerce.web.principal import NotAllowed, Principal
from livecommerce.web.wire import Both

EXCERPT = 120


async def order_of(tx: Tx, order: str, by: Principal) -> tuple[Order, Side]:
    """The order, and on which side of it the caller stands.

    Raises:
        NoSuchOrder: there is none with that id, or the caller has nothing to do with it.
        NotAllowed: their work needs none of its messages.
    """
    row = await tx.get(Order, order, populate_existing=True)
    if row is None or not orders.may_see(row.buyer, row.merchant_id, by):
        raise NoSuchOrder(order=order)
    side = rules.side_of(row.buyer, row.merchant_id, by)
    if side is None:
        raise NotAllowed()
    return row, side


async def thread(tx: Tx, order: str, *, by: Principal) -> ThreadOut:
    """An order's messages.

    Raises:
        NoSuchOrder, NotAllowed: as :func:`order_of`.
    """
    row, side = await order_of(tx, order, by)
    head = await tx.get(OrderThread, order, populate_existing=True)
    mine = sa.select(OrderMessage).where(col(OrderMessage.order_id) == order)
    found = (await tx.execute(mine.order_by(col(OrderMessage.number)))).scalars().all()
    names = await _names(tx, row, found, by)
    return ThreadOut(
        order=order,
        side=side,
        messages=[
            OrderMessageOut(
                id=each.id,
                number=each.number,
                side=each.side,
                name=names[each.author],
                mine=each.author == by.id,
                text=each.text,
                sent_at=each.sent_at,
            )
            for each in found
        ],
        seen_by_buyer=head.buyer_read if head else 0,
        seen_by_merchant=head.merchant_read if head else 0,
        unread=_unread(head, side) if head else 0,
    )


async def listed(
    tx: Tx,
    *,
    by: Principal,
    merchant: str | None = None,
    unread: bool = False,
    mine: bool = False,
    after: Cursor | None = None,
    limit: int = 50,
) -> Page[ThreadListed]:
    """Threads, the one written in last first: a buyer's own, a member's merchants', or all for
    staff.

    Raises:
        NotYours: ``merchant`` is one that the caller has nothing to do with.
        NotAllowed: messages are not the caller's work.
    """
    wanted = sa.select(OrderThread, Order).join(
        Order, col(Order.id) == col(OrderThread.order_id)
    )
    side = Side.MERCHANT
    if merchant is not None:
        if not by.is_staff(*rules.STAFF):
            by.must_act_for(merchant, *rules.MEMBERS)
        wanted = wanted.where(col(OrderThread.merchant_id) == merchant)
    elif mine or not (by.is_staff() or by.memberships):
        side = Side.BUYER
        wanted = wanted.where(col(Order.buyer) == by.id)
    elif not by.is_staff(*rules.STAFF):
        theirs = [m for m in by.memberships if by.member_of(m, *rules.MEMBERS)]
        wanted = wanted.where(col(OrderThread.merchant_id).in_(theirs))
    if unread:
        column = OrderThread.buyer_unread if side is Side.BUYER else OrderThread.merchant_unread
        wanted = wanted.where(col(column) > 0)
    if after is not None:
        place = sa.tuple_(col(OrderThread.last_at), col(OrderThread.order_id))
        wanted = wanted.where(place < (after.at, after.id))
    newest = (col(OrderThread.last_at).desc(), col(OrderThread.order_id).desc())
    rows = (await tx.execute(wanted.order_by(*newest).limit(limit + 1))).all()
    shown = rows[:limit]
    last: OrderThread | None = shown[-1][0] if len(rows) > limit else None
    more = Cursor(last.last_at, last.order_id) if last else None
    firsts = await orders.first_lines(tx, [head.order_id for head, _ in shown])
    return Page([_listed(head, row, firsts[head.order_id], side) for head, row in shown], more)


def _listed(head: OrderThread, row: Order, first: dict[str, Any], side: Side) -> ThreadListed:
    return ThreadListed(
        order=head.order_id,
        merchant=head.merchant_id,
        merchant_name=Both(**row.seller["name"]),
        state=row.state,
        title=Both(**first["title"]),
        picture=first["picture"],
        count=head.count,
        unread=_unread(head, side),
        last_side=head.last_side,
        last_text=head.last_text,
        last_at=head.last_at,
    )


def _unread(head: OrderThread, side: Side) -> int:
    if side is Side.STAFF:
        return 0
    return head.buyer_unread if side is Side.BUYER else head.merchant_unread


async def _names(tx: Tx, row: Order, found: Any, by: Principal) -> dict[str, str]:
    """Who wrote: members and staff by the merchant's name or as the centre, to the buyer."""
    authors = {each.author for each in found}
    known = await people.names(tx, authors)
    names: dict[str, str] = {}
    for each in found:
        if each.side is Side.MERCHANT and by.id == row.buyer:
            names[each.author] = Both(**row.seller["name"]).told(by.locale)
        else:
            name = known.get(each.author) or guest_name(each.author, by.locale)
            names[each.author] = name
    return names
