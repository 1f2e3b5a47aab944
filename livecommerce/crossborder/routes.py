"""Declarations and destinations over HTTP. Quotes are asked for with a purchase (orders)."""

from aiohttp import web
from pydantic import Field

from livecommerce.crossborder import actions, queries, refreshing, rules
from livecommerce.crossborder.errors import (
    ImplausibleRates,
    NoRatesAddress,
    NoSuchDeclaration,
    OlderRates,
    ShortRates,
    WrongDeclarationState,
)
from livecommerce.crossborder.facts import ConsignmentFacts, Desk
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.wire import (
    CarrierOut,
    DeclarationOut,
    DestinationOut,
    RatesOut,
)
from livecommerce.outside.customs.ceb.names import MessageKind
from livecommerce.outside.rates.ecb import NotRates, RatesNotFetched, UnsafeAddress
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member, staff
from livecommerce.web.principal import MerchantRole, Principal, StaffRole
from livecommerce.web.wire import PageOut, Wire

_MAY_READ = member() | staff()
_DECLARES = (StaffRole.OPERATOR, StaffRole.COMPLIANCE)
_MAY_DECLARE = member(MerchantRole.OWNER) | staff(*_DECLARES)
_TAGS = ("customs",)


class Resend(Wire):
    """Corrected facts, or nothing to send the same ones again."""

    facts: ConsignmentFacts | None = None


class Withdraw(Wire):
    """Why the inventory shall be cancelled."""

    reason: str = Field(min_length=1, max_length=1000)


@route("GET", "/v1/destinations", may=anyone, tx=False, tags=("quotes",))
async def destinations(call: Call) -> list[DestinationOut]:
    """Where we ship, and whether duties can be paid in advance."""
    desk, today = call.r.part(Desk), rules.customs_day(call.now)
    return [d for d in queries.destinations() if desk.refuses(d.country, today) is None]


@route("GET", "/v1/carriers", may=_MAY_READ, tx=False, tags=_TAGS)
async def carriers(call: Call) -> list[CarrierOut]:
    """Who may carry a parcel: one of them is named when it is shipped."""
    return [
        CarrierOut(code=each.code, name=each.name, label=each.label)
        for each in call.r.part(Desk).carriers
    ]


@route("GET", "/v1/rates", may=staff(), tags=("quotes",))
async def rates_in_use(call: Call) -> RatesOut:
    """Which day's exchange rates are in use."""
    may = call.r.settings.rates_url is not None
    return await refreshing.in_use(call.tx, call.r.part(Rates), may_refresh=may, now=call.now)


@route(
    "POST",
    "/v1/rates/refresh",
    may=staff(StaffRole.FINANCE, StaffRole.OPERATOR),
    errors=(
        NoRatesAddress,
        UnsafeAddress,
        RatesNotFetched,
        NotRates,
        OlderRates,
        ShortRates,
        ImplausibleRates,
    ),
    tx=False,
    tags=("quotes",),
)
async def refresh_rates(call: Call) -> RatesOut:
    """Fetch the newest exchange rates now."""
    r, rates = call.r, call.r.part(Rates)
    await refreshing.refresh(r.db, r.http, rates, r.settings.rates_url, now=call.now)
    async with r.db.begin() as tx:
        return await refreshing.in_use(tx, rates, may_refresh=True, now=call.now)


@route("GET", "/v1/declarations", may=_MAY_READ, tags=_TAGS)
async def declarations(
    call: Call, cursor: str | None = None, limit: int = 50
) -> PageOut[DeclarationOut]:
    """Your declarations, newest first."""
    mine = None if call.who.is_staff() else list(call.who.memberships)
    return await queries.declarations(
        call.tx, merchants=mine, cursor=cursor, limit=max(1, min(limit, 100))
    )


@route(
    "GET",
    "/v1/declarations/{declaration}",
    may=_MAY_READ,
    errors=(NoSuchDeclaration,),
    tags=_TAGS,
)
async def one(call: Call, declaration: str) -> DeclarationOut:
    """One declaration with its messages and differences."""
    return await _seen(call, declaration)


@route(
    "GET",
    "/v1/declarations/{declaration}/messages/{kind}",
    may=_MAY_READ,
    errors=(NoSuchDeclaration,),
    tags=_TAGS,
    gives=("application/xml", '<ceb:CEB603Message version="1.0">…</ceb:CEB603Message>'),
)
async def message(call: Call, declaration: str, kind: str) -> web.Response:
    """A message's XML, unsigned, as it is or would be sent."""
    await _seen(call, declaration)
    try:
        wanted = MessageKind(kind)
    except ValueError:
        raise NoSuchDeclaration(declaration=declaration, kind=kind) from None
    xml = await queries.document(call.tx, declaration, wanted)
    name = f"CEB{wanted.value}-{declaration}.xml"
    return web.Response(
        body=xml.encode(),
        content_type="application/xml",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@route(
    "POST",
    "/v1/declarations/{declaration}/resend",
    may=_MAY_DECLARE,
    errors=(NoSuchDeclaration, WrongDeclarationState),
    tags=_TAGS,
)
async def resend(call: Call, declaration: str, body: Resend) -> DeclarationOut:
    """Send a draft or a rejected declaration again; staff may correct its facts."""
    await _seen(call, declaration, to_declare=True)
    if body.facts is not None:
        call.who.must_be_staff(*_DECLARES)
    return await actions.resend(
        call.tx,
        declaration,
        facts=body.facts,
        desk=call.r.part(Desk),
        rates=call.r.part(Rates),
        now=call.now,
    )


@route(
    "POST",
    "/v1/declarations/{declaration}/withdraw",
    may=_MAY_DECLARE,
    errors=(NoSuchDeclaration, WrongDeclarationState),
    tags=_TAGS,
)
async def withdraw(call: Call, declaration: str, body: Withdraw) -> DeclarationOut:
    """Ask customs to cancel the inventory before the goods leave."""
    await _seen(call, declaration, to_declare=True)
    return await actions.withdraw(call.tx, declaration, reason=body.reason, now=call.now)


async def _seen(call: Call, declaration: str, *, to_declare: bool = False) -> DeclarationOut:
    """The declaration, if the caller may see it (or declare); somebody else's is not found."""
    found = await queries.declaration(call.tx, declaration)
    _may(call.who, found, to_declare=to_declare)
    return found


def _may(who: Principal, found: DeclarationOut, *, to_declare: bool) -> None:
    if who.is_staff(*(_DECLARES if to_declare else ())):
        return
    if not who.member_of(found.merchant):
        raise NoSuchDeclaration(declaration=found.id)
    if to_declare:
        who.must_act_for(found.merchant, MerchantRole.OWNER)


ROUTES = [
    destinations,
    carriers,
    rates_in_use,
    refresh_rates,
    declarations,
    one,
    message,
    resend,
    withdraw,
]
