"""How a purchase ends: ready to be paid, paid, cancelled, or paid too late.

Webhooks, the buyer's return and the sweeper may all try to end one purchase at once. Each
step is one guarded UPDATE; whoever gets the row back does what follows, nobody else does.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue import stock
from livecommerce.crossborder.wire import QuoteOut
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.live.offers import actions as offers
from livecommerce.orders import rules
from livecommerce.orders.errors import PaidDiffers
from livecommerce.orders.events import (
    CheckoutCancelled,
    CheckoutPaid,
    LatePaymentRefunded,
    OrderPaid,
    PaymentReady,
    PaymentRefused,
    SoldLine,
)
from livecommerce.orders.rules import LIVE, NEXT, NEXT_ORDER, CheckoutState, OrderState
from livecommerce.orders.tables import Checkout, Order, OrderLine
from livecommerce.settlement import actions as settlement
from livecommerce.settlement.rules import Charging, Parts, Terms
from payments import intents, refunds
from payments.events import PaymentCaptured


async def ready(tx: Tx, checkout_id: str, payment: str, *, now: datetime) -> None:
    """The provider is ready: from now on the buyer's clock runs."""
    row = await _move(tx, checkout_id, CheckoutState.AWAITING_PAYMENT, [CheckoutState.PLACED])
    if row is None:
        return
    row.pay_by = row.look_at = now + timedelta(seconds=row.pay_within_s)
    fact = PaymentReady(checkout=row.id, buyer=row.buyer, payment=payment, pay_by=row.pay_by)
    await emit(tx, fact)


async def busy(tx: Tx, checkout_id: str, *, now: datetime) -> None:
    """A wallet has the buyer's word and not yet the money: wait for it a little longer, once.

    Afterwards the purchase stays as it is, and the provider is asked again and again to make
    paying impossible: the goods are for sale again on its word, and not by our clock.
    """
    before = [CheckoutState.PLACED, CheckoutState.AWAITING_PAYMENT, CheckoutState.CANCELLING]
    once = col(Checkout.extended_at).is_(None)
    row = await _move(
        tx, checkout_id, CheckoutState.AWAITING_PAYMENT, before, once, extended_at=now
    )
    if row is not None:
        row.pay_by = row.look_at = max(row.pay_by or now, now + rules.WALLETS_TAKE)


async def refused(tx: Tx, checkout_id: str, code: str) -> None:
    """An attempt was declined. The buyer hears of it and may try again."""
    row = await tx.get(Checkout, checkout_id)
    if row is not None and row.state in LIVE:
        await emit(tx, PaymentRefused(checkout=row.id, buyer=row.buyer, code=code))


async def captured(tx: Tx, event: PaymentCaptured, *, now: datetime) -> None:
    """The money is there: the goods are sold. If they had been given back, they are claimed
    again, and the coupons with them; if that fails, the money goes back.

    Raises:
        PaidDiffers: another amount was collected than the purchase costs.
    """
    checkout = await _locked(tx, event.reference)
    if checkout is None:
        return  # not a purchase of ours
    was = checkout.state
    paid = await _move(tx, checkout.id, CheckoutState.PAID, LIVE, paid_at=now, ended_at=now)
    if paid is not None:
        _must_agree(paid, event.amount)
        await stock.sell(tx, await catalogue.holds_of_checkout(tx, paid.id), now=now)
        await _orders_paid(tx, paid, event.payment, now=now)
    elif was is CheckoutState.CANCELLED:
        await _paid_late(tx, checkout, event, now=now)


async def _paid_late(
    tx: Tx, checkout: Checkout, event: PaymentCaptured, *, now: datetime
) -> None:
    before = [CheckoutState.CANCELLED]
    holds = await catalogue.holds_of_checkout(tx, checkout.id)
    quoted = QuoteOut.model_validate(checkout.quote)
    used = [offer for line in quoted.lines for offer in line.offers]
    sold = event.amount == checkout.total
    sold = sold and await offers.use_again(tx, used, checkout=checkout.id)
    if sold and not await stock.reclaim(tx, holds, now=now):
        await offers.give_back(tx, checkout.id)
        sold = False
    if sold:
        row = await _move(tx, checkout.id, CheckoutState.PAID, before, paid_at=now)
        if row is not None:
            await _orders_paid(tx, row, event.payment, now=now)
        return
    row = await _move(tx, checkout.id, CheckoutState.LATE_REFUNDED, before, ended_at=now)
    if row is not None:
        await _give_back(tx, row, event, now=now)


async def cancelled(tx: Tx, checkout_id: str, *, now: datetime) -> None:
    """Nobody can pay any more, by the provider's word: the goods are for sale again."""
    row = await _move(tx, checkout_id, CheckoutState.CANCELLED, LIVE, ended_at=now)
    if row is None:
        return
    holds = await catalogue.holds_of_checkout(tx, row.id)
    await stock.release(tx, holds, now=now, lapsed=True)
    await offers.give_back(tx, row.id)
    orders = await _move_orders(tx, row.id, OrderState.CANCELLED, ended_at=now)
    fact = CheckoutCancelled(
        checkout=row.id,
        buyer=row.buyer,
        live=row.live_id,
        orders=[order.id for order in orders],
        at=now,
    )
    await emit(tx, fact)


