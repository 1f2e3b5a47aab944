"""Reads: checkouts and orders as their buyers, merchants and staff see them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from livecommerce.crossborder import tracking
from livecommerce.crossborder.facts import Desk
from livecommerce.crossborder.wire import Terms
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.page import Cursor, Page
from livecommerce.orders.errors import NoSuchCheckout, NoSuchOrder
from livecommerce.orders.lates import queries as lates
from livecommerce.orders.pieces.wire import LineCount
from livecommerce.orders.rules import LIVE, OrderState
from livecommerce.orders.tables import (
    Checkout,
    Consignment,
    ConsignmentLine,
    Order,
    OrderDispute,
    OrderLine,
    OrderRefund,
)
from livecommerce.orders.wire import (
    CheckoutOut,
    ConsignmentOut,
    LineOut,
    OrderDisputeOut,
    OrderListed,
    OrderOut,
    PaymentOut,
    RefundOut,
)
from livecommerce.web.principal import MerchantRole, Principal, StaffRole
from payments import queries as payments
from payments.rules import PaymentState, ready_within
from payments.tables import Payment

R = TypeVar("R", bound=SQLModel)

_QUEUED = (PaymentState.WANTED, PaymentState.ASKED)
_STAFF_READING = (StaffRole.OPERATOR, StaffRole.COMPLIANCE, StaffRole.FINANCE)
_MEMBERS_READING = (MerchantRole.ASSISTANT, MerchantRole.FINANCE)


async def checkout(tx: Tx, checkout_id: str, *, by: Principal, sandbox: bool) -> CheckoutOut:
    """The caller's purchase; staff see all, but nobody else's key to pay.

    Raises:
        NoSuchCheckout: there is none with that id, or it is somebody else's.
    """
    row = await tx.get(Checkout, checkout_id, populate_existing=True)
    if row is None or (row.buyer != by.id and not by.is_staff()):
        raise NoSuchCheckout(checkout=checkout_id)
    payment = await payments.payment_for(tx, checkout_id)
    assert payment is not None
    ahead, reads = await payments.ahead(tx, payment), may_read_address(row.buyer, None, by)
    may_pay = row.buyer == by.id and row.state in LIVE
    return CheckoutOut.model_validate(
        {
            "id": row.id,
            "state": row.state,
            "orders": await of_checkout(tx, checkout_id),
            "live": row.live_id,
            "quote": row.quote if reads else _without_place(row.quote),
            "total": row.total,
            "country": row.address["country"],
            "address": row.address if reads else None,
            "email": row.email if reads else None,
            "placed_at": row.placed_at,
            "pay_by": row.pay_by,
            "paid_at": row.paid_at,
            "owed": await lates.owed(tx, row),
            "payment": _payment_out(payment, ahead, may_pay=may_pay, sandbox=sandbox),
        }
    )


def _payment_out(payment: Payment, ahead: int, *, may_pay: bool, sandbox: bool) -> PaymentOut:
    open_ = payment.state in {PaymentState.OPEN, PaymentState.PROCESSING} and may_pay
    page = f"/sandbox/pay/{payment.provider_id}" if open_ and sandbox else None
    return PaymentOut(
        id=payment.id,
        state=payment.state,
        client_secret=payment.client_secret if open_ else None,
        provider="sandbox" if sandbox else "stripe",
        page=page,
        ahead=ahead,
        ready_in_s=ready_within(ahead) if payment.state in _QUEUED else None,
        failure=payment.failure,
        keeps=payment.keeps,
    )


async def order(tx: Tx, order_id: str, *, by: Principal, desk: Desk | None = None) -> OrderOut:
    """One order, for its buyer, its merchant or staff.

    Args:
        desk: whose carriers say where a parcel can be followed.

    Raises:
        NoSuchOrder: there is none with that id, or the caller has nothing to do with it.
    """
    row = await tx.get(Order, order_id, populate_existing=True)
    if row is None or not may_see(row.buyer, row.merchant_id, by):
        raise NoSuchOrder(order=order_id)
    purchase = await tx.get_one(Checkout, row.checkout_id)
    reads = may_read_address(row.buyer, row.merchant_id, by)
    paid = row.terms == Terms.DDP
    quote = _own_part(purchase.quote, row)
    lines = await _of_orders(tx, OrderLine, [order_id])
    parcels = await _of_orders(tx, Consignment, [order_id])
    inside = await _inside(tx, [parcel.id for parcel in parcels])
    refunds = await _of_orders(tx, OrderRefund, [order_id])
    outside = await payments.paid_outside(tx, [each.refund_id for each in refunds])
    disputes = await _of_orders(tx, OrderDispute, [order_id])
    return OrderOut.model_validate(
        {
            "id": row.id,
            "checkout": row.checkout_id,
            "merchant": row.merchant_id,
            "seller": row.seller,
            "buyer": row.buyer,
            "live": row.live_id,
            "state": row.state,
            "terms": row.terms,
            "goods": row.money(row.goods_minor),
            "shipping": row.money(row.shipping_minor),
            "duty": row.money(row.duty_minor) if paid else None,
            "tax": row.money(row.tax_minor) if paid else None,
            "fees": row.money(row.fees_minor),
            "total": row.money(row.total_minor),
            "refunded": row.money(row.refunded_minor),
            "owed": row.money(row.owed_minor),
            "dispute": row.dispute,
            "disputed": row.money(row.disputed_minor),
            "disputes": [_dispute_out(each) for each in disputes],
            "inquiry": (await payments.inquiries(tx, [row.checkout_id])).get(row.checkout_id),
            "lines": [_line_out(line) for line in lines],
            "consignments": [_consignment_out(p, inside[p.id], desk) for p in parcels],
            "refunds": [_refund_out(each, outside.get(each.refund_id)) for each in refunds],
            "rules": row.rules,
            "quote": quote if reads else _without_place(quote),
            "country": row.country,
            "address": purchase.address if reads else None,
            "email": purchase.email if reads else None,
            "placed_at": row.placed_at,
            "paid_at": row.paid_at,
            "shipped_at": row.shipped_at,
        }
    )


def may_see(buyer: str, merchant: str, by: Principal) -> bool:
    """Whether an order of this buyer with this merchant is the caller's business."""
    return buyer == by.id or by.is_staff() or by.member_of(merchant)


