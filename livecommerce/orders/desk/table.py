"""Orders as a table for other programs: a row for each line, personal columns only for those
who may read where buyers live."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.clock import BEIJING
from livecommerce.kernel.db import Tx
from livecommerce.orders.desk import queries
from livecommerce.orders.desk.errors import TooManyOrders
from livecommerce.orders.desk.wire import Wanted
from livecommerce.orders.queries import may_read_address
from livecommerce.orders.tables import Checkout, Consignment, Order, OrderLine
from livecommerce.web.principal import Principal

MOST_ORDERS = 5_000
_PERSONAL = ("recipient", "phone", "email", "line1", "line2", "postcode", "city", "region")
HEAD = (
    *("order", "state", "placed_at", "paid_at", "shipped_at", "country", "live_session"),
    *("sku", "title_zh", "title_en", "count", "shipped", "cancelled", "returned"),
    *("line_goods", "order_shipping", "order_duty", "order_tax", "order_fees"),
    *("order_total", "order_refunded", "currency", "tracking", *_PERSONAL),
)

Cells = Sequence[object]


async def rows(tx: Tx, want: Wanted, *, by: Principal) -> list[Cells]:
    """The head and a row for each line of the orders that fit.

    Raises:
        NotYours: the merchant is one that the caller has nothing to do with.
        TooManyOrders: more than 5,000 fit.
    """
    orders, more = await queries.page_of(tx, want, by=by, after=None, limit=MOST_ORDERS)
    if more is not None:
        raise TooManyOrders(most=MOST_ORDERS)
    ids = [order.id for order in orders]
    lines: dict[str, list[OrderLine]] = {id_: [] for id_ in ids}
    mine = sa.select(OrderLine).where(col(OrderLine.order_id).in_(ids))
    for line in (await tx.execute(mine.order_by(col(OrderLine.id)))).scalars():
        lines[line.order_id].append(line)
    parcels: dict[str, list[str]] = {id_: [] for id_ in ids}
    sent = sa.select(Consignment).where(col(Consignment.order_id).in_(ids))
    for parcel in (await tx.execute(sent.order_by(col(Consignment.id)))).scalars():
        parcels[parcel.order_id].append(parcel.tracking)
    bought = {order.checkout_id for order in orders}
    where = sa.select(Checkout).where(col(Checkout.id).in_(bought))
    purchases = {row.id: row for row in (await tx.execute(where)).scalars()}
    table: list[Cells] = [HEAD]
    for order in orders:
        reads = may_read_address(order.buyer, order.merchant_id, by)
        personal = _personal(purchases[order.checkout_id]) if reads else [""] * len(_PERSONAL)
        table += _lines(order, lines[order.id], ", ".join(parcels[order.id]), personal)
    return table


def _lines(
    order: Order, lines: Sequence[OrderLine], tracking: str, personal: Cells
) -> Iterator[Cells]:
    def amount(minor: int) -> Decimal:
        return order.money(minor).amount

    for line in lines:
        title = line.snapshot["title"]
        yield (
            *(order.id, order.state.value, _moment(order.placed_at), _moment(order.paid_at)),
            *(_moment(order.shipped_at), order.country, order.live_id or ""),
            *(line.sku, title["zh"], title["en"], line.count),
            *(line.shipped, line.cancelled, line.returned, amount(line.goods_minor)),
            *(amount(order.shipping_minor), amount(order.duty_minor)),
            *(amount(order.tax_minor), amount(order.fees_minor), amount(order.total_minor)),
            *(amount(order.refunded_minor), order.currency, tracking, *personal),
        )


def _personal(purchase: Checkout) -> list[object]:
    told = purchase.address
    fields = ("name", "phone", "", "line1", "line2", "postcode", "city", "region")
    return [purchase.email if not field else told.get(field) or "" for field in fields]


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(BEIJING).isoformat(timespec="seconds")
