"""The order desk over HTTP: find, ship many, take away as a table."""

import asyncio
from datetime import date
from functools import partial
from typing import Literal

from aiohttp import web

from livecommerce.crossborder.facts import Desk
from livecommerce.crossborder.rates import Rates
from livecommerce.kernel.page import Cursor
from livecommerce.office import sheets
from livecommerce.office.errors import NotASheet, SheetTooLarge
from livecommerce.orders import shipping
from livecommerce.orders.desk import actions, queries, sheet, table
from livecommerce.orders.desk.errors import NoSheet, TooManyOrders
from livecommerce.orders.desk.wire import DeskRow, ManyOut, OrderShareOut, ShipMany, Wanted
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member, staff
from livecommerce.web.principal import MerchantRole, StaffRole
from livecommerce.web.wire import PageOut

MOST = 100
_SHIPPERS = member(MerchantRole.OWNER, MerchantRole.ASSISTANT) | staff(StaffRole.OPERATOR)
_TAGS = ("order desk",)
_KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@route("GET", "/v1/desk/orders", may=member() | staff(), tags=_TAGS)
async def orders(
    call: Call,
    merchant: str | None = None,
    state: str | None = None,
    placed_from: date | None = None,
    placed_to: date | None = None,
    country: str | None = None,
    live: str | None = None,
    q: str | None = None,
    owing: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> PageOut[DeskRow]:
    """Your merchants' orders, newest first; ``state`` may name several, apart by commas."""
    want = _wanted(merchant, state, placed_from, placed_to, country, live, q, owing)
    page = await queries.found(
        call.tx,
        want,
        by=call.who,
        after=Cursor.decode(cursor) if cursor else None,
        limit=max(1, min(limit, MOST)),
    )
    following = page.next.encode() if page.next else None
    return PageOut(items=list(page.items), next_cursor=following)


@route(
    "GET",
    "/v1/desk/orders/export",
    may=member() | staff(),
    errors=(TooManyOrders,),
    tags=_TAGS,
    tx=False,
    gives=("text/csv", "order,state,placed_at,…"),
)
async def export(
    call: Call,
    merchant: str | None = None,
    state: str | None = None,
    placed_from: date | None = None,
    placed_to: date | None = None,
    country: str | None = None,
    live: str | None = None,
    q: str | None = None,
    owing: bool = False,
    kind: Literal["csv", "xlsx"] = "csv",
) -> web.Response:
    """The orders that fit as a table, a row for each line."""
    want = _wanted(merchant, state, placed_from, placed_to, country, live, q, owing)
    async with call.r.db.begin() as tx:
        rows = await table.rows(tx, want, by=call.who)
    write = sheets.as_csv if kind == "csv" else partial(sheets.as_xlsx, title="orders")
    made = await asyncio.to_thread(write, rows)
    headers = {
        "Content-Disposition": f'attachment; filename="orders.{kind}"',
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=made, content_type=_KINDS[kind], headers=headers)


@route(
    "POST",
    "/v1/desk/shipments",
    may=_SHIPPERS,
    errors=(NoSheet, NotASheet, SheetTooLarge),
    tags=_TAGS,
    tx=False,
)
async def ship_many(call: Call, body: ShipMany) -> ManyOut:
    """Ship many orders from a table, or see what would become of each of its rows."""
    if body.merchant is not None and not call.who.is_staff(StaffRole.OPERATOR):
        call.who.must_act_for(body.merchant, MerchantRole.OWNER, MerchantRole.ASSISTANT)
    if (body.text is None) == (body.file is None):
        raise NoSheet()
    if body.file is not None:
        rows = await asyncio.to_thread(sheet.read_file, body.file)
    else:
        rows = sheet.read_text(body.text or "")
    return await actions.ship_many(
        call.r.db,
        rows,
        dry_run=body.dry_run,
        by=call.who,
        office=shipping.Office(call.r.part(Desk), call.r.part(Rates)),
        now=call.now,
    )


@route(
    "GET",
    "/v1/merchants/{merchant}/shares",
    may=member(MerchantRole.FINANCE) | staff(StaffRole.FINANCE),
    tags=("settlement",),
)
async def shares_of(call: Call, merchant: str) -> list[OrderShareOut]:
    """What each order still owes the merchant, and when it becomes theirs."""
    return await queries.shares(call.tx, merchant, by=call.who)


def _wanted(
    merchant: str | None,
    state: str | None,
    placed_from: date | None,
    placed_to: date | None,
    country: str | None,
    live: str | None,
    q: str | None,
    owing: bool,
) -> Wanted:
    named = [each for each in (state or "").split(",") if each]
    return Wanted.model_validate(
        {
            "merchant": merchant,
            "states": named,
            "placed_from": placed_from,
            "placed_to": placed_to,
            "country": country or None,
            "live": live or None,
            "q": q,
            "owing": owing,
        }
    )


ROUTES = [orders, export, ship_many, shares_of]