def may_read_address(buyer: str, merchant: str | None, by: Principal) -> bool:
    """Whether the caller may read where the buyer lives: to ship it, pay it back, declare it.

    Hosts, moderators and schedulers do their work without it.
    """
    if buyer == by.id or by.is_staff(*_STAFF_READING):
        return True
    return merchant is not None and by.member_of(merchant, *_MEMBERS_READING)


async def listed(
    tx: Tx,
    *,
    by: Principal,
    merchant: str | None = None,
    live: str | None = None,
    state: OrderState | None = None,
    mine: bool = False,
    after: Cursor | None = None,
    limit: int = 50,
) -> Page[OrderListed]:
    """Orders, newest first: a buyer's own, a member's merchants', or all for staff.

    Raises:
        NotYours: ``merchant`` is one that the caller has nothing to do with.
    """
    wanted = sa.select(Order)
    if merchant is not None:
        if not by.is_staff():
            by.must_act_for(merchant)
        wanted = wanted.where(col(Order.merchant_id) == merchant)
    elif mine or not (by.is_staff() or by.memberships):
        wanted = wanted.where(col(Order.buyer) == by.id)
    elif not by.is_staff():
        wanted = wanted.where(col(Order.merchant_id).in_(list(by.memberships)))
    if live is not None:
        wanted = wanted.where(col(Order.live_id) == live)
    if state is not None:
        wanted = wanted.where(col(Order.state) == state)
    if after is not None:
        place = sa.tuple_(col(Order.placed_at), col(Order.id))
        wanted = wanted.where(place < (after.at, after.id))
    newest = (col(Order.placed_at).desc(), col(Order.id).desc())
    rows = list((await tx.execute(wanted.order_by(*newest).limit(limit + 1))).scalars())
    shown = rows[:limit]
    more = Cursor(shown[-1].placed_at, shown[-1].id) if len(rows) > limit else None
    return Page(await _listed(tx, shown), more)


