"""The cart over HTTP."""

from livecommerce.catalogue.errors import ClaimsDown, KeyTaken, QueueFull
from livecommerce.crossborder.errors import NoRate, RatesTooOld
from livecommerce.crossborder.rates import Rates
from livecommerce.live.counter import Counter
from livecommerce.live.errors import NotSoldHere, OverAlready
from livecommerce.orders.cart import actions, buying, priced
from livecommerce.orders.cart.errors import (
    BeingBought,
    BoughtAlready,
    CartFull,
    NoSuchItem,
    NotAllToBeHad,
    NotInCart,
)
from livecommerce.orders.cart.priced import Shown
from livecommerce.orders.cart.wire import BuyCart, CartHeldOut, CartOut, PutItem
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone
from livecommerce.web.wire import Currency
from streams.chat.errors import Banned
from streams.sessions.errors import NoSuchLive


@route(
    "GET",
    "/v1/cart",
    may=anyone,
    errors=(NoRate, RatesTooOld),
    tags=("cart",),
    tx=False,
)
async def cart(call: Call, currency: Currency | None = None) -> CartOut:
    """Your cart on every device of yours, at the prices and with the stock of this moment."""
    return await _cart(call, call.who.id, currency)


@route(
    "PUT",
    "/v1/cart/items",
    may=anyone,
    errors=(NoSuchLive, NotSoldHere, OverAlready, CartFull),
    tags=("cart",),
    tx=False,
)
async def put(call: Call, body: PutItem, currency: Currency | None = None) -> CartOut:
    """Have so many of a variant in your cart. Nothing is set aside by that."""
    offer, price = (await call.r.part(Counter).wares(body.live)).price(body.card, body.variant)
    async with call.r.db.begin() as tx:
        owner = await actions.put(
            tx, body, by=call.who, merchant=offer.merchant, price=price, now=call.now
        )
    return await _cart(call, owner, currency)


@route(
    "DELETE",
    "/v1/cart/items/{item}",
    may=anyone,
    errors=(NoSuchItem,),
    tags=("cart",),
    tx=False,
)
async def drop(call: Call, item: str, currency: Currency | None = None) -> CartOut:
    """Take a line out of your cart."""
    async with call.r.db.begin() as tx:
        await actions.drop(tx, item, by=call.who, now=call.now)
    return await _cart(call, call.who.id, currency)


@route(
    "POST",
    "/v1/cart/purchase",
    status=201,
    may=anyone,
    key=True,
    errors=(
        *(NotInCart, BeingBought, BoughtAlready, NotAllToBeHad, KeyTaken),
        *(QueueFull, ClaimsDown, Banned),
    ),
    tags=("cart",),
    tx=False,
)
async def buy(call: Call, body: BuyCart, currency: Currency | None = None) -> CartHeldOut:
    """Set lines of your cart aside, all of them or none, from however many merchants. Quote
    the holds, then place them. The key makes it safe to repeat."""
    holds = await buying.buy(call.r, body, who=call.who, key=call.key or "", now=call.now)
    return CartHeldOut(holds=holds, cart=await _cart(call, call.who.id, currency))


async def _cart(call: Call, owner: str, currency: str | None) -> CartOut:
    shown = Shown(currency, call.r.part(Rates).day(call.now)) if currency else None
    return await priced.cart(call.r.db, call.r.part(Counter), owner, shown=shown)


ROUTES = [cart, put, drop, buy]
