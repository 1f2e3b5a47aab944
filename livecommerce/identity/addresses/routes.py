"""Saved addresses and address forms over HTTP."""

from livecommerce.identity.addresses import actions, forms, queries
from livecommerce.identity.addresses.errors import (
    AddressWrong,
    NoSuchAddress,
    NoSuchCountry,
    TooManyAddresses,
)
from livecommerce.identity.addresses.wire import AddressFormOut, SaveAddress, SavedAddressOut
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone


@route(
    "GET",
    "/v1/address-forms/{country}",
    may=anyone,
    errors=(NoSuchCountry,),
    tags=("addresses",),
    tx=False,
)
async def form(call: Call, country: str) -> AddressFormOut:
    """How an address is written in a country: fields, which are required, postcodes, states."""
    return forms.form(country)


@route("GET", "/v1/addresses", may=anyone, tags=("addresses",))
async def addresses(call: Call) -> list[SavedAddressOut]:
    """The addresses you keep, the default one first."""
    return await queries.of(call.tx, call.who.id)


@route(
    "POST",
    "/v1/addresses",
    status=201,
    may=anyone,
    errors=(AddressWrong, TooManyAddresses),
    tags=("addresses",),
)
async def save(call: Call, body: SaveAddress) -> SavedAddressOut:
    """Keep an address."""
    return await actions.save(call.tx, body, by=call.who, now=call.now)


@route(
    "PUT",
    "/v1/addresses/{address}",
    may=anyone,
    errors=(NoSuchAddress, AddressWrong),
    tags=("addresses",),
)
async def change(call: Call, address: str, body: SaveAddress) -> SavedAddressOut:
    """Replace an address you keep."""
    return await actions.change(call.tx, address, body, by=call.who, now=call.now)


@route(
    "DELETE",
    "/v1/addresses/{address}",
    status=204,
    may=anyone,
    errors=(NoSuchAddress,),
    tags=("addresses",),
)
async def forget(call: Call, address: str) -> None:
    """Keep an address no longer."""
    await actions.forget(call.tx, address, by=call.who)


ROUTES = [form, addresses, save, change, forget]
