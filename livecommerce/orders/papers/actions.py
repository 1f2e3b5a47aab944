"""Writing invoices and credit notes. The number and the paper are one statement, so that a
merchant's numbers have no gap and no twin, whatever is rolled back around them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.orders.papers.errors import NotInvoiceable
from livecommerce.orders.papers.rules import InvoiceKind, spelled
from livecommerce.orders.papers.tables import Invoice
from livecommerce.orders.pieces import actions as pieces
from livecommerce.orders.pieces.rules import PARTS
from livecommerce.orders.rules import RefundState
from livecommerce.orders.tables import Checkout, Order, OrderLine, OrderRefund

_WRITE = sa.text(
    "WITH next AS ("
    " INSERT INTO commerce.invoice_counter AS c (merchant_id, kind, last)"
    " VALUES (:merchant, :kind, 1)"
    " ON CONFLICT (merchant_id, kind) DO UPDATE SET last = c.last + 1 RETURNING last)"
    " INSERT INTO commerce.invoice"
    " (id, merchant_id, kind, number, order_id, source_id, body, issued_at)"
    " SELECT :id, :merchant, :kind, next.last, :order, :source, cast(:body AS jsonb), :now"
    " FROM next RETURNING number"
)


async def issue(tx: Tx, order_id: str, *, now: datetime) -> Invoice:
    """The order's invoice, written now if there was none; refunds that had settled before
    get their credit notes with it.

    Raises:
        NoSuchOrder: there is none with that id.
        NotInvoiceable: it was not paid.
    """
    order = await pieces.locked(tx, order_id)
    there = await _of(tx, order_id)
    if there is None:
        if order.paid_at is None:
            raise NotInvoiceable(order=order_id, state=order.state)
        there = await _write(
            tx, order, InvoiceKind.INVOICE, order_id, await _text_of(tx, order), now
        )
        await _credit_all(tx, order, there, now=now)
    return there


async def credit(tx: Tx, order_id: str, *, now: datetime) -> None:
    """Credit notes for the settled refunds of an order that has an invoice; each once."""
    order = await pieces.locked(tx, order_id)
    invoice = await _of(tx, order_id)
    if invoice is not None:
        await _credit_all(tx, order, invoice, now=now)


async def _credit_all(tx: Tx, order: Order, invoice: Invoice, *, now: datetime) -> None:
    done = sa.select(col(Invoice.source_id)).where(col(Invoice.order_id) == order.id)
    settled = (
        sa.select(OrderRefund)
        .where(
            col(OrderRefund.order_id) == order.id,
            col(OrderRefund.state) == RefundState.SETTLED,
            col(OrderRefund.id).not_in(done),
        )
        .order_by(col(OrderRefund.id))
    )
    for refund in (await tx.execute(settled)).scalars().all():
        body = {
            **invoice.body,
            "parts": {name: refund.parts[name] for name in PARTS},
            "total": refund.amount_minor,
            "reason": refund.reason,
            "invoice": spelled(invoice.kind, invoice.number),
            "lines": [],
        }
        await _write(tx, order, InvoiceKind.CREDIT_NOTE, refund.id, body, now)


async def _of(tx: Tx, order_id: str) -> Invoice | None:
    mine = sa.select(Invoice).where(col(Invoice.source_id) == order_id)
    return (await tx.execute(mine)).scalar_one_or_none()


async def _write(
    tx: Tx,
    order: Order,
    kind: InvoiceKind,
    source: str,
    body: Mapping[str, Any],
    now: datetime,
) -> Invoice:
    values = {
        "id": ids.new("inv"),
        "merchant": order.merchant_id,
        "kind": kind.value,
        "order": order.id,
        "source": source,
        "body": orjson.dumps(body).decode(),
        "now": now,
    }
    await tx.execute(_WRITE, values)
    return await tx.get_one(Invoice, values["id"])


async def _text_of(tx: Tx, order: Order) -> dict[str, Any]:
    """What the invoice says, for good: replacements were not bought and are not on it."""
    purchase = await tx.get_one(Checkout, order.checkout_id)
    bought = sa.select(OrderLine).where(
        col(OrderLine.order_id) == order.id, col(OrderLine.replaces_id).is_(None)
    )
    lines = (await tx.execute(bought.order_by(col(OrderLine.id)))).scalars()
    assert order.paid_at is not None
    return {
        "seller": order.seller,
        "address": purchase.address,
        "email": purchase.email,
        "terms": order.terms,
        "currency": order.currency,
        "paid_at": order.paid_at.isoformat(),
        "lines": [
            {
                "title": line.snapshot["title"],
                "values": line.snapshot["values"],
                "sku": line.sku,
                "count": line.count,
                "goods": line.goods_minor,
            }
            for line in lines
        ],
        "parts": {
            "goods": order.goods_minor,
            "shipping": order.shipping_minor,
            "duty": order.duty_minor,
            "tax": order.tax_minor,
            "fees": order.fees_minor,
        },
        "total": order.total_minor,
    }
