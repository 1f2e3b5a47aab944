"""The server API in Centrifugo's HTTP format: what its clients (PyPI's ``cent``, say) ask of
the rooms. ``POST <prefix>/<method>`` with the key in ``X-API-Key``; always answered with 200
and ``result`` or ``error``, unless ``X-Centrifugo-Error-Mode: transport`` wants a status.
"""

import asyncio
import hmac
import logging
from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web
from pydantic import ValidationError

from livecommerce.kernel.errors import Problem
from streams.realtime import codes
from streams.realtime.api_methods import METHODS, SayIt
from streams.realtime.errors import ClientError, NotJson, error_of
from streams.realtime.hub import Hub
from streams.realtime.slices import data_of, items, members

log = logging.getLogger(__name__)

HubOf = Callable[[web.Request], Hub]
KeyOf = Callable[[web.Request], str]

MOST_COMMANDS = 1000
_STATUS = {
    codes.INTERNAL: 500,
    codes.UNAUTHORIZED: 401,
    codes.PERMISSION_DENIED: 403,
    codes.UNKNOWN_CHANNEL: 404,
    codes.METHOD_NOT_FOUND: 404,
    codes.NOT_AVAILABLE: 501,
    codes.TOO_MANY_REQUESTS: 429,
    codes.UNRECOVERABLE_POSITION: 416,
    codes.CONCURRENT_PAGINATION: 409,
}


def routes(hub: Hub | HubOf, key: str | KeyOf, *, prefix: str = "/api") -> list[web.RouteDef]:
    """The API's routes.

    Args:
        hub: the hub, or the function that finds it once the application is running.
        key: the key that callers have to show, or the function that finds it.
    """
    find: HubOf = (lambda _: hub) if isinstance(hub, Hub) else hub
    expect: KeyOf = (lambda _: key) if isinstance(key, str) else key

    async def serve(request: web.Request) -> web.Response:
        if not shown(request, expect(request)):
            return web.Response(status=401, text="The key is missing or wrong.\n")
        return await answer(find(request), request)

    return [web.post(prefix + "/{method}", serve)]


def shown(request: web.Request, key: str) -> bool:
    """Whether the request carries the key; how long the answer takes tells nothing."""
    given = request.headers.get("X-API-Key", "")
    return bool(key) and hmac.compare_digest(given.encode("utf-8", "replace"), key.encode())


async def answer(hub: Hub, request: web.Request) -> web.Response:
    """One command, or a batch of them."""
    method = request.match_info["method"]
    status = 200
    try:
        text = await request.read()
        body = _object(text)
        if method == "batch":
            reply: Any = await _batch(hub, body, text)
        else:
            reply = {"result": await call(hub, method, body, text)}
    except ClientError as error:
        reply = {"error": _error(error)}
        if request.headers.get("X-Centrifugo-Error-Mode") == "transport":
            status = _STATUS.get(error.code, 400)
    return web.Response(
        status=status, body=orjson.dumps(reply), content_type="application/json"
    )


async def call(
    hub: Hub, method: str, body: dict[str, Any], text: str | bytes
) -> dict[str, Any]:
    """The result of one command. What is published is as it stands in the text that the body
    was read from.

    Raises:
        ClientError: it failed; with whatever else went wrong as a temporary 100.
    """
    if method not in METHODS:
        raise ClientError(codes.METHOD_NOT_FOUND)
    kind, work = METHODS[method]
    if issubclass(kind, SayIt) and "data" in body:
        body["data"] = data_of(body, text)
    try:
        return await work(hub, kind.model_validate(body))
    except ValidationError as error:
        raise ClientError(codes.BAD_REQUEST) from error
    except NotJson as error:
        raise ClientError(codes.BAD_REQUEST) from error
    except Problem as problem:
        raise error_of(problem) from problem
    except ClientError:
        raise
    except Exception as error:
        log.exception("a command of the server API failed", extra={"method": method})
        raise ClientError(codes.INTERNAL) from error


async def _batch(hub: Hub, body: dict[str, Any], text: bytes) -> dict[str, Any]:
    commands = body.get("commands")
    if not isinstance(commands, list) or len(commands) > MOST_COMMANDS:
        raise ClientError(codes.BAD_REQUEST)
    try:
        written = items(members(text.decode())["commands"])
    except RecursionError as error:
        raise ClientError(codes.BAD_REQUEST) from error
    pairs = zip(commands, written, strict=True)
    if body.get("parallel"):
        return {"replies": await asyncio.gather(*(_one(hub, *pair) for pair in pairs))}
    return {"replies": [await _one(hub, *pair) for pair in pairs]}


async def _one(hub: Hub, command: Any, text: str) -> dict[str, Any]:
    try:
        if not isinstance(command, dict) or len(command) != 1:
            raise ClientError(codes.BAD_REQUEST)
        ((method, body),) = command.items()
        if not isinstance(body, dict):
            raise ClientError(codes.BAD_REQUEST)
        return {method: await call(hub, method, body, members(text)[method])}
    except ClientError as error:
        return {"error": _error(error)}


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError as error:
        raise ClientError(codes.BAD_REQUEST) from error
    if not isinstance(body, dict):
        raise ClientError(codes.BAD_REQUEST)
    return body


def _error(error: ClientError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message}
