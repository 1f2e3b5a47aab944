"""What orders do outside the database: open and cancel payments, tell buyers."""

import logging
from datetime import datetime, timedelta

from livecommerce.catalogue.rules import masked
from livecommerce.crossborder.errors import NoRate, RatesTooOld
from livecommerce.crossborder.rates import Rates
from livecommerce.identity import queries as people
from livecommerce.identity.rules import guest_name
from livecommerce.kernel.outbox import emit
from livecommerce.live.board import Board
from livecommerce.orders import actions, evidence, letters, outcomes, queries
from livecommerce.orders.cancellations.events import LinesCancelled
from livecommerce.orders.events import (
    CheckoutCancelled,
    CheckoutCancelling,
    CheckoutPaid,
    LatePaymentRefunded,
    OrderDisputed,
    OrderPaid,
    OrderRefundFailed,
    OrderShipped,
    PaymentReady,
    PaymentRefused,
)
from livecommerce.orders.links import letter as links
from livecommerce.orders.returns.events import ReturnMoved
from livecommerce.resources import Resources
from livecommerce.settlement import receipts
from livecommerce.settlement.events import ReceiptWaits
from livecommerce.web.principal import SYSTEM, MerchantRole
from payments import disputes, intents
from payments import queries as payments
from payments.events import EvidenceWanted, PaymentWanted
from payments.rules import PER_SECOND, PaymentState, ready_within

AT_ONCE = 500
DOLLARS = "USD"
SEE_MONEY = (MerchantRole.OWNER, MerchantRole.FINANCE)
COUNTED_AGAIN = timedelta(hours=1)

log = logging.getLogger(__name__)


async def open_payment(r: Resources, event: PaymentWanted, *, now: datetime) -> None:
    """Ask the provider to take the payment; it says ``PaymentOpened`` when it can."""
    await intents.open_with_provider(r.db, r.payments, event.payment, now=now)


async def cancel_payment(r: Resources, event: CheckoutCancelling, *, now: datetime) -> None:
    """Make paying impossible, or learn that it is too late for that.

    Cancelled and captured are told by payments as facts, and end the purchase there. While a
    wallet is busy the purchase lives on.
    """
    payment = await intents.cancel_with_provider(r.db, r.payments, event.checkout, now=now)
    if payment.state is PaymentState.PROCESSING:
        async with r.db.begin() as tx:
            await outcomes.busy(tx, event.checkout, now=now)


async def send_receipt(r: Resources, event: CheckoutPaid, *, now: datetime) -> None:
    """The buyer gets it in writing."""
    async with r.db.begin() as tx:
        bought = await queries.checkout(tx, event.checkout, by=SYSTEM, sandbox=False)
        orders = [await queries.order(tx, order, by=SYSTEM) for order in bought.orders]
    assert bought.email is not None
    link = links.address(r.public_url, r.settings.secret_key(), event.checkout, now=now)
    letter = letters.receipt(bought, orders, home=r.public_url, link=link)
    key = f"receipt/{event.checkout}"
    await r.mail.send(bought.email, letter.subject, letter.text, key=key, now=now)


async def write_of_refund(r: Resources, event: OrderRefundFailed, *, now: datetime) -> None:
    """The buyer reads that a refund did not arrive, and what is done about it."""
    async with r.db.begin() as tx:
        order = await queries.order(tx, event.order, by=SYSTEM)
    assert order.email is not None
    link = links.address(r.public_url, r.settings.secret_key(), event.checkout, now=now)
    letter = letters.refund_failed(event, order.seller, home=r.public_url, link=link)
    key = f"refund-failed/{event.refund}"
    if event.dispute is not None:  # it may have been written of before the bank took it
        key = f"{key}/{event.dispute}"
    await r.mail.send(order.email, letter.subject, letter.text, key=key, now=now)


async def write_of_dispute(r: Resources, event: OrderDisputed, *, now: datetime) -> None:
    """Those who see the merchant's money read that a bank has taken some, or has decided."""
    async with r.db.begin() as tx:
        readers = await people.mails(tx, event.merchant, SEE_MONEY)
    letter = letters.disputed(event, home=r.public_url)
    for person, mail in readers.items():
        key = f"dispute/{event.dispute}/{event.order}/{event.state}/{person}"
        await r.mail.send(mail, letter.subject, letter.text, key=key, now=now)


async def count_receipts(
    r: Resources, event: OrderPaid | ReceiptWaits, *, now: datetime
) -> None:
    """The sale counts towards its merchant's receipts of the year, in US dollars, by the rates
    of its day. While there are none that are young enough it waits, for as long as it takes."""
    async with r.db.begin() as tx:
        order = await queries.order(tx, event.order, by=SYSTEM)
        try:
            rates = r.part(Rates).of(event.at, now=now)
            dollars = rates.convert(order.goods, DOLLARS)
        except (NoRate, RatesTooOld) as problem:
            since = event.since if isinstance(event, ReceiptWaits) else now
            facts = {"order": order.id, "why": problem.code, "since": since.isoformat()}
            log.warning("a sale is not counted yet, for want of a rate", extra=facts)
            waits = ReceiptWaits(order=order.id, at=event.at, since=since)
            await emit(tx, waits, at=now + COUNTED_AGAIN)
            return
        await receipts.count(
            tx,
            order=order.id,
            merchant=order.merchant,
            paid=order.goods,
            dollars=dollars,
            rate=rates.rate(order.goods.currency, DOLLARS),
            rate_source=f"{rates.source}, {rates.on.isoformat()}",
            now=event.at,
        )


