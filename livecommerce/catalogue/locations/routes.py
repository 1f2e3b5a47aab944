"""Stock where it lies, over HTTP."""

from livecommerce.catalogue import queries as catalogue
from livecommerce.catalogue.errors import NoSuchLocation, NoSuchVariant, StockShort
from livecommerce.catalogue.locations import actions, queries
from livecommerce.catalogue.locations.wire import (
    EditLocation,
    LocationOut,
    MovementOut,
    NewLocation,
    StocktakeOut,
    TakeStock,
    TransferStock,
    VariantStockOut,
)
from livecommerce.catalogue.wire import StockOut
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member
from livecommerce.web.principal import MerchantRole
from livecommerce.web.wire import PageOut

MOST = 200
_KEEPER = member(MerchantRole.OWNER, MerchantRole.ASSISTANT)
_MEMBER = member()
_TAGS = ("stock",)


@route("GET", "/v1/merchants/{merchant}/locations", may=_MEMBER, tags=_TAGS)
async def locations(call: Call, merchant: str) -> list[LocationOut]:
    """Where the merchant's goods lie, in the order that sales are taken from."""
    call.who.must_act_for(merchant)
    return await queries.locations(call.tx, merchant)


@route("POST", "/v1/locations", status=201, may=_KEEPER, tags=_TAGS)
async def add_location(call: Call, body: NewLocation) -> LocationOut:
    """Add a location."""
    return await actions.add_location(call.tx, body, by=call.who, now=call.now)


@route("PUT", "/v1/locations/{location}", may=_KEEPER, errors=(NoSuchLocation,), tags=_TAGS)
async def edit_location(call: Call, location: str, body: EditLocation) -> LocationOut:
    """Rename a location, or change its turn."""
    return await actions.edit_location(call.tx, location, body, by=call.who)


@route("GET", "/v1/merchants/{merchant}/stock", may=_MEMBER, tags=_TAGS)
async def stock(
    call: Call,
    merchant: str,
    product: str | None = None,
    sku: str | None = None,
    cursor: str = "",
    limit: int = 100,
) -> PageOut[VariantStockOut]:
    """Variants by SKU with what lies where; the cursor is the last SKU seen."""
    call.who.must_act_for(merchant)
    most = max(1, min(limit, MOST))
    rows = await queries.stock(
        call.tx, merchant, product=product, sku=sku, after=cursor, limit=most + 1
    )
    following = rows[most - 1].sku if len(rows) > most else None
    return PageOut(items=rows[:most], next_cursor=following)


@route(
    "GET", "/v1/variants/{variant}/journal", may=_MEMBER, errors=(NoSuchVariant,), tags=_TAGS
)
async def journal(
    call: Call, variant: str, before: int = queries.NEWEST, goods: bool = False, limit: int = 50
) -> list[MovementOut]:
    """A variant's movements, newest first; ``goods`` leaves out holds made and ended."""
    row = await catalogue.variant(call.tx, variant)
    call.who.must_act_for(row.merchant_id)
    newest = max(0, min(before, queries.NEWEST))
    most = max(1, min(limit, MOST))
    return await queries.journal(call.tx, variant, before=newest, goods=goods, limit=most)


@route(
    "POST",
    "/v1/variants/{variant}/transfers",
    may=_KEEPER,
    errors=(NoSuchVariant, NoSuchLocation, StockShort),
    tags=_TAGS,
)
async def transfer(call: Call, variant: str, body: TransferStock) -> StockOut:
    """Carry goods to another location."""
    return await actions.transfer(call.tx, variant, body, by=call.who, now=call.now)


@route(
    "POST",
    "/v1/locations/{location}/counts",
    may=_KEEPER,
    errors=(NoSuchLocation, NoSuchVariant, StockShort),
    tags=_TAGS,
)
async def take_stock(call: Call, location: str, body: TakeStock) -> StocktakeOut:
    """Book what was counted at a location."""
    return await actions.take_stock(call.tx, location, body, by=call.who, now=call.now)


ROUTES = [
    locations,
    add_location,
    edit_location,
    stock,
    journal,
    transfer,
    take_stock,
]
