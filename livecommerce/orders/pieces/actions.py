"""Counting pieces off: one guarded statement each, under the order's own lock.

Whoever counts has locked the order's row, so that its state follows from pieces that nobody
else moves at that moment. The guards and the CHECK hold without it as well.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import stock
from livecommerce.kernel.db import Tx
from livecommerce.orders.errors import NoSuchOrder
from livecommerce.orders.outcomes import parts_of
from livecommerce.orders.pieces import rules
from livecommerce.orders.pieces.errors import NoSuchLine, PiecesGone
from livecommerce.orders.pieces.rules import Pieces
from livecommerce.orders.pieces.wire import LineCount
from livecommerce.orders.rules import NEXT_ORDER, OrderState
from livecommerce.orders.tables import Checkout, Consignment, Order, OrderLine
from livecommerce.settlement import actions as settlement
from livecommerce.settlement.rules import Parts

Counts = Mapping[str, int]
"""How many pieces, by line."""

_FOLLOWS = frozenset(
    {OrderState.PAID, OrderState.PARTLY_SHIPPED, OrderState.SHIPPED, OrderState.DELIVERED}
)
_TAKE = (
    "UPDATE commerce.order_line l SET {changes} FROM"
    " unnest(cast(:lines AS text[]), cast(:counts AS int[])) AS w(line, n)"
    " WHERE l.id = w.line AND l.order_id = :order AND {guard} RETURNING l.id"
)
_SHIP = sa.text(
    _TAKE.format(
        changes="shipped = l.shipped + w.n", guard="l.shipped + l.cancelled + w.n <= l.count"
    )
)
_CANCEL = sa.text(
    _TAKE.format(
        changes="cancelled = l.cancelled + w.n, refunded = l.refunded + w.n",
        guard="l.shipped + l.cancelled + w.n <= l.count",
    )
)
_RETURN = sa.text(
    _TAKE.format(changes="returned = l.returned + w.n", guard="l.returned + w.n <= l.shipped")
)
_KEEP = sa.text(_TAKE.format(changes="returned = l.returned - w.n", guard="l.returned >= w.n"))
_REFUND = sa.text(
    _TAKE.format(
        changes="refunded = l.refunded + w.n",
        guard="l.refunded + w.n <= l.cancelled + l.returned",
    )
)


async def locked(tx: Tx, order_id: str) -> Order:
    """The order, nobody else's to move until the transaction ends.

    Raises:
        NoSuchOrder: there is none with that id.
    """
    order = await tx.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NoSuchOrder(order=order_id)
    return order


async def lines_of(tx: Tx, order_id: str) -> dict[str, OrderLine]:
    """The order's lines as they stand, by id."""
    mine = sa.select(OrderLine).where(col(OrderLine.order_id) == order_id)
    fresh = mine.order_by(col(OrderLine.id)).execution_options(populate_existing=True)
    return {line.id: line for line in (await tx.execute(fresh)).scalars()}


def pieces_of(line: OrderLine) -> Pieces:
    """How the line's pieces stand."""
    return Pieces(line.count, line.shipped, line.cancelled, line.returned, line.refunded)


def wanted_of(
    lines: Mapping[str, OrderLine], want: Sequence[LineCount] | None
) -> dict[str, int]:
    """The pieces that are meant: those named, or all that wait.

    Raises:
        NoSuchLine: a line is none of the order's.
    """
    if want is None:
        waits = {id_: pieces_of(line).waiting for id_, line in lines.items()}
        return {id_: count for id_, count in waits.items() if count}
    for each in want:
        if each.line not in lines:
            raise NoSuchLine(line=each.line)
    return {each.line: each.count for each in want}


async def ship(tx: Tx, order_id: str, counts: Counts) -> None:
    """These pieces are sent. Raises PiecesGone: they are not there to be sent."""
    await _take(tx, _SHIP, order_id, counts)


async def cancel(tx: Tx, order_id: str, counts: Counts) -> None:
    """These pieces are not sent, and their money goes back. Raises PiecesGone."""
    await _take(tx, _CANCEL, order_id, counts)


async def ask_back(tx: Tx, order_id: str, counts: Counts) -> None:
    """These pieces shall come back. Raises PiecesGone: they were not sent, or come already."""
    await _take(tx, _RETURN, order_id, counts)


async def keep(tx: Tx, order_id: str, counts: Counts) -> None:
    """These pieces stay with the buyer after all. Raises PiecesGone."""
    await _take(tx, _KEEP, order_id, counts)


async def refund(tx: Tx, order_id: str, counts: Counts) -> None:
    """The buyer gets the money, or a replacement, for these pieces. Raises PiecesGone."""
    await _take(tx, _REFUND, order_id, counts)


