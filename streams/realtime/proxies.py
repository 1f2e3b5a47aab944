"""What a Centrifugo in front of us asks: ``POST <prefix>/connect`` and so on, answered in its
format by the very door that our own hub would ask.

It calls with our key in ``X-API-Key`` (``http.static_headers`` in its configuration), and is
answered with exactly one of ``result``, ``error`` and ``disconnect``. What goes wrong on our
side is an error 100, so that its clients try again.
"""

import base64
import binascii
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from livecommerce.kernel.errors import Problem
from streams.realtime import codes
from streams.realtime.api import KeyOf, shown
from streams.realtime.codes import Close
from streams.realtime.door import ConnectWant, Door, Grant, Visitor
from streams.realtime.errors import ClientError, Disconnect, error_of
from streams.realtime.json_codec import payload

log = logging.getLogger(__name__)

DoorOf = Callable[[web.Request], Door]
Body = dict[str, Any]

_APP_ERRORS = range(400, 2000)
_APP_ENDS = range(4000, 5000)
_REASON = 32


class Asked(BaseModel):
    """What all events have in common. Fields that we do not know are let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    client: str = ""
    transport: str = "websocket"
    protocol: str = "json"
    user: str = ""
    meta: Any = None
    data: Any = None
    b64data: str = ""
    channel: str = ""
    channels: list[str] = Field(default_factory=list)
    method: str = ""
    token: str = ""
    name: str = ""
    version: str = ""

    @property
    def raw(self) -> bytes:
        """The payload, empty where there is none."""
        if self.b64data:
            return base64.b64decode(self.b64data, validate=True)
        return orjson.dumps(self.data) if "data" in self.model_fields_set else b""

    def visitor(self, address: str) -> Visitor:
        """The connection as doors know it."""
        return Visitor(
            client=self.client,
            user=self.user,
            info=b"",
            address=address,
            meta=self.meta,
            transport=self.transport,
            protocol=self.protocol,
        )


Event = Callable[[Door, Asked, web.Request], Awaitable[Body]]


def routes(door: Door | DoorOf, key: str | KeyOf, *, prefix: str = "/rt") -> list[web.RouteDef]:
    """The targets of Centrifugo's proxies.

    Args:
        door: who decides, or the function that finds it once the application is running.
        key: the key that Centrifugo has to show, or the function that finds it.
    """
    find: DoorOf = door if callable(door) else lambda _: door
    expect: KeyOf = (lambda _: key) if isinstance(key, str) else key

    def route(name: str, event: Event) -> web.RouteDef:
        async def serve(request: web.Request) -> web.Response:
            if not shown(request, expect(request)):
                return web.Response(status=401, text="The key is missing or wrong.\n")
            told = await _answered(event, find(request), request)
            return web.Response(body=orjson.dumps(told), content_type="application/json")

        return web.post(f"{prefix}/{name}", serve)

    return [route(name, event) for name, event in EVENTS.items()]


async def _answered(event: Event, door: Door, request: web.Request) -> Body:
    """The result of the event, or how it failed in numbers that Centrifugo lets pass."""
    try:
        asked = Asked.model_validate_json(await request.read() or b"{}")
        return {"result": await event(door, asked, request)}
    except (ValidationError, binascii.Error, orjson.JSONEncodeError):
        return _refusal(ClientError(codes.BAD_REQUEST))
    except Disconnect as end:
        return {"disconnect": _ending(end.close)}
    except ClientError as error:
        return _refusal(error)
    except Problem as problem:
        return _refusal(error_of(problem))
    except Exception:
        log.exception("an event of the room server failed")
        return _refusal(ClientError(codes.INTERNAL))


async def _connect(door: Door, asked: Asked, request: web.Request) -> Body:
    want = ConnectWant(
        token=asked.token,
        data=asked.raw,
        headers=request.headers,
        address=_address(request),
        user_agent=request.headers.get("User-Agent", ""),
        client=asked.client,
        transport=asked.transport,
        protocol=asked.protocol,
        name=asked.name,
        version=asked.version,
        channels=tuple(asked.channels),
    )
    admitted = await door.connect(want)
    body: Body = {"user": admitted.user, **_until(admitted.expire_at)}
    body |= _payload("info", admitted.info) | _payload("data", admitted.data)
    if admitted.subs:
        body["subs"] = {channel: _granted(grant) for channel, grant in admitted.subs.items()}
    if admitted.meta is not None:
        body["meta"] = admitted.meta
    return body


async def _refresh(door: Door, asked: Asked, request: web.Request) -> Body:
    try:
        until = await door.refresh(asked.visitor(_address(request)), asked.token)
    except (ClientError, Disconnect):
        return {"expired": True}
    return {"expired": False, **_until(until)}


async def _subscribe(door: Door, asked: Asked, request: web.Request) -> Body:
    visitor = asked.visitor(_address(request))
    return _granted(await door.subscribe(visitor, asked.channel, asked.raw, asked.token))


async def _publish(door: Door, asked: Asked, request: web.Request) -> Body:
    said = await door.publish(asked.visitor(_address(request)), asked.channel, asked.raw)
    return _payload("data", payload(said))


async def _rpc(door: Door, asked: Asked, request: web.Request) -> Body:
    answer = await door.rpc(asked.visitor(_address(request)), asked.method, asked.raw)
    return {} if answer is None else _payload("data", payload(answer))


async def _sub_refresh(door: Door, asked: Asked, request: web.Request) -> Body:
    visitor = asked.visitor(_address(request))
    try:
        until = await door.sub_refresh(visitor, asked.channel, asked.token)
    except (ClientError, Disconnect):
        return {"expired": True}
    return {"expired": False, **_until(until)}


EVENTS: Mapping[str, Event] = {
    "connect": _connect,
    "refresh": _refresh,
    "subscribe": _subscribe,
    "publish": _publish,
    "rpc": _rpc,
    "sub_refresh": _sub_refresh,
}


def _granted(grant: Grant) -> Body:
    changed = {
        "presence": grant.presence,
        "join_leave": grant.join_leave,
        "force_push_join_leave": grant.force_push_join_leave,
        "force_recovery": grant.recoverable,
        "force_positioning": grant.positioned,
    }
    override = {name: {"value": on} for name, on in changed.items() if on is not None}
    body = _until(grant.expire_at) | _payload("info", grant.info) | _payload("data", grant.data)
    return body | ({"override": override} if override else {})


def _refusal(error: ClientError) -> Body:
    """Centrifugo takes our own numbers from 400 on; the protocol's it takes to be a fault.
    Those that say "not you" or "not here" must not make its clients try again."""
    code, temporary = error.code, error.temporary
    if code not in _APP_ERRORS:
        code = {
            codes.UNAUTHORIZED: 401,
            codes.PERMISSION_DENIED: 403,
            codes.UNKNOWN_CHANNEL: 404,
            codes.METHOD_NOT_FOUND: 404,
            codes.TOKEN_EXPIRED: 401,
            codes.TOO_MANY_REQUESTS: 429,
            codes.INTERNAL: 500,
        }.get(code, 400)
    body: Body = {"code": code, "message": error.message}
    return {"error": body | ({"temporary": True} if temporary else {})}


def _ending(close: Close) -> Body:
    """The same end in an application's numbers: come back, or do not."""
    code = close.code
    if code not in _APP_ENDS:
        code = (4000 if close.returns else 4500) + close.code % 500
    return {"code": code, "reason": close.reason[:_REASON]}


def _until(moment: datetime | None) -> Body:
    return {} if moment is None else {"expire_at": int(moment.timestamp())}


def _payload(name: str, raw: bytes) -> Body:
    return {name: orjson.Fragment(raw)} if raw else {}


def _address(request: web.Request) -> str:
    return request.headers.get("X-Real-Ip") or request.remote or ""
