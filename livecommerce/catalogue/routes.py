"""The catalogue over HTTP."""

from livecommerce.catalogue import actions, queries
from livecommerce.catalogue.bulk import routes as bulk
from livecommerce.catalogue.editing import routes as editing
from livecommerce.catalogue.errors import (
    CurrenciesDiffer,
    HoldGone,
    HoldInCheckout,
    NoSuchHold,
    NoSuchLocation,
    NoSuchProduct,
    NoSuchVariant,
    PriceNotPayable,
    PriceNotPositive,
    SkuTaken,
    StockShort,
)
from livecommerce.catalogue.locations import routes as locations
from livecommerce.catalogue.pictures import routes as pictures
from livecommerce.catalogue.search.queries import Wanted, find
from livecommerce.catalogue.search.queries import categories as known_categories
from livecommerce.catalogue.sheets import routes as sheets
from livecommerce.catalogue.wire import (
    CategoriesOut,
    HoldOut,
    MoveStock,
    NewProduct,
    ProductOut,
    StockOut,
)
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member
from livecommerce.web.principal import MerchantRole
from livecommerce.web.wire import PageOut

MOST = 100
_SELLER = member(MerchantRole.OWNER, MerchantRole.ASSISTANT)


@route("GET", "/v1/products", may=anyone, tags=("catalogue",))
async def products(
    call: Call,
    merchant: str | None = None,
    category: str | None = None,
    q: str = "",
    archived: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> PageOut[ProductOut]:
    """Products: those that ``q`` names in Chinese or English, best first, or all, newest
    first. Archived ones are shown to their merchant alone.
    """
    if archived:
        call.who.must_act_for(merchant or "")
    want = Wanted(merchant=merchant, category=category, archived=archived, words=q[:200])
    most = max(1, min(limit, MOST))
    found = await find(call.tx, want, cursor=cursor, limit=most)
    return PageOut(items=found.items, next_cursor=found.following)


@route(
    "GET", "/v1/products/{product}", may=anyone, errors=(NoSuchProduct,), tags=("catalogue",)
)
async def product(call: Call, product: str) -> ProductOut:
    """One product with its variants."""
    return await queries.product(call.tx, product)


@route(
    "POST",
    "/v1/products",
    status=201,
    may=_SELLER,
    errors=(SkuTaken, PriceNotPositive, PriceNotPayable, CurrenciesDiffer),
    tags=("catalogue",),
)
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
    "/v1/products/{product}/unarchive",
    may=_SELLER,
    errors=(NoSuchProduct,),
    tags=("catalogue",),
)
async def unarchive(call: Call, product: str) -> ProductOut:
    """Put an archived product back into the catalogue."""
    return await actions.unarchive_product(call.tx, product, by=call.who, now=call.now)


@route("GET", "/v1/merchants/{merchant}/categories", may=member(), tags=("catalogue",))
async def categories(call: Call, merchant: str) -> CategoriesOut:
    """The categories that a merchant's products are in."""
    call.who.must_act_for(merchant)
    return CategoriesOut(categories=await known_categories(call.tx, merchant))


@route(
    "POST",
    "/v1/variants/{variant}/stock",
    may=_SELLER,
    errors=(NoSuchVariant, NoSuchLocation, StockShort),
    tags=("catalogue",),
)
async def move_stock(call: Call, variant: str, body: MoveStock) -> StockOut:
    """Book goods in, or off as damaged, or correct a count."""
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
    errors=(NoSuchHold, HoldInCheckout, HoldGone),
    tags=("buy",),
)
async def release(call: Call, hold: str) -> None:
    """Give goods back that were set aside for you and are in no checkout."""
    await actions.release_hold(call.tx, hold, by=call.who, now=call.now)


ROUTES = [
    products,
    product,
    create,
    archive,
    unarchive,
    categories,
    move_stock,
    holds,
    release,
    *bulk.ROUTES,
    *editing.ROUTES,
    *pictures.ROUTES,
    *locations.ROUTES,
    *sheets.ROUTES,
]
