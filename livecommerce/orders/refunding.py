"""Giving money back for an order: asked here, sent by payments, settled on its word.

What is asked for is set aside from the order by one guarded UPDATE, so any number of partial
refunds at once never give back more than was paid.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.live.offers import actions as offers
from livecommerce.orders import disputing, rules
from livecommerce.orders.errors import (
    NotRefundable,
    RefundCurrencyDiffers,
    RefundNotPositive,
    RefundTooMuch,
)
from livecommerce.orders.events import OrderRefunded
from livecommerce.orders.lates import actions as lates
from livecommerce.orders.outcomes import parts_of, sale_of
from livecommerce.orders.pieces import actions as counted
from livecommerce.orders.pieces import rules as pieces
from livecommerce.orders.pieces.rules import PARTS
from livecommerce.orders.rules import NEXT_REFUND, OrderState, RefundState
from livecommerce.orders.tables import Checkout, Order, OrderRefund
from livecommerce.orders.wire import AskRefund
from livecommerce.settlement import actions as settlement
from livecommerce.settlement.rules import Parts
from livecommerce.web.principal import MerchantRole, Principal, StaffRole
from payments import refunds
from payments.events import RefundFailed, RefundSettled
from payments.rules import CHARGED_BACK


async def refund(
    tx: Tx, order_id: str, want: AskRefund, *, key: str, by: Principal, now: datetime
) -> str:
    """Give back some of what was paid for the order, or all that is left; the refund's id.

    It pays what is owed of refunds that failed first.

    Args:
        key: the caller's own; asking again with it gives the same refund.

    Raises:
        NoSuchOrder: there is none with that id, or it is another merchant's.
        NotRefundable: it was not paid.
        RefundCurrencyDiffers, RefundNotPositive: that is no amount to give back of it.
        MoneyDisputed: the buyer's bank has some of that.
        RefundTooMuch: less than that is left.
    """
    order = await counted.locked(tx, order_id)
    if not by.is_staff(StaffRole.FINANCE, StaffRole.OPERATOR):
        by.must_act_for(order.merchant_id, MerchantRole.FINANCE, MerchantRole.OWNER)
    # The caller's own, and out of the way of the keys of cancellations and returns.
    key = f"asked/{by.id}/{key}"
    again = await asked_before(tx, order_id, key)
    if again is not None:
        return again
    left = order.left
    amount = left if want.amount is None else want.amount
    if not _refundable(order):
        raise NotRefundable(order=order_id, state=order.state)
    if want.amount is not None:
        must_be_of(order, amount)
    if not 0 < amount.minor <= left.minor:
        disputing.must_be_free(order, amount)
        raise RefundTooMuch(
            order=order_id, wanted=amount.minor, left=left.minor, currency=order.currency
        )
    asked = await _asked(tx, order, amount, reason=want.reason, key=key, now=now)
    row = row_of(order, amount, refund=asked, reason=want.reason, by=by.id, now=now)
    await set_aside(tx, order, row, key=key)
    return row.id


async def refund_parts(
    tx: Tx, order: Order, parts: Parts, *, reason: str, key: str, by: str, now: datetime
) -> str | None:
    """Give back exactly these parts of what was paid, as far as they have not gone back
    before, nor to the buyer by their bank; the refund's id, or none if nothing is left of
    them.

    Args:
        order: locked by the caller, and paid.
        key: asking again with it gives the same refund.

    Raises:
        NotRefundable: it was not paid.
        MoneyDisputed: a bank has some of it, and has not decided.
    """
    if not _refundable(order):
        raise NotRefundable(order=order.id, state=order.state)
    again = await asked_before(tx, order.id, key)
    if again is not None:
        return again
    left = await _left(tx, order)
    given = pieces.within(parts, Parts(**dict(zip(PARTS, left, strict=True))))
    given = disputing.within_reach(order, given)
    if not given.total:
        return None
    asked = await _asked(tx, order, given.total, reason=reason, key=key, now=now)
    row = row_of(order, given.total, refund=asked, reason=reason, by=by, now=now)
    await set_aside(tx, order, row, key=key, shares=[getattr(given, n) for n in PARTS])
    return row.id


async def settled(tx: Tx, event: RefundSettled, *, now: datetime) -> None:
    """The buyer has the money: post it, and put goods that never left back on hand. What
    belongs to no order of ours stands in suspense until somebody looks."""
    mine = await _of_refund(tx, event.refund)
    if not mine and await lates.settled(tx, event, now=now):
        return
    rows = mine or await _adopt(tx, event, now=now)
    if not rows:
        await settlement.record_unmatched_refund(tx, event.refund, event.amount, now=now)
    for row in rows:
        moved = await _move(tx, row.id, RefundState.SETTLED, settled_at=now)
        if moved is not None:
            await after_settled(tx, moved, now=now)


async def failed(tx: Tx, event: RefundFailed, *, now: datetime) -> None:
    """The money came back to us: the order owes it until it is sent again or paid another way,
    and stands as its pieces and parcels do. People are told."""
    rows = await _of_refund(tx, event.refund)
    if not rows:
        await lates.failed(tx, event, now=now)
    for row in rows:
        moved = await _move(tx, row.id, RefundState.FAILED)
        if moved is None:
            continue
        order = await counted.locked(tx, moved.order_id)
        before = order.owed_minor
        order.refunded_minor -= moved.amount_minor
        order.owed_minor += moved.amount_minor
        await disputing.weigh(tx, order)
        if order.state is OrderState.REFUNDED:
            order.state = await counted.stands(tx, order)
            order.ended_at = order.ended_at if order.state is OrderState.CANCELLED else None
        await tx.flush()
        if event.settled:
            await settlement.undo_refund(
                tx, moved.order_id, moved.id, reason=event.code, now=now
            )
        part = moved.amount_minor
        if event.code == CHARGED_BACK:  # the buyer has from their bank what is not owed
            known = order.dispute is not None
            part = min(part, order.owed_minor - before) if known else 0
        if part > 0:
            await emit(tx, disputing.refund_failed(order, moved, part, now=now))


def must_be_of(order: Order, amount: Money) -> None:
    """An amount that somebody named is one to give back of the order.

    Raises:
        RefundCurrencyDiffers, RefundNotPositive: it is not.
    """
    if amount.currency != order.currency:
        raise RefundCurrencyDiffers(
            order=order.id, wanted=amount.currency, currency=order.currency
        )
    if amount.minor <= 0:
        raise RefundNotPositive(order=order.id, wanted=amount.minor, currency=order.currency)


def _refundable(order: Order) -> bool:
    return order.state in rules.REFUNDABLE and order.paid_at is not None


async def _asked(
    tx: Tx, order: Order, amount: Money, *, reason: str, key: str, now: datetime
) -> str:
    """Payments set the amount aside and send it; their refund's id."""
    checkout = await tx.get_one(Checkout, order.checkout_id)
    assert checkout.payment_id is not None
    asked = await refunds.request(
        tx,
        payment=checkout.payment_id,
        reference=order.id,
        amount=amount,
        reason=reason,
        key=f"{order.id}:{key}",
        now=now,
    )
    return asked.id


