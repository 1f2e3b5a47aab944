"""Papers over HTTP: invoices one by one, everything else for many orders at once."""

from typing import Literal

from aiohttp import web

from livecommerce.office import printing
from livecommerce.office.errors import NoFontForChinese
from livecommerce.orders import queries as orders
from livecommerce.orders.errors import NoSuchOrder
from livecommerce.orders.papers import actions, printed, queries
from livecommerce.orders.papers.errors import NoInvoiceYet, NotInvoiceable
from livecommerce.orders.papers.rules import Paper, spelled
from livecommerce.orders.papers.wire import InvoiceOut, Print
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member, staff
from livecommerce.web.principal import MerchantRole, StaffRole

_DESK = member(MerchantRole.OWNER, MerchantRole.ASSISTANT, MerchantRole.FINANCE) | staff(
    StaffRole.OPERATOR, StaffRole.FINANCE
)
_TAGS = ("papers",)
_PDF = ("application/pdf", "%PDF-1.7 …")


@route(
    "GET",
    "/v1/orders/{order}/invoices",
    may=anyone,
    errors=(NoSuchOrder,),
    tags=_TAGS,
)
async def invoices(call: Call, order: str) -> list[InvoiceOut]:
    """The invoice of an order and its credit notes, as far as they are written."""
    return await queries.of_order(call.tx, order, by=call.who)


@route(
    "GET",
    "/v1/invoices/{invoice}",
    may=anyone,
    errors=(NoInvoiceYet, NoFontForChinese),
    tags=_TAGS,
    tx=False,
    gives=_PDF,
)
async def invoice(
    call: Call, invoice: str, lang: Literal["zh", "en"] | None = None
) -> web.Response:
    """An invoice or a credit note as a PDF, in the language you read or ask for."""
    async with call.r.db.begin() as tx:
        row = await queries.one(tx, invoice, by=call.who)
    wanted = lang or ("zh" if call.who.locale.startswith("zh") else "en")
    facts = {"lang": wanted, "papers": [printed.invoice(row, wanted)]}
    made = await printing.pdf(printed.template(Paper.INVOICES), facts, now=row.issued_at)
    return _pdf(made, spelled(row.kind, row.number))


@route(
    "POST",
    "/v1/desk/papers",
    may=_DESK,
    errors=(NoSuchOrder, NotInvoiceable, NoFontForChinese),
    tags=_TAGS,
    tx=False,
    gives=_PDF,
)
async def papers(call: Call, body: Print) -> web.Response:
    """Pick list, labels or invoices of many orders as one PDF; missing invoices are
    written."""
    async with call.r.db.begin() as tx:
        for order in body.orders:
            await queries.readable(tx, order, by=call.who)
        found = [await orders.order(tx, order, by=call.who) for order in body.orders]
        if body.paper is Paper.INVOICES:
            for order in sorted(body.orders):
                await actions.issue(tx, order, now=call.now)
        rows = await queries.written(tx, body.orders)
    match body.paper:
        case Paper.PICK_LIST:
            facts = printed.pick_list(found, body.lang)
        case Paper.LABELS:
            facts = printed.labels(found, body.lang)
        case Paper.INVOICES:
            facts = {
                "lang": body.lang,
                "papers": [printed.invoice(row, body.lang) for row in rows],
            }
    made = await printing.pdf(printed.template(body.paper), facts, now=call.now)
    return _pdf(made, body.paper)


def _pdf(made: bytes, name: str) -> web.Response:
    headers = {
        "Content-Disposition": f'inline; filename="{name}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=made, content_type="application/pdf", headers=headers)


ROUTES = [invoices, invoice, papers]
