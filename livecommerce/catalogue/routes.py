"""The catalogue over HTTP."""

from livecommerce.catalogue import actions, queries
from livecommerce.catalogue.errors import (
    HoldGone,
    NoSuchHold,
    NoSuchProduct,
    NoSuchVariant,
    SkuTaken,
    StockShort,
)
from livecommerce.catalogue.wire import HoldOut, MoveStock, NewProduct, ProductOut, StockOut
from livecommerce.kernel.page import Cursor
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member
from livecommerce.web.principal import MerchantRole
from livecommerce.web.wire import PageOut

MOST = 100
_SELLER = member(MerchantRole.OWNER, MerchantRole.ASSISTANT)


@route("GET", "/v1/products", may=anyone, tags=("catalogue",))
async def products(
    call: Call, merchant: str | None = None, cursor: str | None = None, limit: int = 50
) -> PageOut[ProductOut]:
    """Products, newest first."""
    page = await queries.listed(
        call.tx,
        merchants=[merchant] if merchant else None,
        after=Cursor.decode(cursor) if cursor else None,
        limit=max(1, min(limit, MOST)),
    )
    following = page.next.encode() if page.next else None
    return PageOut(items=list(page.items), next_cursor=following)


@route(
    "GET", "/v1/products/{product}", may=anyone, errors=(NoSuchProduct,), tags=("catalogue",)
)
async def product(call: Call, product: str) -> ProductOut:
    """One product with its variants."""
    return await queries.product(call.tx, product)


@route("POST", "/v1/products", status=201, may=_SELLER, errors=(SkuTaken,), tags=("catalogue",))
async def create(call: Call, body: NewProduct) -> ProductOut:
    """Create a product with its variants and first stock."""
    return await actions.create_product(call.tx, body, by=call.who, now=call.now)


@route(
    "DELETE",
    "/v1/products/{product}",
    status=204,
    may=_SELLER,
    errors=(NoSuchProduct,),
    tags=("catalogue",),
)
async def archive(call: Call, product: str) -> None:
    """Archive a product."""
    await actions.archive_product(call.tx, product, by=call.who, now=call.now)


@route(
    "POST",
    "/v1/variants/{variant}/stock",
    may=_SELLER,
    errors=(NoSuchVariant, StockShort),
    tags=("catalogue",),
)
async def move_stock(call: Call, variant: str, body: MoveStock) -> StockOut:
    """Book goods in, or correct a count."""
    return await actions.move_stock(call.tx, variant, body, by=call.who, now=call.now)


@route("GET", "/v1/holds", may=anyone, tags=("buy",))
async def holds(call: Call) -> list[HoldOut]:
    """What is set aside for you and in no checkout yet."""
    return await queries.held_by(call.tx, call.who.id, now=call.now)


@route(
    "DELETE",
    "/v1/holds/{hold}",
    status=204,
    may=anyone,
    errors=(NoSuchHold, HoldGone),
    tags=("buy",),
)
async def release(call: Call, hold: str) -> None:
    """Give goods back that were set aside for you and are in no checkout."""
    await actions.release_hold(call.tx, hold, by=call.who, now=call.now)


ROUTES = [products, product, create, archive, move_stock, holds, release]
