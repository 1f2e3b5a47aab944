"""Writing a message, and having read some."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.orders.messages import queries, rules
from livecommerce.orders.messages.errors import ThreadFull, WritingTooFast
from livecommerce.orders.messages.events import MessageSent
from livecommerce.orders.messages.rules import Side
from livecommerce.orders.messages.tables import OrderMessage, OrderThread
from livecommerce.orders.messages.wire import WriteMessage
from livecommerce.web.principal import Principal

_READ = {
    side: sa.text(
        f"UPDATE commerce.order_thread t SET {side}_read = greatest(t.{side}_read,"  # noqa: S608
        f" least(:number, t.count)), {side}_unread = (SELECT count(*)"
        " FROM commerce.order_message m WHERE m.order_id = t.order_id"
        f" AND m.number > greatest(t.{side}_read, :number) AND m.side <> '{side}')"
        " WHERE t.order_id = :order"
    )
    for side in (Side.BUYER, Side.MERCHANT)
}


async def write(tx: Tx, order: str, want: WriteMessage, *, by: Principal, now: datetime) -> str:
    """Say something about an order; the message's id. Whoever writes has read what came before.

    Raises:
        NoSuchOrder, NotAllowed: the order is not the caller's business.
        ThreadFull: as many messages are kept as may be.
        WritingTooFast: the caller has written many about it just now.
    """
    row, side = await queries.order_of(tx, order, by)
    head = await _head(tx, order, row.merchant_id, side, now)
    if head.count >= rules.MOST:
        raise ThreadFull(most=rules.MOST)
    await _must_be_slow(tx, order, by.id, now)
    head.count += 1
    if side is Side.BUYER:
        head.buyer_read, head.buyer_unread = head.count, 0
    if side is Side.MERCHANT:
        head.merchant_read, head.merchant_unread = head.count, 0
    first: list[Side] = []
    if side is not Side.BUYER:
        head.buyer_unread += 1
        first += [Side.BUYER] if head.buyer_unread == 1 else []
    if side is not Side.MERCHANT:
        head.merchant_unread += 1
        first += [Side.MERCHANT] if head.merchant_unread == 1 else []
    head.last_at, head.last_side = now, side
    head.last_text = want.text[: queries.EXCERPT]
    message = OrderMessage(
        id=ids.new("msg"),
        order_id=order,
        merchant_id=row.merchant_id,
        number=head.count,
        side=side,
        author=by.id,
        text=want.text,
        sent_at=now,
    )
    tx.add(message)
    await tx.flush()
    await emit(
        tx,
        MessageSent(
            message=message.id,
            order=order,
            checkout=row.checkout_id,
            merchant=row.merchant_id,
            buyer=row.buyer,
            number=message.number,
            side=side,
            first=first,
            at=now,
        ),
    )
    return message.id


async def read(tx: Tx, order: str, number: int, *, by: Principal) -> None:
    """The caller's side has read up to that message; it never has read less than before. What
    came while they were reading stays unread. Staff leave no mark.

    Raises:
        NoSuchOrder, NotAllowed: the order is not the caller's business.
    """
    _, side = await queries.order_of(tx, order, by)
    if side is not Side.STAFF:
        await tx.execute(_READ[side], {"order": order, "number": number})


async def _must_be_slow(tx: Tx, order: str, author: str, now: datetime) -> None:
    """Counted with the thread's row in hand, so that messages at once are seen as well."""
    lately = sa.select(sa.func.count(), sa.func.min(col(OrderMessage.sent_at))).where(
        col(OrderMessage.order_id) == order,
        col(OrderMessage.author) == author,
        col(OrderMessage.sent_at) > now - rules.WITHIN,
    )
    count, first = (await tx.execute(lately)).one()
    if count >= rules.AT_ONCE:
        # Who came first may have a later clock: nobody waits for longer than the limit.
        wait = min(first + rules.WITHIN - now, rules.WITHIN).total_seconds()
        raise WritingTooFast(most=rules.AT_ONCE, retry_after=max(1, int(wait)))


async def _head(tx: Tx, order: str, merchant: str, side: Side, now: datetime) -> OrderThread:
    """The thread's row, made if there is none, and ours until the transaction ends."""
    values = {
        "order_id": order,
        "merchant_id": merchant,
        **dict.fromkeys(("count", "buyer_read", "merchant_read"), 0),
        **dict.fromkeys(("buyer_unread", "merchant_unread"), 0),
        "last_at": now,
        "last_side": side,
        "last_text": "",
    }
    await tx.execute(insert(OrderThread).values(values).on_conflict_do_nothing())
    mine = sa.select(OrderThread).where(col(OrderThread.order_id) == order)
    fresh = mine.with_for_update().execution_options(populate_existing=True)
    return (await tx.execute(fresh)).scalar_one()
