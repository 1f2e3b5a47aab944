"""Reads: the orders that the desk looks for, page by page, and as rows of a table."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.clock import BEIJING
from livecommerce.kernel.db import Tx
from livecommerce.kernel.page import Cursor, Page
from livecommerce.orders.desk.wire import DeskRow, OrderShareOut, Wanted
from livecommerce.orders.queries import by_ids, may_read_address
from livecommerce.orders.returns.rules import OPEN
from livecommerce.orders.returns.tables import OrderReturn
from livecommerce.orders.tables import Checkout, Consignment, Order, OrderLine
from livecommerce.settlement import queries as settlement
from livecommerce.web.principal import Principal
from payments import queries as payments
from payments.tables_out import Dispute

NEWEST = 500
"""So many of a SKU's lines are put in order for a first page without any other filter, which
shows far fewer."""


async def found(
    tx: Tx, want: Wanted, *, by: Principal, after: Cursor | None = None, limit: int = 50
) -> Page[DeskRow]:
    """The orders that fit, newest first.

    Raises:
        NotYours: the merchant is one that the caller has nothing to do with.
    """
    rows, more = await page_of(tx, want, by=by, after=after, limit=limit)
    return Page(await _shown(tx, rows, by), more)


async def shares(tx: Tx, merchant: str, *, by: Principal) -> list[OrderShareOut]:
    """What each order owes the merchant and what was sold with it, newest first, a hundred at
    most.

    Raises:
        NotYours: the caller has nothing to do with this merchant.
        NoSuchMerchant: staff ask for one that does not exist.
    """
    theirs = await settlement.shares_of(tx, merchant, by=by)
    sold = {each.id: each for each in await by_ids(tx, [share.order for share in theirs])}
    return [
        OrderShareOut(
            **share.model_dump(),
            title=sold[share.order].title,
            pieces=sold[share.order].pieces,
        )
        for share in theirs
    ]


async def page_of(
    tx: Tx, want: Wanted, *, by: Principal, after: Cursor | None, limit: int
) -> tuple[list[Order], Cursor | None]:
    """The orders' own rows, and where to go on."""
    first = want == Wanted(q=want.q) and after is None and limit < NEWEST // 4
    wanted = _wanted(want, by, newest=NEWEST if first else None)
    if after is not None:
        place = sa.tuple_(col(Order.placed_at), col(Order.id))
        wanted = wanted.where(place < (after.at, after.id))
    newest = (col(Order.placed_at).desc(), col(Order.id).desc())
    rows = list((await tx.execute(wanted.order_by(*newest).limit(limit + 1))).scalars())
    shown = rows[:limit]
    return shown, Cursor(shown[-1].placed_at, shown[-1].id) if len(rows) > limit else None


def _wanted(want: Wanted, by: Principal, *, newest: int | None = None) -> sa.Select[Order]:
    wanted = sa.select(Order)
    if want.merchant is not None:
        if not by.is_staff():
            by.must_act_for(want.merchant)
        wanted = wanted.where(col(Order.merchant_id) == want.merchant)
    elif not by.is_staff():
        wanted = wanted.where(col(Order.merchant_id).in_(list(by.memberships)))
    if want.states:
        wanted = wanted.where(col(Order.state).in_(want.states))
    if want.placed_from is not None:
        wanted = wanted.where(col(Order.placed_at) >= _midnight(want.placed_from, 0))
    if want.placed_to is not None:
        wanted = wanted.where(col(Order.placed_at) < _midnight(want.placed_to, 1))
    if want.country:
        wanted = wanted.where(col(Order.country) == want.country.upper())
    if want.live:
        wanted = wanted.where(col(Order.live_id) == want.live)
    if want.owing:
        wanted = wanted.where(col(Order.owed_minor) > 0)
    if want.q and want.q.strip():
        wanted = wanted.where(col(Order.id).in_(_looked_up(want.q.strip(), by, newest)))
    return wanted


def _midnight(day: Any, later: int) -> datetime:
    return datetime.combine(day, time(), BEIJING) + timedelta(days=later)


