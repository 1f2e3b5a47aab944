"""Sheets over HTTP."""

import asyncio

from aiohttp import web

from livecommerce.catalogue.errors import (
    AppliedAlready,
    ImportHasErrors,
    NoSuchImport,
    NoSuchPicture,
    PlanChanged,
    SkuTaken,
)
from livecommerce.catalogue.sheets import actions, queries, writing
from livecommerce.catalogue.sheets.reading import MOST
from livecommerce.catalogue.sheets.wire import ImportOut
from livecommerce.office.errors import NotASheet, SheetTooLarge
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member
from livecommerce.web.principal import MerchantRole
from livecommerce.web.upload import TAKES, NoFile, read_file

_SELLERS = (MerchantRole.OWNER, MerchantRole.ASSISTANT)
_SELLER = member(*_SELLERS)
_TAGS = ("sheets",)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@route(
    "GET",
    "/v1/merchants/{merchant}/products.csv",
    may=_SELLER,
    tags=_TAGS,
    tx=False,
    gives=("text/csv", "product,sku,title_zh,price\r\nprd_…,SET-200,四件套,399.00\r\n"),
)
async def export_csv(call: Call, merchant: str, zh: bool = False) -> web.Response:
    """The catalogue as CSV, a row per variant; ``zh`` for Chinese headings."""
    columns, rows = await _rows(call, merchant)
    content = await asyncio.to_thread(writing.as_csv, columns, rows, chinese=zh)
    return _file(content, "products.csv", "text/csv; charset=utf-8")


@route(
    "GET",
    "/v1/merchants/{merchant}/products.xlsx",
    may=_SELLER,
    tags=_TAGS,
    tx=False,
    gives=(_XLSX, "PK…"),
)
async def export_xlsx(call: Call, merchant: str, zh: bool = False) -> web.Response:
    """The catalogue as XLSX, a row per variant; ``zh`` for Chinese headings."""
    columns, rows = await _rows(call, merchant)
    content = await asyncio.to_thread(writing.as_xlsx, columns, rows, chinese=zh)
    return _file(content, "products.xlsx", _XLSX)


@route(
    "POST",
    "/v1/merchants/{merchant}/imports",
    status=201,
    may=_SELLER,
    errors=(NoFile, NotASheet, SheetTooLarge),
    tags=_TAGS,
    tx=False,
    takes=TAKES,
)
async def check(call: Call, merchant: str) -> ImportOut:
    """Send a sheet (CSV or XLSX) and see, row by row, what it would do."""
    call.who.must_act_for(merchant, *_SELLERS)
    sent = await read_file(call.request, most=MOST.content)
    return await actions.check(call.r.db, merchant, sent, by=call.who, now=call.now)


@route("GET", "/v1/imports/{sheet}", may=_SELLER, errors=(NoSuchImport,), tags=_TAGS)
async def shown(call: Call, sheet: str) -> ImportOut:
    """A sheet that was sent, with its report."""
    row = await queries.sheet_import(call.tx, sheet)
    call.who.must_act_for(row.merchant_id, *_SELLERS)
    return queries.import_out(row)


@route(
    "POST",
    "/v1/imports/{sheet}/apply",
    may=_SELLER,
    errors=(
        NoSuchImport,
        AppliedAlready,
        ImportHasErrors,
        PlanChanged,
        SkuTaken,
        NoSuchPicture,
    ),
    tags=_TAGS,
)
async def apply(call: Call, sheet: str) -> ImportOut:
    """Do all that the report says, or nothing."""
    return await actions.apply(call.tx, sheet, by=call.who, now=call.now)


async def _rows(call: Call, merchant: str) -> tuple[list[str], list[dict[str, str]]]:
    call.who.must_act_for(merchant, *_SELLERS)
    async with call.r.db.begin() as tx:
        return await queries.rows(tx, merchant)


def _file(content: bytes, name: str, kind: str) -> web.Response:
    headers = {
        "Content-Type": kind,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=content, headers=headers)


ROUTES = [export_csv, export_xlsx, check, shown, apply]
