"""What is done with goods that come back. Each step is one guarded UPDATE of the return's
state; whoever gets the row back does what follows, nobody else does."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue import stock
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.orders import refunding
from livecommerce.orders.cancellations.actions import side_of
from livecommerce.orders.cancellations.rules import Side
from livecommerce.orders.errors import NoSuchOrder
from livecommerce.orders.pieces import actions as pieces
from livecommerce.orders.returns import queries, rules
from livecommerce.orders.returns.errors import (
    CountsDiffer,
    NoSuchReturn,
    NotAReplacement,
    NothingToReturn,
    TooLateToReturn,
    WrongReturnState,
)
from livecommerce.orders.returns.events import ReturnMoved
from livecommerce.orders.returns.rules import ReturnState
from livecommerce.orders.returns.tables import OrderReturn
from livecommerce.orders.returns.wire import AskReturn, Inspection
from livecommerce.orders.tables import Order, OrderLine
from livecommerce.web.principal import Principal


async def ask(
    tx: Tx, order_id: str, want: AskReturn, *, by: Principal, within: timedelta, now: datetime
) -> str:
    """Ask for pieces to be taken back; the return's id. The merchant may ask for the buyer.

    Args:
        within: how long after the last parcel's arrival that may be done.

    Raises:
        NoSuchOrder: there is none with that id, or it is none of the caller's.
        NothingToReturn: nothing was sent.
        TooLateToReturn: the buyer asks after the time. A merchant may be kinder than that.
        NoSuchLine: a line is none of the order's.
        NotAReplacement: what is wanted instead is no variant of the same product.
        PiecesGone: so many pieces were not sent, or come back already.
    """
    order = await pieces.locked(tx, order_id)
    side = side_of(order, by)
    lines = await pieces.lines_of(tx, order_id)
    counts = pieces.wanted_of(lines, want.lines)
    arrived = await queries.arrivals(tx, order_id)
    if not arrived:
        raise NothingToReturn(order=order_id, state=order.state)
    until = rules.ask_until(arrived, within=within)
    if side is Side.BUYER and until is not None and now > until:
        raise TooLateToReturn(order=order_id, until=until.isoformat())
    await _must_replace(tx, want, lines)
    await pieces.ask_back(tx, order_id, counts)
    row = OrderReturn(
        id=ids.new("rtn"),
        order_id=order_id,
        merchant_id=order.merchant_id,
        state=ReturnState.ASKED,
        wish=want.wish,
        reason=want.reason,
        note=want.note,
        lines=[each.model_dump() for each in want.lines],
        asked_by=by.id,
        asked_at=now,
    )
    tx.add(row)
    await tx.flush()
    await _tell(tx, row, order, now)
    return row.id


async def approve(tx: Tx, return_id: str, note: str, *, by: Principal, now: datetime) -> None:
    """The goods may come; ``note`` says where to. Raises NoSuchReturn, WrongReturnState."""
    order, _ = await for_merchant(tx, return_id, by)
    answered: dict[str, Any] = {"answer": note, "answered_by": by.id, "answered_at": now}
    await step(tx, return_id, ReturnState.APPROVED, order, now=now, **answered)


async def refuse(tx: Tx, return_id: str, note: str, *, by: Principal, now: datetime) -> None:
    """The goods stay with the buyer, for this reason. Raises NoSuchReturn,
    WrongReturnState."""
    order, row = await for_merchant(tx, return_id, by)
    answered: dict[str, Any] = {
        "answer": note,
        "answered_by": by.id,
        "answered_at": now,
        "closed_at": now,
    }
    await step(tx, return_id, ReturnState.REFUSED, order, now=now, **answered)
    await pieces.keep(tx, order.id, counts_of(row))


async def withdraw(tx: Tx, return_id: str, *, by: Principal, now: datetime) -> None:
    """The buyer keeps the goods after all. Raises NoSuchReturn, WrongReturnState."""
    row = await tx.get(OrderReturn, return_id)
    order = None if row is None else await pieces.locked(tx, row.order_id)
    if row is None or order is None or order.buyer != by.id:
        raise NoSuchReturn(goods_return=return_id)
    await step(tx, return_id, ReturnState.WITHDRAWN, order, now=now, closed_at=now)
    await pieces.keep(tx, order.id, counts_of(row))


async def receive(tx: Tx, return_id: str, *, by: Principal, now: datetime) -> None:
    """The goods are here. Raises NoSuchReturn, WrongReturnState."""
    order, _ = await for_merchant(tx, return_id, by)
    await step(tx, return_id, ReturnState.RECEIVED, order, now=now, received_at=now)


async def inspect(
    tx: Tx, return_id: str, want: Inspection, *, by: Principal, now: datetime
) -> None:
    """Every piece is looked at: what can be sold again is on hand again, the rest is written
    off; the stock journal has both.

    Raises:
        NoSuchReturn, WrongReturnState.
        CountsDiffer: some pieces are told twice, or not at all.
    """
    order, row = await for_merchant(tx, return_id, by)
    found = {each.line: each.restocked + each.written_off for each in want.lines}
    if found != counts_of(row) or len(found) < len(want.lines):
        raise CountsDiffer(lines=row.lines)
    told = [each.model_dump() for each in want.lines]
    seen: dict[str, Any] = {"inspection": told, "inspected_by": by.id, "inspected_at": now}
    await step(tx, return_id, ReturnState.INSPECTED, order, now=now, **seen)
    lines = await pieces.lines_of(tx, order.id)
    back: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for each in want.lines:
        back[lines[each.line].variant_id] += each.restocked + each.written_off
        lost[lines[each.line].variant_id] += each.written_off
    await stock.put_back(tx, back, reference=return_id, now=now)
    await stock.write_off(tx, lost, reference=return_id, now=now)


async def refund(tx: Tx, return_id: str, *, by: Principal, now: datetime) -> None:
    """The buyer gets back exactly what these pieces cost, delivered, as far as it has not
    gone back before. Raises NoSuchReturn, WrongReturnState, MoneyDisputed."""
    order, row = await for_merchant(tx, return_id, by)
    counts = counts_of(row)
    lines = await pieces.lines_of(tx, order.id)
    moved = await step(
        tx, return_id, ReturnState.REFUNDED, order, now=now, tell=False, closed_at=now
    )
    await pieces.refund(tx, order.id, counts)
    cost = pieces.cost_of(lines, await pieces.paid_for(tx, order, lines), counts, by="refunded")
    moved.refund_id = await refunding.refund_parts(
        tx, order, cost, reason=f"returned: {row.reason}", key=return_id, by=by.id, now=now
    )
    await pieces.free(tx, order.id, counts)  # last: it reads the lines anew
    await tx.flush()
    await _tell(tx, moved, order, now)


def counts_of(row: OrderReturn) -> dict[str, int]:
    """How many pieces of each line come back."""
    return {each["line"]: each["count"] for each in row.lines}


async def for_merchant(tx: Tx, return_id: str, by: Principal) -> tuple[Order, OrderReturn]:
    """The return and its order, locked, for those who work for the merchant.

    Raises:
        NoSuchReturn: there is none with that id, or it is another merchant's.
        NotAllowed: the caller's role leaves returns alone.
    """
    row = await tx.get(OrderReturn, return_id)
    if row is None:
        raise NoSuchReturn(goods_return=return_id)
    order = await pieces.locked(tx, row.order_id)
    await tx.refresh(row)
    try:
        side = side_of(order, by)
    except NoSuchOrder:
        raise NoSuchReturn(goods_return=return_id) from None
    if side is Side.BUYER:
        raise NoSuchReturn(goods_return=return_id)
    return order, row


async def step(
    tx: Tx,
    return_id: str,
    to: ReturnState,
    order: Order,
    *,
    now: datetime,
    tell: bool = True,
    **new: Any,
) -> OrderReturn:
    """The row in its new state. Raises WrongReturnState: it was in none that leads there."""
    move = (
        sa.update(OrderReturn)
        .where(col(OrderReturn.id) == return_id, col(OrderReturn.state).in_(rules.before(to)))
        .values(state=to, **new)
        .returning(OrderReturn)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    row = (await tx.execute(move)).scalar_one_or_none()
    if row is None:
        was = await tx.get_one(OrderReturn, return_id, populate_existing=True)
        raise WrongReturnState(goods_return=return_id, state=was.state, wanted=to)
    if tell:
        await _tell(tx, row, order, now)
    return row


async def _must_replace(tx: Tx, want: AskReturn, lines: dict[str, OrderLine]) -> None:
    others = [each for each in want.lines if each.variant is not None]
    goods = await catalogue.goods(tx, [each.variant for each in others if each.variant])
    for each in others:
        product, _ = goods[each.variant or ""]
        if product.id != lines[each.line].product_id:
            raise NotAReplacement(line=each.line, variant=each.variant)


async def _tell(tx: Tx, row: OrderReturn, order: Order, now: datetime) -> None:
    fact = ReturnMoved(
        goods_return=row.id,
        order=order.id,
        merchant=order.merchant_id,
        buyer=order.buyer,
        live=order.live_id,
        state=row.state,
        refund=row.refund_id,
        at=now,
    )
    await emit(tx, fact)