def parts_of(order: Order) -> Parts:
    """What an order's total is made of."""
    return Parts(
        goods=order.money(order.goods_minor),
        shipping=order.money(order.shipping_minor),
        duty=order.money(order.duty_minor),
        tax=order.money(order.tax_minor),
        fees=order.money(order.fees_minor),
    )


def sale_of(
    order: Order, payment: str, charging: Charging = Charging.SEPARATE
) -> settlement.Sale:
    """The order as the books see it."""
    return settlement.Sale(
        order=order.id,
        merchant=order.merchant_id,
        country=order.country,
        payment=payment,
        parts=parts_of(order),
        terms=Terms(**order.commission),
        charging=charging,
    )


async def _orders_paid(tx: Tx, checkout: Checkout, payment: str, *, now: datetime) -> None:
    orders = await _move_orders(tx, checkout.id, OrderState.PAID, paid_at=now, ended_at=None)
    lines = sa.select(OrderLine).where(col(OrderLine.order_id).in_([o.id for o in orders]))
    by_order: dict[str, list[SoldLine]] = {}
    for line in (await tx.execute(lines.order_by(col(OrderLine.id)))).scalars():
        by_order.setdefault(line.order_id, []).append(_sold(line))
    charged = (await intents.get(tx, payment)).details.get(intents.CHARGING)
    charging = Charging(charged or Charging.SEPARATE)
    for order in orders:
        await settlement.record_sale(tx, sale_of(order, payment, charging), now=now)
    facts = [_order_paid(order, by_order.get(order.id, []), now) for order in orders]
    whole = CheckoutPaid(
        checkout=checkout.id,
        buyer=checkout.buyer,
        payment=payment,
        orders=[order.id for order in orders],
        total=checkout.total,
        at=now,
    )
    await emit(tx, *facts, whole)


def _order_paid(order: Order, lines: list[SoldLine], now: datetime) -> OrderPaid:
    return OrderPaid(
        order=order.id,
        checkout=order.checkout_id,
        merchant=order.merchant_id,
        buyer=order.buyer,
        live=order.live_id,
        lines=lines,
        total=order.money(order.total_minor),
        at=now,
    )


def _sold(line: OrderLine) -> SoldLine:
    return SoldLine(
        line=line.id,
        product=line.product_id,
        variant=line.variant_id,
        card=line.card_id,
        segment=line.segment_id,
        count=line.count,
        unit_price=Money(line.unit_price_minor, line.unit_price_currency),
    )


async def _give_back(
    tx: Tx, checkout: Checkout, event: PaymentCaptured, *, now: datetime
) -> None:
    refund = await refunds.request(
        tx,
        payment=event.payment,
        reference=checkout.id,
        amount=event.amount,
        reason="late payment",
        key=f"{checkout.id}:late",
        now=now,
    )
    paid = await intents.get(tx, event.payment)
    sent = (paid.direct_owner, paid.direct) if paid.direct_owner and paid.direct else None
    await settlement.record_late_payment(tx, event.payment, event.amount, sent=sent, now=now)
    fact = LatePaymentRefunded(
        checkout=checkout.id,
        buyer=checkout.buyer,
        refund=refund.id,
        total=event.amount,
        at=now,
    )
    await emit(tx, fact)


def _must_agree(checkout: Checkout, amount: Money) -> None:
    if amount != checkout.total:
        raise PaidDiffers(
            checkout=checkout.id,
            paid=amount.minor,
            total=checkout.total_minor,
            currency=checkout.currency,
        )


async def _locked(tx: Tx, checkout_id: str) -> Checkout | None:
    row = sa.select(Checkout).where(col(Checkout.id) == checkout_id).with_for_update()
    fresh = row.execution_options(populate_existing=True)
    return (await tx.execute(fresh)).scalar_one_or_none()


async def _move(
    tx: Tx,
    checkout_id: str,
    to: CheckoutState,
    was: Iterable[CheckoutState],
    *guards: sa.ColumnElement[bool],
    **new: Any,
) -> Checkout | None:
    """The row in its new state, or nothing if it was in none of the old ones or a guard
    does not hold."""
    allowed = [state for state in was if to in NEXT[state] or state is to]
    move = (
        sa.update(Checkout)
        .where(col(Checkout.id) == checkout_id, col(Checkout.state).in_(allowed), *guards)
        .values(state=to, **new)
        .returning(Checkout)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return (await tx.execute(move)).scalar_one_or_none()


async def _move_orders(tx: Tx, checkout_id: str, to: OrderState, **new: Any) -> list[Order]:
    move = (
        sa.update(Order)
        .where(
            col(Order.checkout_id) == checkout_id,
            col(Order.state).in_(rules.before(NEXT_ORDER, to)),
        )
        .values(state=to, **new)
        .returning(Order)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted((await tx.execute(move)).scalars(), key=lambda order: order.id)
