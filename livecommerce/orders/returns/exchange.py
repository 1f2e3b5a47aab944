"""Sending other goods for those that came back. No money moves.

The replacement is claimed like any buyer's wish, but under a key of our own made of the
return, which no buyer can use up, so asking again finds the same hold; then one transaction
sells it and adds it to the order as a line of its own, which carries what the returned pieces
cost. From there it is shipped, declared and, if need be, returned like every other line. A
hold that the buyer has put into a purchase meanwhile is theirs to pay for: the money of the
returned pieces goes back instead.
"""

from collections.abc import Mapping
from datetime import datetime

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue import stock
from livecommerce.catalogue.claims import Claim, Claims
from livecommerce.catalogue.errors import SoldOut
from livecommerce.catalogue.wire import HoldOut
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.orders import freeze
from livecommerce.orders.pieces import actions as pieces
from livecommerce.orders.pieces.rules import PARTS
from livecommerce.orders.returns import actions
from livecommerce.orders.returns.actions import counts_of
from livecommerce.orders.returns.errors import WrongReturnState
from livecommerce.orders.returns.rules import ReturnState
from livecommerce.orders.returns.tables import OrderReturn
from livecommerce.orders.rules import OrderState
from livecommerce.orders.tables import Order, OrderLine
from livecommerce.orders.wire import SellerSnapshot
from livecommerce.settlement.rules import Parts
from livecommerce.web.principal import Principal

_STANDS = frozenset({OrderState.PARTLY_SHIPPED, OrderState.SHIPPED, OrderState.DELIVERED})
"""States of an order to which a replacement can be added."""


async def exchange(
    db: Database, claims: Claims, return_id: str, *, by: Principal, now: datetime
) -> None:
    """Other goods go to the buyer; if they are sold out, or the buyer's bank contests the
    payment, the money goes back instead, as far as it can.

    Raises:
        NoSuchReturn: there is none with that id, or it is another merchant's.
        WrongReturnState: it is not inspected, or has ended.
        MoneyDisputed: the buyer's bank has the money, and has not decided.
        TooMany, KeyTaken, QueueFull, ClaimsDown: as claims tell; ask again.
    """
    async with db.begin() as tx:
        order, row = await actions.for_merchant(tx, return_id, by)
        if row.state is not ReturnState.INSPECTED:
            raise WrongReturnState(goods_return=return_id, state=row.state)
        wants = _wants(order, row, await pieces.lines_of(tx, order.id))
    holds: list[HoldOut] = []
    if _goes_on(order):
        try:
            holds = await claims.claim_all(wants, now)
        except SoldOut:
            holds = []
    async with db.begin() as tx:
        order, row = await actions.for_merchant(tx, return_id, by)
        found = [hold.id for hold in holds]
        sold = _goes_on(order) and bool(found)
        if sold:
            facts = await catalogue.holds(tx, found, buyer=order.buyer, lock=True)
            sold = all(hold.checkout is None for hold in facts)
        if sold:
            sold = await stock.reclaim(tx, found, now=now)
        if not sold:
            await actions.refund(tx, return_id, by=by, now=now)
            return
        await actions.step(tx, return_id, ReturnState.EXCHANGED, order, now=now, closed_at=now)
        await _add_lines(tx, order, row, holds, now=now)
        await pieces.follow(tx, order, now=now)


def _goes_on(order: Order) -> bool:
    """Whether more can be sent: not while a bank has the money for what was sent before."""
    return order.state in _STANDS and not order.disputed_minor


def _wants(order: Order, row: OrderReturn, lines: Mapping[str, OrderLine]) -> list[Claim]:
    return [
        Claim(
            buyer=order.buyer,
            key=f"exchange:{row.id}",
            variant=each["variant"] or lines[each["line"]].variant_id,
            merchant=order.merchant_id,
            count=each["count"],
            price=Money(
                lines[each["line"]].unit_price_minor, lines[each["line"]].unit_price_currency
            ),
            ours=True,
        )
        for each in row.lines
    ]


async def _add_lines(
    tx: Tx, order: Order, row: OrderReturn, holds: list[HoldOut], *, now: datetime
) -> None:
    """One line for each hold, in the order of the lines that it stands for."""
    lines = await pieces.lines_of(tx, order.id)
    await pieces.refund(tx, order.id, counts_of(row))
    paid = await pieces.paid_for(tx, order, lines)
    goods = await catalogue.goods(tx, [hold.variant for hold in holds])
    seller = SellerSnapshot.model_validate(order.seller)
    for (line_id, count), hold in zip(counts_of(row).items(), holds, strict=True):
        product, variant = goods[hold.variant]
        cost = pieces.cost_of(lines, paid, {line_id: count}, by="refunded")
        snapshot = freeze.product_as_is(product, variant, seller, now=now)
        tx.add(
            OrderLine(
                id=ids.new("lin"),
                order_id=order.id,
                merchant_id=order.merchant_id,
                hold_id=hold.id,
                product_id=product.id,
                variant_id=variant.id,
                sku=variant.sku,
                count=count,
                weight_g=variant.weight_g,
                unit_price_minor=lines[line_id].unit_price_minor,
                unit_price_currency=lines[line_id].unit_price_currency,
                goods_minor=cost.goods.minor,
                currency=cost.goods.currency,
                offers=[],
                snapshot=snapshot.model_dump(mode="json"),
                replaces_id=line_id,
                parts=_minors(cost),
            )
        )
    await tx.flush()


def _minors(cost: Parts) -> dict[str, int]:
    return {name: getattr(cost, name).minor for name in PARTS}
