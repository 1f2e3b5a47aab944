"""Reads: returns of one order, and those that a merchant has to see to."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.page import Cursor, Page
from livecommerce.orders.errors import NoSuchOrder
from livecommerce.orders.queries import may_see
from livecommerce.orders.returns import rules
from livecommerce.orders.returns.errors import NoSuchReturn
from livecommerce.orders.returns.rules import ReturnState
from livecommerce.orders.returns.tables import OrderReturn
from livecommerce.orders.returns.wire import ReturnOut, ReturnsOut
from livecommerce.orders.tables import Consignment, Order, OrderRefund
from livecommerce.web.principal import Principal


async def one(tx: Tx, return_id: str, *, by: Principal) -> ReturnOut:
    """One return, for its buyer, its merchant or staff.

    Raises:
        NoSuchReturn: there is none with that id, or the caller has nothing to do with it.
    """
    row = await tx.get(OrderReturn, return_id, populate_existing=True)
    order = None if row is None else await tx.get(Order, row.order_id)
    if row is None or order is None or not may_see(order.buyer, order.merchant_id, by):
        raise NoSuchReturn(goods_return=return_id)
    return (await _shown(tx, [row]))[0]


async def of_order(tx: Tx, order_id: str, *, by: Principal, within: timedelta) -> ReturnsOut:
    """The order's returns, oldest first.

    Raises:
        NoSuchOrder: there is none with that id, or the caller has nothing to do with it.
    """
    order = await tx.get(Order, order_id)
    if order is None or not may_see(order.buyer, order.merchant_id, by):
        raise NoSuchOrder(order=order_id)
    mine = sa.select(OrderReturn).where(col(OrderReturn.order_id) == order_id)
    fresh = mine.order_by(col(OrderReturn.id)).execution_options(populate_existing=True)
    rows = (await tx.execute(fresh)).scalars().all()
    until = rules.ask_until(await arrivals(tx, order_id), within=within)
    return ReturnsOut(items=await _shown(tx, rows), ask_until=until)


async def listed(
    tx: Tx,
    *,
    by: Principal,
    merchant: str | None = None,
    state: ReturnState | None = None,
    after: Cursor | None = None,
    limit: int = 50,
) -> Page[ReturnOut]:
    """Returns, newest first: those of the caller's merchants, or all for staff.

    Raises:
        NotYours: ``merchant`` is one that the caller has nothing to do with.
    """
    wanted = sa.select(OrderReturn)
    if merchant is not None:
        if not by.is_staff():
            by.must_act_for(merchant)
        wanted = wanted.where(col(OrderReturn.merchant_id) == merchant)
    elif not by.is_staff():
        wanted = wanted.where(col(OrderReturn.merchant_id).in_(list(by.memberships)))
    if state is not None:
        wanted = wanted.where(col(OrderReturn.state) == state)
    if after is not None:
        place = sa.tuple_(col(OrderReturn.asked_at), col(OrderReturn.id))
        wanted = wanted.where(place < (after.at, after.id))
    newest = (col(OrderReturn.asked_at).desc(), col(OrderReturn.id).desc())
    rows = list((await tx.execute(wanted.order_by(*newest).limit(limit + 1))).scalars())
    shown = rows[:limit]
    more = Cursor(shown[-1].asked_at, shown[-1].id) if len(rows) > limit else None
    return Page(await _shown(tx, shown), more)


async def arrivals(tx: Tx, order_id: str) -> list[datetime | None]:
    """When each of the order's parcels arrived, if it has."""
    mine = sa.select(col(Consignment.delivered_at)).where(col(Consignment.order_id) == order_id)
    return list((await tx.execute(mine)).scalars())


async def _shown(tx: Tx, rows: Sequence[OrderReturn]) -> list[ReturnOut]:
    wanted = [row.refund_id for row in rows if row.refund_id]
    paid = sa.select(OrderRefund).where(col(OrderRefund.id).in_(wanted))
    refunds = {row.id: row for row in (await tx.execute(paid)).scalars()} if wanted else {}
    return [_out(row, refunds.get(row.refund_id or "")) for row in rows]


def _out(row: OrderReturn, refund: OrderRefund | None) -> ReturnOut:
    return ReturnOut.model_validate(
        {
            "id": row.id,
            "order": row.order_id,
            "merchant": row.merchant_id,
            "state": row.state,
            "wish": row.wish,
            "reason": row.reason,
            "note": row.note,
            "answer": row.answer,
            "lines": row.lines,
            "inspection": row.inspection,
            "refunded": Money(refund.amount_minor, refund.currency) if refund else None,
            "asked_at": row.asked_at,
            "answered_at": row.answered_at,
            "received_at": row.received_at,
            "inspected_at": row.inspected_at,
            "closed_at": row.closed_at,
        }
    )
