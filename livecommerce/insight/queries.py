"""The chain of one live session: booking → session → explains → orders → payments →
declarations, read across the tables of all of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.catalogue import queries as catalogue
from livecommerce.crossborder.tables import DeclarationRow, MessageRow
from livecommerce.insight.wire import ChainOut, Fact, MoneyTotals, Node, NodeKind, Totals
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.live import queries as live_queries
from livecommerce.live.tables import ExplainSegment
from livecommerce.orders.rules import OrderState
from livecommerce.orders.tables import Checkout, Consignment, Order, OrderLine
from livecommerce.studios import queries as studios
from livecommerce.studios.rules import day_of
from livecommerce.studios.wire import BookingOut
from livecommerce.web.principal import Principal
from livecommerce.web.wire import Both
from payments.tables import Payment
from streams.replays import queries as replays
from streams.replays.tables import Replay
from streams.sessions import queries as sessions
from streams.sessions.tables import LiveSession

MOST_ORDERS = 200


async def chain(tx: Tx, live: str, *, who: Principal) -> ChainOut:
    """What came of the session, for its merchant and for staff.

    Raises:
        NoSuchLive: there is no such session.
        NotYours: it is another merchant's.
    """
    session = await sessions.get(tx, live)
    if not who.is_staff():
        who.must_act_for(session.host_reference)
    booking = await studios.booking(tx, session.reference)
    segments = await live_queries.segments(tx, live)
    orders = await _orders(tx, live)
    lines = await _of(tx, OrderLine, col(OrderLine.order_id), [o.id for o in orders])
    checkouts = list(dict.fromkeys(o.checkout_id for o in orders))
    paid = await _of(tx, Payment, col(Payment.reference), checkouts)
    parcels = await _of(tx, Consignment, col(Consignment.order_id), [o.id for o in orders])
    numbers = [c.declaration_id for c in parcels if c.declaration_id]
    declared = await _of(tx, DeclarationRow, col(DeclarationRow.id), numbers)
    messages = await _of(tx, MessageRow, col(MessageRow.declaration_id), numbers)
    replay = await replays.of_live(tx, live)
    titles = await catalogue.products(tx, [s.product_id for s in segments])

    nodes = [_booking(booking), _session(session)]
    edges = [(booking.id, session.id)]
    for number, segment in enumerate(segments, 1):
        nodes.append(_explain(segment, number, titles[segment.product_id].title, live))
        edges.append((session.id, segment.id))
    known = {s.id for s in segments}
    for order in orders:
        mine = [line for line in lines if line.order_id == order.id]
        nodes.append(_order(order, mine))
        came_of = {line.segment_id for line in mine if line.segment_id in known}
        edges += [(segment, order.id) for segment in sorted(came_of)] or [
            (session.id, order.id)
        ]
    for payment in paid:
        nodes.append(_payment(payment))
        of_it = [o.id for o in orders if o.checkout_id == payment.reference]
        edges += [(order, payment.id) for order in of_it]
    payment_of = {p.reference: p.id for p in paid}
    checkout_of = {o.id: o.checkout_id for o in orders}
    for row in declared:
        nodes.append(_declaration(row, [m for m in messages if m.declaration_id == row.id]))
        before = payment_of.get(checkout_of.get(row.order_id, ""), row.order_id)
        edges.append((before, row.id))
    if replay is not None:
        nodes.append(_replay(replay, live))
        edges.append((session.id, replay.id))
    return ChainOut(live=live, nodes=nodes, edges=edges, totals=totals(orders, declared))


async def _orders(tx: Tx, live: str) -> Sequence[Order]:
    newest = (
        sa.select(Order)
        .join(Checkout, col(Checkout.id) == col(Order.checkout_id))
        .where(col(Order.live_id) == live)
        .order_by(col(Order.placed_at), col(Order.id))
        .limit(MOST_ORDERS)
    )
    return (await tx.execute(newest)).scalars().all()


async def _of(tx: Tx, table: Any, column: Any, wanted: Iterable[str]) -> list[Any]:
    found = sa.select(table).where(column.in_(list(wanted))).order_by(table.id)
    return list((await tx.execute(found)).scalars())


def _fact(zh: str, en: str, value: Any) -> Fact:
    return Fact(label=Both(zh=zh, en=en), value=value)


def _listed(names: Sequence[Both]) -> Both | None:
    """All the names, as each language lists them."""
    if not names:
        return None
    return Both(zh="、".join(n.zh for n in names), en=", ".join(n.en for n in names))


def _booking(row: BookingOut) -> Node:
    taken = [resource.name for resource in row.resources]
    return Node(
        id=row.id,
        kind=NodeKind.BOOKING,
        title=taken[0] if taken else Both(zh="预订", en="Booking"),
        state=row.state,
        at=row.starts_at,
        href=f"/roster?day={day_of(row.starts_at).isoformat()}&booking={row.id}",
        facts=[
            _fact("商家", "Merchant", row.merchant_name),
            _fact("开始", "From", row.starts_at),
            _fact("结束", "Until", row.ends_at),
            _fact("占用资源", "Resources", _listed(taken)),
        ],
    )


def _session(row: LiveSession) -> Node:
    return Node(
        id=row.id,
        kind=NodeKind.SESSION,
        title=Both(**row.title),
        state=row.state,
        at=row.started_at or row.starts_at,
        href=f"/live/{row.id}",
        facts=[
            _fact("开播", "On air", row.started_at),
            _fact("结束", "Ended", row.ended_at),
        ],
    )


def _explain(row: ExplainSegment, number: int, title: Both, live: str) -> Node:
    lasted = int((row.ended_at - row.started_at).total_seconds()) if row.ended_at else None
    return Node(
        id=row.id,
        kind=NodeKind.EXPLAIN,
        title=title,
        state="explained" if row.ended_at else "explaining",
        at=row.started_at,
        href=f"/live/{live}?segment={row.id}",
        facts=[
            _fact("序号", "Number", number),
            _fact("时长（秒）", "Lasted (s)", lasted),
        ],
    )


def _order(row: Order, lines: Sequence[OrderLine]) -> Node:
    pieces = sum(line.count for line in lines)
    first = lines[0].snapshot["title"] if lines else {"zh": "订单", "en": "Order"}
    return Node(
        id=row.id,
        kind=NodeKind.ORDER,
        title=Both(**first),
        state=row.state,
        at=row.placed_at,
        href=f"/orders/{row.id}",
        facts=[
            _fact("目的地", "Destination", row.country),
            _fact("件数", "Pieces", pieces),
            _fact("合计", "Total", row.money(row.total_minor)),
            _fact("其中关税", "Duty", row.money(row.duty_minor)),
            _fact("其中税款", "Tax", row.money(row.tax_minor)),
            _fact("交付条款", "Terms", row.terms),
        ],
    )


def _payment(row: Payment) -> Node:
    return Node(
        id=row.id,
        kind=NodeKind.PAYMENT,
        title=Both(zh="支付", en="Payment"),
        state=row.state,
        at=row.captured_at or row.recorded_at,
        href=None,
        facts=[
            _fact("金额", "Amount", row.amount),
            _fact("已收", "Captured", row.captured),
            _fact("支付单号", "Provider's number", row.provider_id),
        ],
    )


def _declaration(row: DeclarationRow, messages: Sequence[MessageRow]) -> Node:
    latest = {m.kind: m for m in sorted(messages, key=lambda m: m.attempt)}
    return Node(
        id=row.id,
        kind=NodeKind.DECLARATION,
        title=Both(zh=f"{row.mode} 出口申报", en=f"{row.mode} export declaration"),
        state=row.state,
        at=row.opened_at,
        href=f"/v1/declarations/{row.id}",
        facts=[
            _fact("清单编号", "Inventory number", row.inventory_number),
            _fact("运单号", "Waybill", row.tracking),
            *(
                _fact(f"报文 {kind}", f"Message {kind}", message.status or message.state)
                for kind, message in sorted(latest.items())
            ),
        ],
    )


def _replay(row: Replay, live: str) -> Node:
    return Node(
        id=row.id,
        kind=NodeKind.REPLAY,
        title=Both(zh="回放", en="Replay"),
        state=row.state,
        at=row.ready_at,
        href=f"/live/{live}",
        facts=[
            _fact("时长（秒）", "Length (s)", row.duration_ms // 1000),
            _fact("章节", "Chapters", len(replays.chapters(row))),
        ],
    )


def totals(orders: Sequence[Order], declared: Sequence[DeclarationRow]) -> Totals:
    """Ordered, paid and net of refunds, per currency: never one without the others.

    What was ordered and then cancelled counts nowhere but among the cancelled.
    """
    standing = [o for o in orders if o.state is not OrderState.CANCELLED]
    money = []
    for currency in sorted({o.currency for o in orders}):
        mine = [o for o in standing if o.currency == currency]
        paid = [o for o in mine if o.state is not OrderState.PLACED]
        money.append(
            MoneyTotals(
                ordered=Money(sum(o.total_minor for o in mine), currency),
                paid=Money(sum(o.total_minor for o in paid), currency),
                net=Money(sum(o.total_minor - o.refunded_minor for o in paid), currency),
            )
        )
    return Totals(
        orders=dict(Counter(o.state for o in orders)), declared=len(declared), money=money
    )
