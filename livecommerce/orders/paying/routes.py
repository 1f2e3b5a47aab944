"""Kept cards over HTTP. Guests keep none."""

from livecommerce.orders.errors import NoSuchCheckout
from livecommerce.orders.paying import actions, queries
from livecommerce.orders.paying.wire import KeepMethod, MethodOut, Tap, TapOut
from livecommerce.web.api import Call, route
from livecommerce.web.guard import Guard
from livecommerce.web.principal import Kind
from payments.errors import NoSuchMethod, NotOpen
from payments.gateway import Declined, NotAsked, OutcomeUnknown, Refused

person = Guard("a signed-in person", lambda who: who.kind is Kind.PERSON)


@route("GET", "/v1/payment-methods", may=person, tags=("orders",))
async def methods(call: Call) -> list[MethodOut]:
    """The cards you keep, the newest first."""
    return await queries.of(call.tx, call.who.id, now=call.now)


@route(
    "DELETE",
    "/v1/payment-methods/{method}",
    status=204,
    may=person,
    errors=(NoSuchMethod,),
    tags=("orders",),
)
async def forget(call: Call, method: str) -> None:
    """Keep a card no longer."""
    await actions.forget(call.tx, method, by=call.who, now=call.now)


@route(
    "PUT",
    "/v1/checkouts/{checkout}/keeping",
    status=204,
    may=person,
    errors=(NoSuchCheckout, NotOpen, Refused, OutcomeUnknown, NotAsked),
    tags=("orders",),
    tx=False,
)
async def keep(call: Call, checkout: str, body: KeepMethod) -> None:
    """Keep the card that you will pay with for the next time, or do not."""
    await actions.keep(
        call.r.db, call.r.payments, checkout, wanted=body.keep, by=call.who, now=call.now
    )


@route(
    "POST",
    "/v1/checkouts/{checkout}/tap",
    may=person,
    errors=(
        *(NoSuchCheckout, NoSuchMethod, NotOpen),
        *(Declined, Refused, OutcomeUnknown, NotAsked),
    ),
    tags=("orders",),
    key=True,
    tx=False,
)
async def tap(call: Call, checkout: str, body: Tap) -> TapOut:
    """Pay with a card you keep, in one tap."""
    assert call.key is not None
    return await actions.tap(
        call.r.db,
        call.r.payments,
        checkout,
        body.method,
        key=call.key,
        home=call.r.public_url,
        by=call.who,
        now=call.now,
    )


ROUTES = [methods, forget, keep, tap]