def row_of(
    order: Order, amount: Money, *, refund: str, reason: str, by: str, now: datetime
) -> OrderRefund:
    """A refund of the order, not set aside yet."""
    return OrderRefund(
        id=refund,
        refund_id=refund,
        asked_key="",
        order_id=order.id,
        merchant_id=order.merchant_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        parts={},
        reason=reason,
        state=RefundState.WANTED,
        by=by,
        requested_at=now,
    )


async def _left(tx: Tx, order: Order) -> list[Money]:
    """What has not gone back yet, part by part."""
    given, whole = await _given(tx, order.id), parts_of(order)
    return [getattr(whole, name) - order.money(given[name]) for name in PARTS]


async def set_aside(
    tx: Tx, order: Order, row: OrderRefund, *, key: str, shares: list[Money] | None = None
) -> OrderRefund:
    """Take the row's amount from the parts of the order, which the caller has locked: by
    what is left of each, if the caller does not say which."""
    left, shares_by_rest = await _left(tx, order), shares is None
    shares = shares or rules.share_out(order.money(row.amount_minor), left)
    minors = {name: part.minor for name, part in zip(PARTS, shares, strict=True)}
    row.asked_key = key
    row.parts = minors | {"goods_before": order.goods_minor - left[0].minor}
    order.refunded_minor += row.amount_minor
    if shares_by_rest:  # money is money: what a person gives pays what is owed first
        order.owed_minor -= min(order.owed_minor, row.amount_minor)
    disputing.refit(order)
    tx.add(row)
    await tx.flush()
    return row


