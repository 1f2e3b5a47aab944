"""Connections over plain HTTP: one response that never ends, for those whom WebSocket does
not reach, and for those who only listen.

As with WebSocket, what is told is built once for everybody, here as a chunk of HTTP/1.1, and
given to the transport without waiting. A client that can speak does so through
``/emulation``, with the secret session of its connect reply; its frames wait in an inbox, so
that they are carried out one after the other.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import HttpVersion11, hdrs, web

from streams.realtime.codec import Codec
from streams.realtime.codes import Close
from streams.realtime.door import ConnectWant
from streams.realtime.hub import Hub
from streams.realtime.json_codec import JSON, ONE_WAY_JSON
from streams.realtime.listeners import Kind
from streams.realtime.options import Limits
from streams.realtime.peer import Peer
from streams.realtime.protobuf_codec import PROTOBUF
from streams.realtime.protocol import Ended
from streams.realtime.session import Session
from streams.realtime.transports.request import (
    HubOf,
    body_of,
    hide_less_in_kernel,
    preflight,
    refusal,
    sharing,
    want_of,
    wants_protobuf,
)

Framing = Callable[[bytes], bytes]

_UNCACHED = "private, no-cache, no-store, must-revalidate, max-age=0"
_INBOX = 128
_JSON_TYPE = "application/json"
_EVENTS_TYPE = "text/event-stream"


def line(payload: bytes) -> bytes:
    """Replies in lines, the last with its end too."""
    return payload + b"\n"


def events(payload: bytes) -> bytes:
    """Each reply an event of its own."""
    return b"data: " + payload.replace(b"\n", b"\n\ndata: ") + b"\n\n"


def bare(payload: bytes) -> bytes:
    """Protobuf messages carry their lengths."""
    return payload


@dataclass(frozen=True, slots=True)
class Stream:
    """One transport: what it is called, says and begins with; chunked and not."""

    name: str
    content_type: str
    chunked: Kind
    plain: Kind
    prelude: bytes = b""


def _stream(
    name: str, content_type: str, codec: Codec, framing: Framing, prelude: bytes = b""
) -> Stream:
    def chunk(payload: bytes) -> bytes:
        framed = framing(payload)
        return b"%x\r\n%b\r\n" % (len(framed), framed)

    return Stream(name, content_type, Kind(codec, chunk), Kind(codec, framing), prelude)


HTTP_STREAM = _stream("http_stream", _JSON_TYPE, JSON, line)
HTTP_OCTETS = _stream("http_stream", "application/octet-stream", PROTOBUF, bare)
SSE = _stream("sse", _EVENTS_TYPE, JSON, events, b"\r\n")
ONE_WAY_HTTP = _stream("uni_http_stream", _JSON_TYPE, ONE_WAY_JSON, line)
ONE_WAY_SSE = _stream("uni_sse", _EVENTS_TYPE, ONE_WAY_JSON, events, b"\r\n")


def routes(find: HubOf) -> list[web.RouteDef]:
    """HTTP-stream and SSE, both ways and one way."""

    async def http_stream(request: web.Request) -> web.StreamResponse:
        stream = HTTP_OCTETS if wants_protobuf(request) else HTTP_STREAM
        return await serve(find(request), request, stream)

    async def sse(request: web.Request) -> web.StreamResponse:
        return await serve(find(request), request, SSE)

    async def one_way_http(request: web.Request) -> web.StreamResponse:
        return await serve(find(request), request, ONE_WAY_HTTP)

    async def one_way_sse(request: web.Request) -> web.StreamResponse:
        return await serve(find(request), request, ONE_WAY_SSE)

    found = []
    for path, handler, get in (
        ("/connection/http_stream", http_stream, False),
        ("/connection/sse", sse, True),
        ("/connection/uni_http_stream", one_way_http, False),
        ("/connection/uni_sse", one_way_sse, True),
    ):
        asked = preflight(find, "GET, POST, OPTIONS" if get else "POST, OPTIONS")
        found += [web.post(path, handler), web.options(path, asked)]
        if get:
            found.append(web.get(path, handler, allow_head=False))
    return found


async def serve(hub: Hub, request: web.Request, stream: Stream) -> web.StreamResponse:
    """One connection from its request to its end."""
    refused = refusal(hub, request)
    if refused is not None:
        return refused
    want = want_of(request, hub, stream.name)
    with hub.connected.arriving(want.address):
        begun = await _begin(hub, request, stream, want)
    if not isinstance(begun, tuple):
        return begun
    response, peer, first, inbox = begun
    try:
        await peer.receive(first)
        while not peer.over:
            frame = await inbox.get()
            if frame:
                await peer.receive(frame)
    finally:
        peer.gone()
    return response


async def _begin(
    hub: Hub, request: web.Request, stream: Stream, want: ConnectWant
) -> web.StreamResponse | tuple[web.StreamResponse, Peer, bytes, "asyncio.Queue[bytes]"]:
    """An open connection with the client's first words; or the answer to one that is none."""
    limits = hub.options.limits
    asked = request.query.get("cf_connect", "").encode() if request.method == "GET" else None
    first = await body_of(request, limits.message_bytes, limits) if asked is None else asked
    if first is None:
        return web.Response(status=413, headers=sharing(request))
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: stream.content_type,
            hdrs.CACHE_CONTROL: _UNCACHED,
            "X-Accel-Buffering": "no",
            **sharing(request),
        }
    )
    chunked = request.version >= HttpVersion11
    if chunked:
        response.enable_chunked_encoding()
    response.force_close()
    try:
        await response.prepare(request)
        if stream.prelude:
            await response.write(stream.prelude)
        wire = StreamWire(request, stream.chunked if chunked else stream.plain, limits)
    except ConnectionResetError:
        return response  # gone before it began
    session = Session(wire.kind.codec, hub.options, hub.clock())
    peer = Peer(hub, wire, session, want, secrets.token_urlsafe(32))
    peer.inbox = wire.inbox
    hub.opened(peer)
    return response, peer, first, wire.inbox


class StreamWire:
    """The writing side of one connection, and the box where its requests are put."""

    __slots__ = ("_close_wait", "_transport", "buffered", "inbox", "kind", "write")

    def __init__(self, request: web.Request, kind: Kind, limits: Limits) -> None:
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("gone before it began")
        self.kind = kind
        self.write: Callable[[bytes], None] = transport.write
        self.buffered: Callable[[], int] = transport.get_write_buffer_size
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue(_INBOX)
        self._transport = transport
        self._close_wait = limits.close_wait
        hide_less_in_kernel(transport, limits.unsent_in_kernel)

    def close(self, close: Close) -> None:
        """Say so in the stream, and end it; hang up on who does not take it in time."""
        told = self.kind.codec.push("", Ended(close.code, close.reason))
        self.write(self.kind.frame(told))
        asyncio.get_running_loop().call_later(self._close_wait, self._transport.abort)
        while not self.inbox.empty():
            self.inbox.get_nowait()
        self.inbox.put_nowait(b"")