async def buyers_of(tx: Tx, checkouts: Sequence[str]) -> dict[str, str]:
    """Who buys, by checkout; those that are none of ours are left out."""
    theirs = sa.select(col(Checkout.id), col(Checkout.buyer)).where(
        col(Checkout.id).in_(checkouts)
    )
    return {row.id: row.buyer for row in await tx.execute(theirs)}


async def of_live(tx: Tx, live: str) -> list[OrderListed]:
    """The orders that came of one live session, oldest first."""
    mine = sa.select(Order).where(col(Order.live_id) == live)
    rows = (await tx.execute(mine.order_by(col(Order.placed_at), col(Order.id)))).scalars()
    return await _listed(tx, list(rows))


async def by_ids(tx: Tx, ids: Sequence[str]) -> list[OrderListed]:
    """These orders, in no order; unknown ones are left out."""
    rows = (await tx.execute(sa.select(Order).where(col(Order.id).in_(ids)))).scalars()
    return await _listed(tx, list(rows))


async def of_checkout(tx: Tx, checkout_id: str) -> list[str]:
    """The ids of the orders of one purchase."""
    mine = sa.select(col(Order.id)).where(col(Order.checkout_id) == checkout_id)
    return list((await tx.execute(mine.order_by(col(Order.id)))).scalars())


async def email_of(tx: Tx, checkout_id: str) -> str:
    """Where the purchase's buyer is written to."""
    theirs = sa.select(col(Checkout.email)).where(col(Checkout.id) == checkout_id)
    return (await tx.execute(theirs)).scalar_one()