async def answer_dispute(r: Resources, event: EvidenceWanted, *, now: datetime) -> None:
    """What the purchase says for us is put before the buyer's bank."""
    async with r.db.begin() as tx:
        note = (await disputes.get(tx, event.dispute)).note
        known = await evidence.assemble(tx, event.reference, note=note, home=r.public_url)
    await disputes.answer(r.db, r.payments, event, known, now=now)


async def tell_queue(r: Resources, *, now: datetime) -> int:
    """Buyers whose payments wait for the provider's budget hear how long; how many.

    Only while the queue is longer than a second: otherwise they are ready as they look.
    """
    async with r.db.begin() as tx:
        waiting = await payments.queue(tx)
        if len(waiting) <= PER_SECOND:
            return 0
        buyers = await queries.buyers_of(tx, waiting)
    for ahead, checkout in enumerate(waiting):
        if checkout in buyers:
            frame = queued(checkout, ahead)
            await r.gateway.publish(f"#{buyers[checkout]}", frame)
    return len(waiting)


def queued(checkout: str, ahead: int) -> dict[str, str | int]:
    """What a buyer in the queue is told."""
    told = {"t": "payment", "checkout": checkout, "state": "queued"}
    return {**told, "ahead": ahead, "ready_in_s": ready_within(ahead)}


async def end_overdue(r: Resources, *, now: datetime) -> int:
    """Start to end the purchases whose time has come; how many."""
    total = 0
    while True:
        async with r.db.begin() as tx:
            ended = await actions.end_overdue(tx, now=now, limit=AT_ONCE)
        total += ended
        if ended < AT_ONCE:
            return total


Told = (
    PaymentReady
    | PaymentRefused
    | CheckoutCancelled
    | LatePaymentRefunded
    | OrderPaid
    | OrderShipped
)


async def tell_buyer(r: Resources, event: Told, *, now: datetime) -> None:
    """The buyer's own screens hear how their purchase goes."""
    frame, key = frame_of(event)
    await r.gateway.publish(f"#{event.buyer}", frame, idempotency_key=key)


async def tell_of_change(
    r: Resources, event: LinesCancelled | ReturnMoved | OrderDisputed, *, now: datetime
) -> None:
    """The buyer's own screens hear that their order has changed after it was paid."""
    if isinstance(event, LinesCancelled):
        frame = _order(event.order, "changed", cancellation=event.cancellation)
        key = f"cancelled/{event.cancellation}"
    elif isinstance(event, OrderDisputed):
        frame = _order(event.order, "changed", dispute=event.dispute)
        key = f"dispute/{event.dispute}/{event.order}/{event.state}"
    else:
        frame = _order(event.order, "changed", goods_return=event.goods_return)
        key = f"return/{event.goods_return}/{event.state}"
    await r.gateway.publish(f"#{event.buyer}", frame, idempotency_key=key)


def frame_of(event: Told) -> tuple[dict[str, str], str | None]:
    """What the buyer's private channel is told, and the key under which it is told once."""
    match event:
        case PaymentReady(checkout=checkout):
            by = event.pay_by.isoformat()
            return _payment(checkout, "awaiting_payment", pay_by=by), f"ready/{checkout}"
        case PaymentRefused(checkout=checkout):
            return _payment(checkout, "refused", code=event.code), None
        case CheckoutCancelled(checkout=checkout):
            return _payment(checkout, "cancelled"), f"cancelled/{checkout}"
        case LatePaymentRefunded(checkout=checkout):
            return _payment(checkout, "late_refunded"), f"late/{checkout}"
        case OrderPaid(order=order):
            return _order(order, "paid", checkout=event.checkout), f"paid/{order}"
        case OrderShipped(order=order):
            return _order(order, "shipped", consignment=event.consignment), f"shipped/{order}"


def _payment(checkout: str, state: str, **more: str) -> dict[str, str]:
    return {"t": "payment", "checkout": checkout, "state": state, **more}


def _order(order: str, state: str, **more: str) -> dict[str, str]:
    return {"t": "order", "order": order, "state": state, **more}


async def tell_room(r: Resources, event: OrderPaid, *, now: datetime) -> None:
    """The room learns that something was sold, and of the buyer no more than a letter."""
    if event.live is None:
        return
    async with r.db.begin() as tx:
        names = await people.names(tx, [event.buyer])
    name = names.get(event.buyer) or guest_name(event.buyer, "en")
    for line in event.lines:
        frame = {
            "t": "sold",
            "variant": line.variant,
            "product": line.product,
            "count": line.count,
            "name": masked(name),
        }
        await r.part(Board).sold(event.live, frame, key=f"sold/{line.line}")