async def _take(tx: Tx, statement: sa.TextClause, order_id: str, counts: Counts) -> None:
    """All of them or none: a row that does not come back undoes the caller's transaction."""
    values = {"order": order_id, "lines": list(counts), "counts": list(counts.values())}
    taken = set((await tx.execute(statement, values)).scalars())
    gone = [line for line in counts if line not in taken]
    if gone or not counts:
        raise PiecesGone(order=order_id, lines=gone)


async def free(tx: Tx, order_id: str, counts: Counts) -> None:
    """These pieces were given back for their money: the buyer's and the household's limits
    count them no more. A replacement's are those of the line that it stands for."""
    lines = await lines_of(tx, order_id)
    given: Counter[str] = Counter()
    for id_, count in counts.items():
        line = lines[id_]
        while line.replaces_id is not None:
            line = lines[line.replaces_id]
        given[line.hold_id] += count
    await stock.free(tx, given)


_NEVER_LEFT = sa.text(
    "WITH waits AS (SELECT id, count - shipped - cancelled AS n FROM commerce.order_line"
    " WHERE order_id = :order AND shipped + cancelled < count FOR UPDATE)"
    " UPDATE commerce.order_line l SET cancelled = l.cancelled + w.n,"
    " refunded = l.refunded + w.n FROM waits w WHERE l.id = w.id"
    " RETURNING l.id, l.variant_id, w.n"
)


async def put_back(tx: Tx, order_id: str, *, now: datetime) -> None:
    """What was paid back and never left is on hand again, and nobody can send it."""
    counts: Counter[str] = Counter()
    gone: dict[str, int] = {}
    for line, variant, count in await tx.execute(_NEVER_LEFT, {"order": order_id}):
        counts[variant] += count
        gone[line] = count
    await free(tx, order_id, gone)
    await stock.put_back(tx, counts, reference=order_id, now=now)


async def stands(tx: Tx, order: Order) -> OrderState:
    """The state of a paid order by its pieces and parcels."""
    lines = await lines_of(tx, order.id)
    on_its_way = sa.select(sa.func.count()).where(
        col(Consignment.order_id) == order.id, col(Consignment.delivered_at).is_(None)
    )
    arrived = (await tx.execute(on_its_way)).scalar_one() == 0
    return rules.state_of(map(pieces_of, lines.values()), all_delivered=arrived)


async def follow(tx: Tx, order: Order, *, now: datetime) -> Order:
    """Bring a paid order's state in line with its pieces and parcels.

    Args:
        order: locked by the caller.
    """
    if order.state not in _FOLLOWS:
        return order
    state = await stands(tx, order)
    if state is order.state or state not in NEXT_ORDER[order.state]:
        return order
    new: dict[str, Any] = {"state": state}
    if state in {OrderState.PARTLY_SHIPPED, OrderState.SHIPPED}:
        new["shipped_at"] = sa.func.coalesce(col(Order.shipped_at), now)
    if state is OrderState.DELIVERED:
        new["delivered_at"] = now
    if state is OrderState.CANCELLED:
        new["ended_at"] = now
    move = (
        sa.update(Order)
        .where(col(Order.id) == order.id, col(Order.state) == order.state)
        .values(**new)
        .returning(Order)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if state in {OrderState.SHIPPED, OrderState.DELIVERED}:  # all of it has left
        await settlement.goods_left(tx, order.id, now=now)
    return (await tx.execute(move)).scalar_one()


async def paid_for(tx: Tx, order: Order, lines: Mapping[str, OrderLine]) -> dict[str, Parts]:
    """What the whole of each line cost, by line: from the frozen quote, or for a replacement
    what the pieces cost that it stands for."""
    purchase = await tx.get_one(Checkout, order.checkout_id)
    bought = [line for line in lines.values() if line.parts is None]
    charges = [
        charge
        for parcel in purchase.quote["parcels"]
        if parcel["merchant"] == order.merchant_id
        for charge in parcel["charges"]
    ]
    holds = [line.hold_id for line in bought]
    quoted = rules.by_line(parts_of(order), holds, charges)
    found = {line.id: quoted[line.hold_id] for line in bought}
    for line in lines.values():
        if line.parts is not None:
            amounts = {name: order.money(line.parts[name]) for name in rules.PARTS}
            found[line.id] = Parts(**amounts)
    return found


def cost_of(
    lines: Mapping[str, OrderLine], paid: Mapping[str, Parts], counts: Counts, *, by: str
) -> Parts:
    """What these pieces cost, counted on from the ``shipped`` or the ``refunded`` ones.

    Args:
        lines: as they stood before the pieces were counted off.
    """
    slices = [
        rules.slice_of(paid[id_], lines[id_].count, start=getattr(lines[id_], by), pieces=count)
        for id_, count in counts.items()
    ]
    return rules.sum_of(slices, next(iter(paid.values())).goods.currency)
