"""What clients of the streams say: requests that name the secret session of a stream.

They may reach another process than the one that holds the stream; it is passed on then.
"""

from typing import Any

import orjson
from aiohttp import web

from streams.realtime.errors import Undecodable
from streams.realtime.hub import Hub
from streams.realtime.orders import HandIn, Whom
from streams.realtime.protobuf_codec import SCHEMA
from streams.realtime.transports.request import (
    HubOf,
    body_of,
    origin_allowed,
    preflight,
    sharing,
    wants_protobuf,
)

PATH = "/emulation"
_NODE = 64


def routes(find: HubOf) -> list[web.RouteDef]:
    """The one address."""

    async def emulate(request: web.Request) -> web.Response:
        hub = find(request)
        if not origin_allowed(request, hub.options.origins):
            return web.Response(status=403)
        return web.Response(status=await take(hub, request), headers=sharing(request))

    return [web.post(PATH, emulate), web.options(PATH, preflight(find, "POST, OPTIONS"))]


async def take(hub: Hub, request: web.Request) -> int:
    """Hand the frame to its connection; the status that says how it went."""
    limits = hub.options.limits
    most = limits.message_bytes
    body = await body_of(request, 2 * most, limits)  # JSON within JSON is longer
    if body is None:
        return 413
    try:
        said = SCHEMA.read("EmulationRequest", body) if wants_protobuf(request) else _json(body)
    except (Undecodable, orjson.JSONDecodeError):
        return 400
    node, session, frame = (said.get(name) for name in ("node", "session", "data"))
    if isinstance(frame, str):
        frame = frame.encode(errors="surrogatepass")
    if not (isinstance(node, str) and isinstance(session, str) and isinstance(frame, bytes)):
        return 400
    if not session or not frame:
        return 400
    if len(frame) > most:
        return 413
    order = HandIn.of(Whom(session=session), frame)
    if node == hub.node:
        await order.carry_out(hub)
        return 204
    if hub.nodes is None or len(node) > _NODE or not await hub.nodes.knows(node):
        return 404
    await hub.nodes.tell(order)
    return 204


def _json(body: bytes) -> dict[str, Any]:
    said = orjson.loads(body)
    if not isinstance(said, dict):
        raise Undecodable("not an object")
    return said
