"""A buyer's bank contests a purchase: what of each order's money it has, the order says.

A dispute is about a payment; it is shared out over the purchase's orders once, when it opens,
and each order keeps its part. Whoever gives money back, ships, or hears of the bank holds the
order's row, so that no two of them spend the same money.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.orders import rules
from livecommerce.orders.errors import DisputedUnpaid, MoneyDisputed, NotWhileDisputed
from livecommerce.orders.events import OrderDisputed, OrderRefundFailed
from livecommerce.orders.lates import actions as late_money
from livecommerce.orders.lates import queries as lates
from livecommerce.orders.pieces import actions as pieces
from livecommerce.orders.pieces.rules import PARTS
from livecommerce.orders.rules import (
    TAKES,
    TO_SHIP,
    CheckoutState,
    DisputeState,
    RefundState,
)
from livecommerce.orders.tables import Checkout, Order, OrderDispute, OrderRefund
from livecommerce.settlement import disputing as settlement
from livecommerce.settlement.rules import Parts
from payments.events import DisputeClosed, DisputeOpened

_DECIDED = frozenset({CheckoutState.PAID, CheckoutState.LATE_REFUNDED})


async def opened(tx: Tx, event: DisputeOpened, *, now: datetime) -> None:
    """The bank has taken money: none of it can go back to the buyer until it decides, and
    what waits is not sent unless somebody means it.

    Raises:
        DisputedUnpaid: that it was paid has not been told yet; told again, it will be.
    """
    orders = await _contested(tx, event.reference)
    rows = await _rows(tx, event.dispute)
    if not rows and orders:
        rows = await _shared_out(tx, event, orders, now)
        for order in orders.values():
            await weigh(tx, order)
        await _tell(tx, orders, rows, now)
    await settlement.opened(tx, event, _parts(rows), now=now)


async def closed(tx: Tx, event: DisputeClosed, *, now: datetime) -> None:
    """The bank has decided. Won, all is as before, and a debt that it covered is one again:
    people are told of it as of a refund that has just failed.
    Lost, the buyer has the money for good: of what is paid for by nobody any more, the pieces
    that never left are for sale again.

    Raises:
        NoSuchPosting: that it was opened has not been told yet; told again, it will be.
    """
    orders = await _contested(tx, event.reference)
    rows = await _rows(tx, event.dispute)
    late = None if event.won else await lates.in_dispute(tx, event.reference, event.amount)
    await settlement.closed(tx, event, _parts(rows), payable=late, now=now)
    if event.won:
        await late_money.freed(tx, event, now=now)
    news = [row for row in rows if row.state is DisputeState.OPEN]
    for row in news:
        order = orders[row.order_id]
        before = order.owed_minor
        row.state = DisputeState.WON if event.won else DisputeState.LOST
        row.closed_at = now
        await tx.flush()
        await weigh(tx, order)
        await _tell_owing(tx, order, order.owed_minor - before, event.dispute, now)
        if not event.won and not order.left and order.state in TO_SHIP:
            await pieces.put_back(tx, order.id, now=now)
            await pieces.follow(tx, order, now=now)
    await _tell(tx, orders, news, now)


async def weigh(tx: Tx, order: Order) -> None:
    """Bring what the order says in line with what banks claim and what has gone back.

    Args:
        order: locked by the caller.
    """
    mine = sa.select(OrderDispute).where(col(OrderDispute.order_id) == order.id)
    rows = (await tx.execute(mine)).scalars().all()
    states = {row.state for row in rows}
    weighed = rules.weigh(
        order.total_minor - order.refunded_minor,
        claimed=sum(row.amount_minor for row in rows if row.state in TAKES),
        debt=order.owed_minor + order.covered_minor,
        undecided=DisputeState.OPEN in states,
    )
    order.disputed_minor = weighed.disputed
    order.owed_minor, order.covered_minor = weighed.owed, weighed.covered
    order.dispute = next((state for state in _WORST_FIRST if state in states), None)
    await tx.flush()


_WORST_FIRST = (DisputeState.OPEN, DisputeState.LOST, DisputeState.WON)


def refit(order: Order) -> None:
    """More was given back than before: a bank, and a debt, have at most what is left."""
    left = order.total_minor - order.refunded_minor
    order.disputed_minor = min(order.disputed_minor, left)
    order.owed_minor = min(order.owed_minor, left - order.disputed_minor)


def must_be_free(order: Order, amount: Money) -> None:
    """Raises MoneyDisputed if it is because of a bank that so much cannot go back."""
    if order.disputed_minor:
        raise MoneyDisputed(
            order=order.id,
            wanted=amount.minor,
            left=order.left.minor,
            disputed=order.disputed_minor,
            currency=order.currency,
            dispute=order.dispute,
        )


def within_reach(order: Order, given: Parts) -> Parts:
    """As much of it as no bank has. What a bank took for good has gone back already; about
    what it may return, nobody knows.

    Raises:
        MoneyDisputed: a bank has some of it, and has not decided.
    """
    if given.total.minor <= order.left.minor:
        return given
    if order.dispute is DisputeState.OPEN:
        must_be_free(order, given.total)
    parts = [getattr(given, name) for name in PARTS]
    return Parts(**dict(zip(PARTS, rules.share_out(order.left, parts), strict=True)))


def must_be_meant(order: Order, *, despite: bool) -> None:
    """Raises NotWhileDisputed for goods of a contested order, unless somebody sends them all
    the same; and always if nobody pays for them any more."""
    if not order.disputed_minor:
        return
    lost = order.dispute is not DisputeState.OPEN and not order.left
    if lost or not despite:
        raise NotWhileDisputed(
            order=order.id,
            dispute=order.dispute,
            disputed=order.disputed_minor,
            left=order.left.minor,
            currency=order.currency,
        )


async def _contested(tx: Tx, reference: str) -> dict[str, Order]:
    """The paid orders of the purchase, locked; none, if it is none of ours or was paid too
    late."""
    checkout = await tx.get(Checkout, reference, populate_existing=True)
    if checkout is None:
        return {}
    if checkout.state not in _DECIDED:
        raise DisputedUnpaid(checkout=reference, state=checkout.state)
    theirs = sa.select(Order).where(
        col(Order.checkout_id) == reference, col(Order.paid_at).is_not(None)
    )
    locked = theirs.order_by(col(Order.id)).with_for_update()
    fresh = locked.execution_options(populate_existing=True)
    return {order.id: order for order in (await tx.execute(fresh)).scalars()}


async def _shared_out(
    tx: Tx, event: DisputeOpened, orders: Mapping[str, Order], now: datetime
) -> list[OrderDispute]:
    on_its_way = await _on_its_way(tx, list(orders))
    every = orders.values()
    layers = [
        [order.left.minor for order in every],
        [on_its_way[order.id] for order in every],
        [order.refunded_minor - on_its_way[order.id] for order in every],
        [order.total_minor for order in every],
    ]
    rows = [
        OrderDispute(
            id=ids.new("odp"),
            dispute_id=event.dispute,
            order_id=order.id,
            merchant_id=order.merchant_id,
            amount_minor=part.minor,
            currency=order.currency,
            state=DisputeState.OPEN,
            opened_at=now,
        )
        for order, part in zip(every, rules.fall_on(event.amount, layers), strict=True)
        if part
    ]
    tx.add_all(rows)
    await tx.flush()
    return rows


async def _on_its_way(tx: Tx, orders: Sequence[str]) -> dict[str, int]:
    sums = (
        sa.select(col(OrderRefund.order_id), sa.func.sum(OrderRefund.amount_minor))
        .where(
            col(OrderRefund.order_id).in_(orders),
            col(OrderRefund.state) == RefundState.WANTED,
        )
        .group_by(col(OrderRefund.order_id))
    )
    return dict.fromkeys(orders, 0) | {id_: int(n) for id_, n in await tx.execute(sums)}


async def _rows(tx: Tx, dispute: str) -> list[OrderDispute]:
    mine = sa.select(OrderDispute).where(col(OrderDispute.dispute_id) == dispute)
    fresh = mine.order_by(col(OrderDispute.order_id)).execution_options(populate_existing=True)
    return list((await tx.execute(fresh)).scalars())


def _parts(rows: Sequence[OrderDispute]) -> dict[str, Money]:
    return {row.order_id: Money(row.amount_minor, row.currency) for row in rows}


async def _tell(
    tx: Tx, orders: Mapping[str, Order], rows: Sequence[OrderDispute], now: datetime
) -> None:
    facts = [
        OrderDisputed(
            order=row.order_id,
            merchant=row.merchant_id,
            buyer=orders[row.order_id].buyer,
            live=orders[row.order_id].live_id,
            dispute=row.dispute_id,
            state=row.state,
            amount=Money(row.amount_minor, row.currency),
            at=now,
        )
        for row in rows
    ]
    await emit(tx, *facts)


async def _tell_owing(tx: Tx, order: Order, minor: int, dispute: str, now: datetime) -> None:
    """So much is owed again, of the refunds that failed last."""
    failed = sa.select(OrderRefund).where(
        col(OrderRefund.order_id) == order.id, col(OrderRefund.state) == RefundState.FAILED
    )
    newest = failed.order_by(col(OrderRefund.requested_at).desc(), col(OrderRefund.id).desc())
    for row in (await tx.execute(newest)).scalars() if minor > 0 else ():
        part = min(minor, row.amount_minor)
        minor -= part
        if part:
            await emit(tx, refund_failed(order, row, part, now=now, dispute=dispute))


def refund_failed(
    order: Order, row: OrderRefund, minor: int, *, now: datetime, dispute: str | None = None
) -> OrderRefundFailed:
    """The fact that so much of a refund is owed."""
    return OrderRefundFailed(
        order=order.id,
        checkout=order.checkout_id,
        merchant=order.merchant_id,
        buyer=order.buyer,
        live=order.live_id,
        refund=row.id,
        amount=order.money(minor),
        owed=order.money(order.owed_minor),
        dispute=dispute,
        at=now,
    )