def _looked_up(q: str, by: Principal, newest: int | None) -> sa.CompoundSelect[str]:
    """The numbers of orders that ``q`` may mean; each branch has an index. A buyer is looked
    for only by those who may read who and where they are.

    Args:
        newest: how many orders of a SKU are enough. Their numbers tell when they were made,
            to the clocks' difference, so the newest are the first in the index.
    """
    low = q.casefold()
    of_sku = (
        sa.select(col(OrderLine.order_id))
        .where(col(OrderLine.sku).in_({q, q.upper()}), *_of(OrderLine, by))
        .order_by(col(OrderLine.order_id).desc())
        .limit(newest)
    )
    branches = [
        sa.select(col(Order.id)).where(col(Order.id) == low),
        sa.select(col(Consignment.order_id)).where(
            col(Consignment.tracking).in_({q, q.upper()}), *_of(Consignment, by)
        ),
        sa.select(of_sku.subquery().c.order_id),
    ]
    staff = may_read_address("", None, by)
    readers = [merchant for merchant in by.memberships if may_read_address("", merchant, by)]
    if staff or readers:
        people = (
            sa.select(col(Order.id))
            .join(Checkout, col(Checkout.id) == col(Order.checkout_id))
            .where(
                sa.or_(
                    sa.func.lower(col(Checkout.email)) == low,
                    sa.text("lower(address ->> 'name') = :name").bindparams(name=low),
                )
            )
        )
        if not staff:
            people = people.where(col(Order.merchant_id).in_(readers))
        branches.append(people)
    return sa.union_all(*branches)


def _of(table: Any, by: Principal) -> list[Any]:
    return [] if by.is_staff() else [table.merchant_id.in_(list(by.memberships))]


async def _shown(tx: Tx, rows: Sequence[Order], by: Principal) -> list[DeskRow]:
    ids = [row.id for row in rows]
    lines: dict[str, list[OrderLine]] = {id_: [] for id_ in ids}
    mine = sa.select(OrderLine).where(col(OrderLine.order_id).in_(ids))
    for line in (await tx.execute(mine.order_by(col(OrderLine.id)))).scalars():
        lines[line.order_id].append(line)
    parcels: dict[str, list[str]] = {id_: [] for id_ in ids}
    sent = sa.select(col(Consignment.order_id), col(Consignment.tracking)).where(
        col(Consignment.order_id).in_(ids)
    )
    for order, tracking in await tx.execute(sent.order_by(col(Consignment.id))):
        parcels[order].append(tracking)
    back: Counter[str] = Counter()
    coming = sa.select(col(OrderReturn.order_id)).where(
        col(OrderReturn.order_id).in_(ids), col(OrderReturn.state).in_(OPEN)
    )
    back.update((await tx.execute(coming)).scalars())
    names = await _recipients(tx, rows)
    asked = await payments.inquiries(tx, list(names))
    return [
        _row(
            row,
            lines[row.id],
            parcels[row.id],
            back[row.id],
            names[row.checkout_id],
            asked.get(row.checkout_id),
            by,
        )
        for row in rows
    ]


async def _recipients(tx: Tx, rows: Sequence[Order]) -> dict[str, str]:
    wanted = {row.checkout_id for row in rows}
    name = sa.text("address ->> 'name'")
    mine = sa.select(col(Checkout.id), name).where(col(Checkout.id).in_(wanted))
    return {row[0]: row[1] for row in await tx.execute(mine)}


def _row(
    row: Order,
    lines: Sequence[OrderLine],
    trackings: list[str],
    coming: int,
    recipient: str,
    inquiry: Dispute | None,
    by: Principal,
) -> DeskRow:
    first = lines[0].snapshot
    reads = may_read_address(row.buyer, row.merchant_id, by)
    bought = [line for line in lines if line.replaces_id is None]
    return DeskRow.model_validate(
        {
            "id": row.id,
            "merchant": row.merchant_id,
            "merchant_name": row.seller["name"],
            "live": row.live_id,
            "state": row.state,
            "total": row.money(row.total_minor),
            "refunded": row.money(row.refunded_minor),
            "owed": row.money(row.owed_minor),
            "dispute": row.dispute,
            "disputed": row.money(row.disputed_minor),
            "inquiry": inquiry,
            "country": row.country,
            "recipient": recipient if reads else None,
            "title": first["title"],
            "picture": first["picture"],
            "skus": [line.sku for line in bought],
            "pieces": sum(line.count for line in bought),
            "waiting": sum(line.count - line.shipped - line.cancelled for line in lines),
            "cancelled": sum(line.cancelled for line in lines),
            "returns_open": coming,
            "trackings": trackings,
            "placed_at": row.placed_at,
            "paid_at": row.paid_at,
        }
    )
