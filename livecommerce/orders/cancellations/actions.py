"""Cancelling pieces before they are sent: money back, goods back, in one transaction."""

from collections import Counter
from datetime import datetime

from livecommerce.catalogue import stock
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.live.offers import actions as offers
from livecommerce.orders import refunding
from livecommerce.orders.cancellations import rules
from livecommerce.orders.cancellations.errors import NothingToCancel, NotYourReason
from livecommerce.orders.cancellations.events import CancelledLine, LinesCancelled
from livecommerce.orders.cancellations.rules import Side
from livecommerce.orders.cancellations.tables import Cancellation
from livecommerce.orders.cancellations.wire import AskCancel
from livecommerce.orders.errors import NoSuchOrder
from livecommerce.orders.pieces import actions as pieces
from livecommerce.orders.rules import TO_SHIP, OrderState
from livecommerce.orders.tables import Order
from livecommerce.web.principal import MerchantRole, Principal, StaffRole


def side_of(order: Order, by: Principal) -> Side:
    """On whose side the caller stands in this order.

    Raises:
        NoSuchOrder: on nobody's.
        NotAllowed: on the merchant's, in a role that leaves orders alone.
    """
    if order.buyer == by.id:
        return Side.BUYER
    if by.is_staff(StaffRole.OPERATOR):
        return Side.CENTRE
    if not by.member_of(order.merchant_id):
        raise NoSuchOrder(order=order.id)
    by.must_act_for(order.merchant_id, MerchantRole.OWNER, MerchantRole.ASSISTANT)
    return Side.MERCHANT


async def cancel(
    tx: Tx, order_id: str, want: AskCancel, *, by: Principal, now: datetime
) -> str:
    """Do not send these pieces: what they cost goes back to the buyer exactly, and they are
    for sale again, unless they are missing or faulty. The cancellation's id.

    Raises:
        NoSuchOrder: there is none with that id, or it is none of the caller's.
        NotYourReason: a reason that only the other side can have.
        NothingToCancel: it is not paid, or nothing of it waits.
        NoSuchLine: a line is none of the order's.
        PiecesGone: so many pieces do not wait any more.
        MoneyDisputed: the buyer's bank has their money, and has not decided.
    """
    order = await pieces.locked(tx, order_id)
    side = side_of(order, by)
    if want.reason not in rules.REASONS[side]:
        allowed = sorted(rules.REASONS[side])
        raise NotYourReason(reason=want.reason, reasons=allowed)
    lines = await pieces.lines_of(tx, order_id)
    counts = pieces.wanted_of(lines, want.lines)
    if order.state not in TO_SHIP or not counts:
        raise NothingToCancel(order=order_id, state=order.state)
    await pieces.cancel(tx, order_id, counts)
    cost = pieces.cost_of(lines, await pieces.paid_for(tx, order, lines), counts, by="refunded")
    row = Cancellation(
        id=ids.new("cxl"),
        order_id=order_id,
        merchant_id=order.merchant_id,
        lines=[{"line": line, "count": count} for line, count in counts.items()],
        side=side,
        reason=want.reason,
        note=want.note,
        by=by.id,
        cancelled_at=now,
    )
    row.refund_id = await refunding.refund_parts(
        tx, order, cost, reason=f"cancelled: {want.reason}", key=row.id, by=by.id, now=now
    )
    tx.add(row)
    await tx.flush()
    await pieces.free(tx, order_id, counts)
    variants: Counter[str] = Counter()
    for line, count in counts.items():
        variants[lines[line].variant_id] += count
    await stock.put_back(tx, variants, reference=row.id, now=now)
    if want.reason not in rules.BACK_ON_SALE:
        await stock.write_off(tx, variants, reference=row.id, now=now)
    after = await pieces.follow(tx, order, now=now)
    if after.state is OrderState.CANCELLED:
        await offers.give_back(tx, order.checkout_id, merchant=order.merchant_id)
    told = [
        CancelledLine(line=line, variant=lines[line].variant_id, count=count)
        for line, count in counts.items()
    ]
    fact = LinesCancelled(
        cancellation=row.id,
        order=order_id,
        merchant=order.merchant_id,
        buyer=order.buyer,
        live=order.live_id,
        side=side,
        reason=want.reason,
        lines=told,
        refund=row.refund_id,
        whole=after.state is OrderState.CANCELLED,
        at=now,
    )
    await emit(tx, fact)
    return row.id
