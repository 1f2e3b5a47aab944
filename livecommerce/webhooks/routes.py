"""Webhooks over HTTP: the catalogue, endpoints, and their delivery logs."""

from aiohttp import web

from livecommerce.kernel.page import Cursor
from livecommerce.web.api import Call, route
from livecommerce.web.guard import anyone, member, staff
from livecommerce.web.principal import MerchantRole, NotAllowed, StaffRole
from livecommerce.web.wire import PageOut
from livecommerce.webhooks import actions, queries, schemas
from livecommerce.webhooks.errors import (
    AddressRefused,
    EndpointOff,
    NoSuchDelivery,
    NoSuchEndpoint,
    NoSuchEventType,
    TooManyEndpoints,
    UnknownEventTypes,
)
from livecommerce.webhooks.rules import DeliveryState
from livecommerce.webhooks.wire import (
    ChangeEndpoint,
    DeliveryDetail,
    DeliveryOut,
    EndpointOut,
    EventTypeOut,
    MadeEndpoint,
    MadeSecret,
    MakeEndpoint,
    Replay,
    Replayed,
    RotateSecret,
)

_KEEPERS = member(MerchantRole.OWNER) | staff(StaffRole.ADMIN)
_TAGS = ("webhooks",)
_SCHEMA = "application/schema+json"


@route("GET", "/v1/webhook-types", may=anyone, tags=_TAGS, tx=False)
async def types(call: Call) -> list[EventTypeOut]:
    """Every event that an endpoint can hear of."""
    return queries.event_types()


@route(
    "GET",
    "/v1/webhook-types/{event_type}/schema",
    may=anyone,
    errors=(NoSuchEventType,),
    tags=_TAGS,
    tx=False,
    gives=(_SCHEMA, {"title": "orders.paid", "type": "object"}),
)
async def type_schema(call: Call, event_type: str) -> web.Response:
    """The JSON Schema of a body of that type."""
    return web.json_response(schemas.schema_of(event_type), content_type=_SCHEMA)


@route("GET", "/v1/webhooks", may=_KEEPERS, errors=(NotAllowed,), tags=_TAGS)
async def endpoints(call: Call, merchant: str | None = None) -> list[EndpointOut]:
    """The endpoints of a merchant, or of the centre."""
    return await queries.endpoints(call.tx, merchant=merchant, by=call.who)


@route(
    "POST",
    "/v1/webhooks",
    status=201,
    may=_KEEPERS,
    errors=(AddressRefused, UnknownEventTypes, TooManyEndpoints, NotAllowed),
    tags=_TAGS,
    tx=False,
)
async def make(call: Call, body: MakeEndpoint) -> MadeEndpoint:
    """Make an endpoint; the secret is shown this once, and never stored for repetition."""
    async with call.r.db.begin() as tx:
        return await actions.make(
            tx,
            body,
            by=call.who,
            trusted=call.r.settings.webhook_hosts,
            secret=call.r.settings.secret_key(),
            now=call.now,
        )


@route("GET", "/v1/webhooks/{webhook}", may=_KEEPERS, errors=(NoSuchEndpoint,), tags=_TAGS)
async def endpoint(call: Call, webhook: str) -> EndpointOut:
    """One endpoint."""
    return await queries.endpoint(call.tx, webhook, by=call.who)


@route(
    "PATCH",
    "/v1/webhooks/{webhook}",
    may=_KEEPERS,
    errors=(NoSuchEndpoint, AddressRefused, UnknownEventTypes),
    tags=_TAGS,
)
async def change(call: Call, webhook: str, body: ChangeEndpoint) -> EndpointOut:
    """Another address, other events, on or off."""
    trusted = call.r.settings.webhook_hosts
    return await actions.change(
        call.tx, webhook, body, by=call.who, trusted=trusted, now=call.now
    )


@route(
    "DELETE",
    "/v1/webhooks/{webhook}",
    status=204,
    may=_KEEPERS,
    errors=(NoSuchEndpoint,),
    tags=_TAGS,
)
async def remove(call: Call, webhook: str) -> None:
    """Remove an endpoint and its log."""
    await actions.remove(call.tx, webhook, by=call.who, now=call.now)


@route(
    "POST",
    "/v1/webhooks/{webhook}/secret",
    may=_KEEPERS,
    errors=(NoSuchEndpoint,),
    tags=_TAGS,
    tx=False,
)
async def rotate(call: Call, webhook: str, body: RotateSecret) -> MadeSecret:
    """A new secret, shown this once; the old one signs beside it for a while."""
    secret = call.r.settings.secret_key()
    async with call.r.db.begin() as tx:
        return await actions.rotate(tx, webhook, body, by=call.who, secret=secret, now=call.now)


@route(
    "POST",
    "/v1/webhooks/{webhook}/test",
    status=201,
    may=_KEEPERS,
    errors=(NoSuchEndpoint, EndpointOff),
    tags=_TAGS,
)
async def test(call: Call, webhook: str) -> DeliveryOut:
    """Send a test event now."""
    return await actions.test(call.tx, webhook, by=call.who, now=call.now)


@route(
    "POST",
    "/v1/webhooks/{webhook}/replays",
    status=201,
    may=_KEEPERS,
    errors=(NoSuchEndpoint, EndpointOff),
    tags=_TAGS,
)
async def replay_range(call: Call, webhook: str, body: Replay) -> Replayed:
    """Send again what happened in a range of time."""
    return await actions.replay_range(call.tx, webhook, body, by=call.who, now=call.now)


@route(
    "GET",
    "/v1/webhooks/{webhook}/deliveries",
    may=_KEEPERS,
    errors=(NoSuchEndpoint,),
    tags=_TAGS,
)
async def deliveries(
    call: Call,
    webhook: str,
    state: DeliveryState | None = None,
    event_type: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> PageOut[DeliveryOut]:
    """The delivery log, newest first."""
    page = await queries.deliveries(
        call.tx,
        webhook,
        by=call.who,
        state=state,
        kind=event_type,
        cursor=Cursor.decode(cursor) if cursor else None,
        limit=max(1, min(limit, 100)),
    )
    return PageOut(
        items=list(page.items), next_cursor=page.next.encode() if page.next else None
    )


@route(
    "GET",
    "/v1/webhooks/{webhook}/deliveries/{delivery}",
    may=_KEEPERS,
    errors=(NoSuchEndpoint, NoSuchDelivery),
    tags=_TAGS,
)
async def delivery(call: Call, webhook: str, delivery: str) -> DeliveryDetail:
    """A delivery with what was sent and every try."""
    return await queries.delivery(call.tx, webhook, delivery, by=call.who)


@route(
    "POST",
    "/v1/webhooks/{webhook}/deliveries/{delivery}/replay",
    status=201,
    may=_KEEPERS,
    errors=(NoSuchEndpoint, NoSuchDelivery, EndpointOff),
    tags=_TAGS,
)
async def replay(call: Call, webhook: str, delivery: str) -> DeliveryOut:
    """Send one event again, as it was."""
    return await actions.replay(call.tx, webhook, delivery, by=call.who, now=call.now)


ROUTES = [
    *(types, type_schema, endpoints, make, endpoint, change, remove, rotate, test),
    *(replay_range, deliveries, delivery, replay),
]
