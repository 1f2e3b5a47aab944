"""Reads: an order's invoices, and what is printed of orders."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.orders.errors import NoSuchOrder
from livecommerce.orders.papers.errors import NoInvoiceYet
from livecommerce.orders.papers.rules import spelled
from livecommerce.orders.papers.tables import Invoice
from livecommerce.orders.papers.wire import InvoiceOut
from livecommerce.orders.queries import may_read_address, may_see
from livecommerce.orders.tables import Order
from livecommerce.web.principal import NotAllowed, Principal


async def readable(tx: Tx, order_id: str, *, by: Principal) -> Order:
    """The order, if the caller may read where it goes: papers say so.

    Raises:
        NoSuchOrder: there is none with that id, or it is none of the caller's business.
        NotAllowed: the caller's work needs no addresses.
    """
    order = await tx.get(Order, order_id)
    if order is None or not may_see(order.buyer, order.merchant_id, by):
        raise NoSuchOrder(order=order_id)
    if not may_read_address(order.buyer, order.merchant_id, by):
        raise NotAllowed(order=order_id)
    return order


async def of_order(tx: Tx, order_id: str, *, by: Principal) -> list[InvoiceOut]:
    """The order's invoice and credit notes, as far as they are written.

    Raises:
        NoSuchOrder, NotAllowed: as :func:`readable`.
    """
    await readable(tx, order_id, by=by)
    return [_out(row) for row in await written(tx, [order_id])]


async def one(tx: Tx, invoice_id: str, *, by: Principal) -> Invoice:
    """One invoice or credit note, for those who may read it.

    Raises:
        NoInvoiceYet: there is none with that id, or it is none of the caller's business.
        NotAllowed: the caller's work needs no addresses.
    """
    row = await tx.get(Invoice, invoice_id)
    if row is None:
        raise NoInvoiceYet(invoice=invoice_id)
    try:
        await readable(tx, row.order_id, by=by)
    except NoSuchOrder:
        raise NoInvoiceYet(invoice=invoice_id) from None
    return row


async def written(tx: Tx, orders: Sequence[str]) -> list[Invoice]:
    """The papers of these orders, invoices before credit notes."""
    mine = sa.select(Invoice).where(col(Invoice.order_id).in_(orders))
    first = mine.order_by(col(Invoice.order_id), col(Invoice.kind).desc(), col(Invoice.number))
    return list((await tx.execute(first)).scalars())


def _out(row: Invoice) -> InvoiceOut:
    return InvoiceOut(
        id=row.id,
        kind=row.kind,
        number=spelled(row.kind, row.number),
        order=row.order_id,
        total=Money(row.body["total"], row.body["currency"]),
        issued_at=row.issued_at,
        href=f"/v1/invoices/{row.id}",
    )