async def after_settled(
    tx: Tx, row: OrderRefund, *, outside: str | None = None, now: datetime
) -> None:
    """What follows once the buyer has the money: books, goods, offers, and the fact.

    Args:
        outside: the bank's reference, if it went past the provider.
    """
    order = await tx.get_one(Order, row.order_id, with_for_update=True, populate_existing=True)
    amounts = {name: order.money(row.parts[name]) for name in PARTS}
    purchase = await tx.get_one(Checkout, order.checkout_id)
    assert purchase.payment_id is not None
    given = settlement.GivenBack(
        refund=row.id,
        sale=sale_of(order, purchase.payment_id),
        parts=Parts(**amounts),
        goods_before=order.money(row.parts["goods_before"]),
        asked=row.refund_id,
        outside=outside,
    )
    await settlement.record_refund(tx, given, now=now)
    whole = await _settled_in_all(tx, order.id) == order.total_minor
    if whole and order.state is not OrderState.REFUNDED:
        if order.state is OrderState.PAID:  # nothing of it was sent
            await offers.give_back(tx, order.checkout_id, merchant=order.merchant_id)
        if order.state in rules.TO_SHIP:
            await counted.put_back(tx, order.id, now=now)
        order.state = OrderState.REFUNDED
        order.ended_at = now
    fact = OrderRefunded(
        order=order.id,
        merchant=order.merchant_id,
        buyer=order.buyer,
        live=order.live_id,
        refund=row.id,
        amount=order.money(row.amount_minor),
        refunded=order.money(order.refunded_minor),
        whole=whole,
        at=now,
    )
    await emit(tx, fact)


async def _adopt(tx: Tx, event: RefundSettled, *, now: datetime) -> Sequence[OrderRefund]:
    """A refund made at the provider's own desk names the purchase: share it out."""
    mine = (
        sa.select(Order)
        .where(col(Order.checkout_id) == event.reference)
        .order_by(col(Order.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    orders = [o for o in (await tx.execute(mine)).scalars() if _refundable(o)]
    left = [order.money(order.total_minor - order.refunded_minor) for order in orders]
    if not orders or Money.sum(left, event.amount.currency) < event.amount:
        return []
    adopted: list[OrderRefund] = []
    for order, part in zip(orders, rules.share_out(event.amount, left), strict=True):
        if part:
            why = "given back at the provider"
            row = row_of(order, part, refund=event.refund, reason=why, by="provider", now=now)
            row.id = ids.new("rfd")
            adopted.append(await set_aside(tx, order, row, key=event.refund))
    return adopted


async def asked_before(tx: Tx, order_id: str, key: str) -> str | None:
    """The order's refund that was asked for with this key."""
    found = sa.select(col(OrderRefund.id)).where(
        col(OrderRefund.order_id) == order_id, col(OrderRefund.asked_key) == key
    )
    return (await tx.execute(found)).scalar_one_or_none()


async def _of_refund(tx: Tx, refund_id: str) -> Sequence[OrderRefund]:
    mine = sa.select(OrderRefund).where(col(OrderRefund.refund_id) == refund_id)
    return (await tx.execute(mine.order_by(col(OrderRefund.id)))).scalars().all()


async def _given(tx: Tx, order_id: str) -> dict[str, int]:
    """What of each part has been given back, or is on its way."""
    mine = sa.select(col(OrderRefund.parts)).where(
        col(OrderRefund.order_id) == order_id,
        col(OrderRefund.state) != RefundState.FAILED,
    )
    given = dict.fromkeys(PARTS, 0)
    for parts in (await tx.execute(mine)).scalars():
        for name in PARTS:
            given[name] += parts[name]
    return given


async def _settled_in_all(tx: Tx, order_id: str) -> int:
    total = sa.select(sa.func.coalesce(sa.func.sum(OrderRefund.amount_minor), 0)).where(
        col(OrderRefund.order_id) == order_id, col(OrderRefund.state) == RefundState.SETTLED
    )
    return int((await tx.execute(total)).scalar_one())


async def _move(tx: Tx, row_id: str, to: RefundState, **new: Any) -> OrderRefund | None:
    move = (
        sa.update(OrderRefund)
        .where(
            col(OrderRefund.id) == row_id,
            col(OrderRefund.state).in_(rules.before(NEXT_REFUND, to)),
        )
        .values(state=to, **new)
        .returning(OrderRefund)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return (await tx.execute(move)).scalar_one_or_none()
