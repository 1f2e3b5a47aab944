"""Parcels: pieces of an order are shipped as a consignment, which is declared, and arrives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.crossborder import actions as crossborder
from livecommerce.crossborder import classification, match, tracking
from livecommerce.crossborder.facts import (
    Carrier,
    ConsignmentFacts,
    Desk,
    Enterprise,
    GoodsLine,
)
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.rules import customs_day
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.orders import disputing
from livecommerce.orders.errors import (
    NoSuchCarrier,
    NoSuchConsignment,
    NoSuchOrder,
    NotShippable,
    ParcelNotDeclarable,
    TrackingMalformed,
)
from livecommerce.orders.events import OrderDelivered, OrderShipped
from livecommerce.orders.pieces import actions as pieces
from livecommerce.orders.rules import TO_SHIP
from livecommerce.orders.tables import (
    Checkout,
    Consignment,
    ConsignmentLine,
    Order,
    OrderLine,
)
from livecommerce.orders.wire import ShipOrder
from livecommerce.settlement.rules import Parts
from livecommerce.web.principal import MerchantRole, Principal, StaffRole


@dataclass(frozen=True, slots=True)
class Office:
    """Who declares, and at which rates."""

    desk: Desk
    rates: Rates


async def ship(
    tx: Tx, order_id: str, want: ShipOrder, *, by: Principal, office: Office, now: datetime
) -> str:
    """Send pieces of the order as one parcel and declare just these; the consignment's id.

    Raises:
        NoSuchOrder: there is none with that id, or it is another merchant's.
        NoSuchLine: a line is none of the order's.
        NotWhileDisputed: the buyer's bank contests it, and nobody said to send it all the same.
        NotShippable: it is not paid, nothing of it waits, or it is being refunded whole.
        PiecesGone: so many pieces do not wait any more.
        NoSuchCarrier: it is none of the desk's.
        TrackingMalformed: the number is none of the carrier's.
        ParcelNotDeclarable: customs would refuse its number or its weight.
    """
    order = await _for_merchant(tx, order_id, by)
    carrier = _carrier(office.desk, want.carrier)
    if not tracking.fits(carrier, want.tracking):
        raise TrackingMalformed(carrier=carrier.name, tracking=want.tracking)
    order = await pieces.locked(tx, order_id)
    lines = await pieces.lines_of(tx, order_id)
    counts = pieces.wanted_of(lines, want.lines)
    whole = order.refunded_minor >= order.total_minor
    if order.state not in TO_SHIP or whole or not counts:
        raise NotShippable(order=order_id, state=order.state)
    disputing.must_be_meant(order, despite=want.despite_dispute)
    await pieces.ship(tx, order_id, counts)
    paid = await pieces.paid_for(tx, order, lines)
    cost = pieces.cost_of(lines, paid, counts, by="shipped")
    checkout = await tx.get_one(Checkout, order.checkout_id)
    parcel = await _parcel(tx, order, want, carrier, counts, now=now)
    goods = [
        (lines[id_], n, pieces.cost_of(lines, paid, {id_: n}, by="shipped").goods)
        for id_, n in sorted(counts.items())
    ]
    facts = facts_of(order, checkout, goods, cost, parcel, carrier.firm)
    declared = await crossborder.open_declaration(
        tx, facts, desk=office.desk, rates=office.rates, now=now
    )
    wrong = match.at_the_shippers(declared.differences)
    if wrong:
        facts_told = [each.model_dump(mode="json") for each in wrong]
        raise ParcelNotDeclarable(order=order_id, differences=facts_told)
    parcel.declaration_id = declared.id
    await tx.flush()
    await pieces.follow(tx, order, now=now)
    fact = OrderShipped(
        order=order_id,
        consignment=parcel.id,
        checkout=order.checkout_id,
        merchant=order.merchant_id,
        buyer=order.buyer,
        live=order.live_id,
        declaration=declared.id,
        at=now,
    )
    await emit(tx, fact)
    return parcel.id


async def _parcel(
    tx: Tx,
    order: Order,
    want: ShipOrder,
    carrier: Carrier,
    counts: pieces.Counts,
    *,
    now: datetime,
) -> Consignment:
    parcel = Consignment(
        id=ids.new("cns"),
        order_id=order.id,
        merchant_id=order.merchant_id,
        carrier=carrier.name,
        tracking=want.tracking,
        weight_g=want.weight_g,
        shipped_at=now,
    )
    tx.add(parcel)
    await tx.flush()
    inside = [
        ConsignmentLine(
            consignment_id=parcel.id, line_id=line, merchant_id=order.merchant_id, count=count
        )
        for line, count in counts.items()
    ]
    tx.add_all(inside)
    await tx.flush()
    return parcel


async def deliver(tx: Tx, consignment_id: str, *, by: Principal, now: datetime) -> str:
    """The parcel has arrived; saying so again changes nothing. The order's id.

    The order is delivered with the last of its parcels, once nothing of it waits.

    Raises:
        NoSuchConsignment: there is none with that id, or it is another merchant's.
    """
    parcel = await tx.get(Consignment, consignment_id)
    if parcel is None:
        raise NoSuchConsignment(consignment=consignment_id)
    await _for_merchant(tx, parcel.order_id, by)
    order = await pieces.locked(tx, parcel.order_id)
    arrived = (
        sa.update(Consignment)
        .where(col(Consignment.id) == consignment_id, col(Consignment.delivered_at).is_(None))
        .values(delivered_at=now)
        .returning(col(Consignment.id))
        .execution_options(synchronize_session=False)
    )
    if (await tx.execute(arrived)).scalar_one_or_none() is None:
        return order.id
    await tx.refresh(parcel)
    await pieces.follow(tx, order, now=now)
    fact = OrderDelivered(
        order=order.id,
        consignment=consignment_id,
        merchant=order.merchant_id,
        buyer=order.buyer,
        at=now,
    )
    await emit(tx, fact)
    return order.id


def facts_of(
    order: Order,
    checkout: Checkout,
    goods: Sequence[tuple[OrderLine, int, Money]],
    cost: Parts,
    parcel: Consignment,
    carrier: Enterprise,
) -> ConsignmentFacts:
    """What customs is told of these pieces, from what the order froze.

    Args:
        goods: lines, how many pieces of each, and what the buyer paid for these as goods.
        cost: what the buyer paid for all the pieces, delivered.
    """
    assert order.paid_at is not None
    assert checkout.payment_id is not None
    seller = order.seller
    return ConsignmentFacts(
        consignment=parcel.id,
        order=order.id,
        merchant_id=order.merchant_id,
        merchant=Enterprise(code=seller["customs_code"], name=seller["legal_name"]["zh"]),
        destination=order.country,
        lines=[part for line, count, paid in goods for part in _declared(line, count, paid)],
        freight=cost.shipping,
        charged=cost.total,
        collected_for_others=cost.duty + cost.tax + cost.fees,
        payment=checkout.payment_id,
        paid_at=order.paid_at,
        carrier=carrier,
        tracking=parcel.tracking,
        gross_weight_g=parcel.weight_g,
        ships_on=customs_day(parcel.shipped_at),
    )


def _declared(line: OrderLine, count: int, paid: Money) -> list[GoodsLine]:
    """Pieces as declared: in two parts of a unit's difference where what was paid does not
    divide by them, so that prices times counts are what was paid."""
    return [_goods_line(line, price, many) for price, many in unit_prices(paid, count)]


def _goods_line(line: OrderLine, price: Money, count: int) -> GoodsLine:
    snapshot = line.snapshot
    attributes, fibre = snapshot["gmodel"], snapshot["fibre"]
    return GoodsLine(
        sku=line.sku,
        name_zh=snapshot["customs_name"],
        description_en=snapshot["customs_description"][:250],
        hs_code=snapshot["hs_code"],
        unit=snapshot["customs_unit"],
        count=count,
        unit_price=price,
        net_weight_g=line.weight_g,
        elements=classification.elements_of(attributes, fibre, sku=line.sku),
    )


def unit_prices(paid: Money, count: int) -> list[tuple[Money, int]]:
    """What one of the pieces cost, and of how many pieces: two prices at most, a smallest
    unit apart."""
    price, dearer = divmod(paid.minor, count)
    parts = [(price, count - dearer), (price + 1, dearer)]
    return [(Money(minor, paid.currency), many) for minor, many in parts if many]


def _carrier(desk: Desk, said: str) -> Carrier:
    found = desk.carrier(said)
    if found is None:
        known = [{"code": each.code, "name": each.name} for each in desk.carriers]
        raise NoSuchCarrier(carrier=said, carriers=known)
    return found


async def _for_merchant(tx: Tx, order_id: str, by: Principal) -> Order:
    order = await tx.get(Order, order_id)
    if order is None:
        raise NoSuchOrder(order=order_id)
    if not by.is_staff(StaffRole.OPERATOR):
        by.must_act_for(order.merchant_id, MerchantRole.OWNER, MerchantRole.ASSISTANT)
    return order