async def first_lines(tx: Tx, orders: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The product's page of each order's first line, by order."""
    found: dict[str, dict[str, Any]] = {}
    for line in await _of_orders(tx, OrderLine, orders):
        found.setdefault(line.order_id, line.snapshot)
    return found


async def segments_of(tx: Tx, orders: Sequence[str]) -> dict[str, list[str]]:
    """The explain segments that orders came from, by order."""
    found: dict[str, list[str]] = {}
    for line in await _of_orders(tx, OrderLine, orders):
        if line.segment_id and line.segment_id not in found.setdefault(line.order_id, []):
            found[line.order_id].append(line.segment_id)
    return found


async def payments_of(tx: Tx, orders: Sequence[str]) -> dict[str, str]:
    """The payment of each order's purchase, by order."""
    mine = (
        sa.select(col(Order.id), col(Checkout.payment_id))
        .join(Checkout, col(Checkout.id) == col(Order.checkout_id))
        .where(col(Order.id).in_(orders), col(Checkout.payment_id).is_not(None))
    )
    return {order: payment for order, payment in await tx.execute(mine) if payment}


async def _listed(tx: Tx, rows: Sequence[Order]) -> list[OrderListed]:
    lines: dict[str, list[OrderLine]] = {}
    for line in await _of_orders(tx, OrderLine, [row.id for row in rows]):
        lines.setdefault(line.order_id, []).append(line)
    return [_order_listed(row, lines[row.id]) for row in rows]


def _order_listed(row: Order, lines: Sequence[OrderLine]) -> OrderListed:
    first = lines[0].snapshot
    return OrderListed.model_validate(
        {
            "id": row.id,
            "checkout": row.checkout_id,
            "merchant": row.merchant_id,
            "merchant_name": row.seller["name"],
            "live": row.live_id,
            "state": row.state,
            "total": row.money(row.total_minor),
            "refunded": row.money(row.refunded_minor),
            "owed": row.money(row.owed_minor),
            "dispute": row.dispute,
            "disputed": row.money(row.disputed_minor),
            "country": row.country,
            "pieces": sum(line.count for line in lines),
            "title": first["title"],
            "picture": first["picture"],
            "placed_at": row.placed_at,
            "paid_at": row.paid_at,
        }
    )


async def _of_orders(tx: Tx, table: type[R], orders: Sequence[str]) -> Sequence[R]:
    columns = table.__table__.c  # type: ignore[attr-defined]
    mine = sa.select(table).where(columns.order_id.in_(orders)).order_by(columns.id)
    fresh = mine.execution_options(populate_existing=True)
    return (await tx.execute(fresh)).scalars().all()


def _without_place(quote: Mapping[str, Any]) -> Mapping[str, Any]:
    """The quote with no more of its destination than the country."""
    country = quote["destination"]["country"]
    return {**quote, "destination": {"country": country}}


def _own_part(quote: Mapping[str, Any], row: Order) -> Mapping[str, Any]:
    """The order's own parcel of the quote, and its figures; the whole is the checkout's."""
    parcels = [p for p in quote["parcels"] if p["merchant"] == row.merchant_id]
    shared = {s["reference"] for p in parcels for c in p["charges"] for s in c["shares"]}
    own = parcels[0]
    figures = {
        name: own[name] for name in ("goods", "shipping", "duty", "tax", "fees", "total")
    }
    lines = [line for line in quote["lines"] if line["reference"] in shared]
    return {**quote, **figures, "parcels": parcels, "lines": lines}


def _line_out(line: OrderLine) -> LineOut:
    return LineOut.model_validate(
        {
            "id": line.id,
            "hold": line.hold_id,
            "product": line.product_id,
            "variant": line.variant_id,
            "sku": line.sku,
            "card": line.card_id,
            "segment": line.segment_id,
            "count": line.count,
            "weight_g": line.weight_g,
            "unit_price": Money(line.unit_price_minor, line.unit_price_currency),
            "goods": Money(line.goods_minor, line.currency),
            "offers": line.offers,
            "snapshot": line.snapshot,
            "shipped": line.shipped,
            "cancelled": line.cancelled,
            "returned": line.returned,
            "refunded": line.refunded,
            "replaces": line.replaces_id,
        }
    )


async def _inside(tx: Tx, parcels: Sequence[str]) -> dict[str, list[LineCount]]:
    mine = sa.select(ConsignmentLine).where(col(ConsignmentLine.consignment_id).in_(parcels))
    found: dict[str, list[LineCount]] = {parcel: [] for parcel in parcels}
    for row in (await tx.execute(mine.order_by(col(ConsignmentLine.line_id)))).scalars():
        found[row.consignment_id].append(LineCount(line=row.line_id, count=row.count))
    return found


def _consignment_out(
    parcel: Consignment, inside: list[LineCount], desk: Desk | None
) -> ConsignmentOut:
    carrier = None if desk is None else desk.carrier(parcel.carrier)
    return ConsignmentOut(
        id=parcel.id,
        order=parcel.order_id,
        carrier=parcel.carrier,
        tracking=parcel.tracking,
        weight_g=parcel.weight_g,
        declaration=parcel.declaration_id,
        shipped_at=parcel.shipped_at,
        delivered_at=parcel.delivered_at,
        lines=inside,
        link=tracking.link(carrier, parcel.tracking),
    )


def _refund_out(row: OrderRefund, outside: str | None) -> RefundOut:
    return RefundOut(
        id=row.id,
        order=row.order_id,
        amount=Money(row.amount_minor, row.currency),
        reason=row.reason,
        state=row.state,
        requested_at=row.requested_at,
        settled_at=row.settled_at,
        outside=outside,
    )


def _dispute_out(row: OrderDispute) -> OrderDisputeOut:
    return OrderDisputeOut(
        id=row.dispute_id,
        state=row.state,
        amount=Money(row.amount_minor, row.currency),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )
