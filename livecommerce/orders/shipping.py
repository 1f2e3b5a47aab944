"""Parcels: an order is shipped as a consignment, which is declared, and arrives."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.crossborder import actions as crossborder
from livecommerce.crossborder import classification, match
from livecommerce.crossborder.facts import (
    ConsignmentFacts,
    Desk,
    Enterprise,
    GoodsLine,
)
from livecommerce.crossborder.rates import Rates
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.orders.errors import (
    NoSuchCarrier,
    NoSuchConsignment,
    NoSuchOrder,
    NotDeliverable,
    NotShippable,
    ParcelNotDeclarable,
)
from livecommerce.orders.events import OrderDelivered, OrderShipped
from livecommerce.orders.rules import OrderState
from livecommerce.orders.tables import Checkout, Consignment, Order, OrderLine
from livecommerce.orders.wire import ShipOrder
from livecommerce.web.principal import MerchantRole, Principal, StaffRole


@dataclass(frozen=True, slots=True)
class Office:
    """Who declares, and at which rates."""

    desk: Desk
    rates: Rates


async def ship(
    tx: Tx, order_id: str, want: ShipOrder, *, by: Principal, office: Office, now: datetime
) -> str:
    """Send the whole order as one parcel and open its declaration; the consignment's id.

    Raises:
        NoSuchOrder: there is none with that id, or it is another merchant's.
        NotShippable: it is not paid, is on its way already, or is being refunded whole.
        NoSuchCarrier: it is none of the desk's.
        ParcelNotDeclarable: customs would refuse its number or its weight.
    """
    order = await _for_merchant(tx, order_id, by)
    carrier = _carrier(office.desk, want.carrier)
    sent = (
        sa.update(Order)
        .where(
            col(Order.id) == order_id,
            col(Order.state) == OrderState.PAID,
            col(Order.refunded_minor) < col(Order.total_minor),
        )
        .values(state=OrderState.SHIPPED, shipped_at=now)
        .returning(Order)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    shipped = (await tx.execute(sent)).scalar_one_or_none()
    if shipped is None:
        await tx.refresh(order)
        raise NotShippable(order=order_id, state=order.state)
    checkout = await tx.get_one(Checkout, order.checkout_id)
    lines = sa.select(OrderLine).where(col(OrderLine.order_id) == order_id)
    goods = list((await tx.execute(lines.order_by(col(OrderLine.id)))).scalars())
    parcel = Consignment(
        id=ids.new("cns"),
        order_id=order_id,
        merchant_id=order.merchant_id,
        carrier=carrier.name,
        tracking=want.tracking,
        weight_g=want.weight_g,
        shipped_at=now,
    )
    tx.add(parcel)
    await tx.flush()
    facts = facts_of(shipped, checkout, goods, parcel, carrier)
    declared = await crossborder.open_declaration(
        tx, facts, desk=office.desk, rates=office.rates, now=now
    )
    wrong = match.at_the_shippers(declared.differences)
    if wrong:
        facts_told = [each.model_dump(mode="json") for each in wrong]
        raise ParcelNotDeclarable(order=order_id, differences=facts_told)
    parcel.declaration_id = declared.id
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


async def deliver(tx: Tx, consignment_id: str, *, by: Principal, now: datetime) -> str:
    """The parcel has arrived; saying so again changes nothing. The order's id.

    Raises:
        NoSuchConsignment: there is none with that id, or it is another merchant's.
        NotDeliverable: its order is not on its way.
    """
    parcel = await tx.get(Consignment, consignment_id)
    if parcel is None:
        raise NoSuchConsignment(consignment=consignment_id)
    order = await _for_merchant(tx, parcel.order_id, by)
    arrived = (
        sa.update(Order)
        .where(col(Order.id) == order.id, col(Order.state) == OrderState.SHIPPED)
        .values(state=OrderState.DELIVERED, delivered_at=now)
        .returning(Order)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if (await tx.execute(arrived)).scalar_one_or_none() is None:
        if parcel.delivered_at is not None:
            return order.id
        raise NotDeliverable(order=order.id, state=order.state)
    parcel.delivered_at = now
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
    lines: list[OrderLine],
    parcel: Consignment,
    carrier: Enterprise,
) -> ConsignmentFacts:
    """What customs is told, from what the order froze."""
    assert order.paid_at is not None
    assert checkout.payment_id is not None
    seller = order.seller
    return ConsignmentFacts(
        consignment=parcel.id,
        order=order.id,
        merchant_id=order.merchant_id,
        merchant=Enterprise(code=seller["customs_code"], name=seller["legal_name"]["zh"]),
        destination=order.country,
        lines=[_goods_line(line) for line in lines],
        freight=order.money(order.shipping_minor),
        charged=order.money(order.total_minor),
        collected_for_others=order.money(order.duty_minor + order.tax_minor + order.fees_minor),
        payment=checkout.payment_id,
        paid_at=order.paid_at,
        carrier=carrier,
        tracking=parcel.tracking,
        gross_weight_g=parcel.weight_g,
        ships_on=parcel.shipped_at.date(),
    )


def _goods_line(line: OrderLine) -> GoodsLine:
    snapshot = line.snapshot
    attributes, fibre = snapshot["gmodel"], snapshot["fibre"]
    return GoodsLine(
        sku=line.sku,
        name_zh=snapshot["customs_name"],
        description_en=snapshot["customs_description"][:250],
        hs_code=snapshot["hs_code"],
        unit=snapshot["customs_unit"],
        count=line.count,
        unit_price=unit_price(line),
        net_weight_g=line.weight_g,
        elements=classification.elements_of(attributes, fibre, sku=line.sku),
    )


def unit_price(line: OrderLine) -> Money:
    """What one piece cost in the order's currency."""
    price, rest = divmod(line.goods_minor, line.count)
    if rest:
        raise ValueError(f"{line.id}: its amount is no multiple of its count")
    return Money(price, line.currency)


def _carrier(desk: Desk, said: str) -> Enterprise:
    found = desk.carrier(said)
    if found is None:
        known = [{"code": each.code, "name": each.name} for each in desk.carriers]
        raise NoSuchCarrier(carrier=said, carriers=known)
    return found.firm


async def _for_merchant(tx: Tx, order_id: str, by: Principal) -> Order:
    order = await tx.get(Order, order_id)
    if order is None:
        raise NoSuchOrder(order=order_id)
    if not by.is_staff(StaffRole.OPERATOR):
        by.must_act_for(order.merchant_id, MerchantRole.OWNER, MerchantRole.ASSISTANT)
    return order
