"""What every transport asks of an HTTP request: whose page, from where, in which encoding."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from streams.realtime.door import ConnectWant
from streams.realtime.hub import Hub
from streams.realtime.options import Limits, Options

HubOf = Callable[[web.Request], Hub]
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

OCTETS = "application/octet-stream"
_PREFLIGHT_LASTS = "300"


def origin_allowed(request: web.Request, origins: frozenset[str]) -> bool:
    """Whether the page that asks may: ours, a listed one, or not a page at all."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None or "*" in origins or origin in origins:
        return True
    try:
        return urlsplit(origin).netloc.lower() == request.host.lower()
    except ValueError:  # it is not even an address
        return False


def sharing(request: web.Request) -> dict[str, str]:
    """The headers that let an allowed page of another origin read the answer."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        return {}
    return {
        hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin,
        hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS: "true",
        hdrs.VARY: hdrs.ORIGIN,
    }


def preflight(find: HubOf, methods: str) -> Answer:
    """Answers a browser that asks whether it may ask."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if not origin_allowed(request, find(request).options.origins):
            return web.Response(status=403)
        wanted = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS)
        headers = {
            **sharing(request),
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: methods,
            hdrs.ACCESS_CONTROL_MAX_AGE: _PREFLIGHT_LASTS,
        }
        if wanted:
            headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = wanted
        return web.Response(status=204, headers=headers)

    return answer


def refusal(hub: Hub, request: web.Request) -> web.Response | None:
    """Why no connection can be opened, if that is so."""
    if not origin_allowed(request, hub.options.origins):
        return web.Response(status=403, text="This origin may not connect.\n")
    if not hub.accepts(address(request, hub.options)):
        headers = {"Retry-After": "1", **sharing(request)}
        return web.Response(status=503, text="Too many at once.\n", headers=headers)
    return None


def address(request: web.Request, options: Options) -> str:
    """Where the client is; behind our own proxies, where they say it is."""
    near = request.remote or ""
    if near not in options.proxies:
        return near
    hops = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, [])).split(",")
    for hop in reversed([hop.strip() for hop in hops]):
        if hop not in options.proxies:
            return hop if _is_address(hop) else near
    return near


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def wants_protobuf(request: web.Request) -> bool:
    """Whether the body says it is Protobuf. The header is read as it was sent: aiohttp takes
    a missing one for ``application/octet-stream``."""
    sent = request.headers.get(hdrs.CONTENT_TYPE, "")
    return sent.partition(";")[0].strip().lower() == OCTETS


def want_of(request: web.Request, hub: Hub, transport: str) -> ConnectWant:
    """What the door gets to see of the request."""
    return ConnectWant(
        token="",
        data=b"",
        headers=request.headers,
        address=address(request, hub.options),
        user_agent=request.headers.get(hdrs.USER_AGENT, ""),
        transport=transport,
    )


async def body_of(request: web.Request, most: int, limits: Limits) -> bytes | None:
    """The body, unless it is longer than that.

    Raises:
        HTTPRequestTimeout: it is not all there after the time in which a connection has to
            say something.
    """
    if (request.content_length or 0) > most:
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(limits.stale):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > most:
                    return None
    except TimeoutError:
        headers = {hdrs.CONNECTION: "close", **sharing(request)}
        raise web.HTTPRequestTimeout(headers=headers) from None
    return bytes(body)


def hide_less_in_kernel(transport: asyncio.BaseTransport, unsent: int) -> None:
    """Keep what a viewer has not taken where our bound sees it: in the transport's buffer,
    not in megabytes of kernel buffer."""
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    raw = transport.get_extra_info("socket")
    if (
        option is not None
        and raw is not None
        and raw.family in {socket.AF_INET, socket.AF_INET6}
    ):
        raw.setsockopt(socket.IPPROTO_TCP, option, unsent)
