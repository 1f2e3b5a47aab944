"""WebSocket on aiohttp: it does the handshakes, pings and closes; we write the frames.

aiohttp's own send functions frame anew for every viewer and may wait. So a frame is built
once and given to the public ``request.transport``, which takes it without waiting. That is
safe beside aiohttp because both write whole frames in single calls, nothing is compressed,
and a connection leaves every channel before its close frame is written.
"""

import asyncio
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web

from streams.realtime.channel import Kind
from streams.realtime.codes import Close
from streams.realtime.door import ConnectWant
from streams.realtime.frames import close_frame, text_frame
from streams.realtime.hub import Hub
from streams.realtime.json_codec import JSON
from streams.realtime.options import Limits
from streams.realtime.peer import Peer
from streams.realtime.session import Session

PATH = "/connection/websocket"
JSON_TEXT = Kind(JSON, text_frame)

HubOf = Callable[[web.Request], Hub]


def routes(hub: Hub | HubOf) -> list[web.RouteDef]:
    """The route of the WebSocket transport.

    Args:
        hub: the hub, or the function that finds it once the application is running.
    """
    find: HubOf = (lambda _: hub) if isinstance(hub, Hub) else hub

    async def connect(request: web.Request) -> web.StreamResponse:
        return await serve(find(request), request)

    return [web.get(PATH, connect)]


def origin_allowed(request: web.Request, origins: frozenset[str]) -> bool:
    """Whether the page that asks may: ours, a listed one, or not a page at all."""
    origin = request.headers.get("Origin")
    if origin is None or "*" in origins or origin in origins:
        return True
    return urlsplit(origin).netloc.lower() == request.host.lower()


async def serve(hub: Hub, request: web.Request) -> web.StreamResponse:
    """One connection from its handshake to its end."""
    limits = hub.options.limits
    if not origin_allowed(request, hub.options.origins):
        return web.Response(status=403, text="This origin may not connect.\n")
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    wanted = request.query.get("format") or request.query.get("cf_protocol")
    if "centrifuge-protobuf" in offered or wanted == "protobuf":
        return web.Response(status=400, text="Only the JSON encoding is served here.\n")
    native = request.query.get("cf_ws_frame_ping_pong") == "true"
    socket_ = web.WebSocketResponse(
        timeout=limits.close_wait,
        autoclose=False,
        heartbeat=limits.ping_interval if native else None,
        protocols=("centrifuge-json",) if offered else (),
        compress=False,
        max_msg_size=limits.message_bytes,
        decode_text=False,
    )
    if not socket_.can_prepare(request):
        return web.Response(status=400, text="This address speaks WebSocket.\n")
    if not hub.accepts():
        return web.Response(
            status=503, text="Too many at once.\n", headers={"Retry-After": "1"}
        )
    await socket_.prepare(request)
    wire = WebSocketWire(request, limits)
    want = ConnectWant(
        token="",
        data=b"",
        headers=request.headers,
        address=request.remote or "",
        user_agent=request.headers.get("User-Agent", ""),
    )
    peer = Peer(hub, wire, Session(JSON, hub.options, hub.clock(), pings=not native), want)
    hub.opened(peer)
    try:
        async for message in socket_:
            if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                break
            await peer.receive(message.data)
        if not wire.ended():
            await socket_.close(drain=False)  # the client's close is answered in kind
    finally:
        wire.ended()
        peer.gone()
    return socket_


class WebSocketWire:
    """The writing side of one connection.

    A close is ours from beginning to end, because aiohttp's own, called beside a waiting
    ``receive``, hangs up without hearing the client out; with data of the client's still
    unread that is a reset, and the close code is lost.
    """

    __slots__ = ("_close_wait", "_giving_up", "_transport", "buffered", "kind", "write")

    def __init__(self, request: web.Request, limits: Limits) -> None:
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("gone before it began")
        self.kind = JSON_TEXT
        self.write: Callable[[bytes], None] = transport.write
        self.buffered: Callable[[], int] = transport.get_write_buffer_size
        self._transport = transport
        self._close_wait = limits.close_wait
        self._giving_up: asyncio.TimerHandle | None = None
        hide_less_in_kernel(transport, limits.unsent_in_kernel)

    def close(self, close: Close) -> None:
        """Write the close frame, and hang up when the client has answered or had its time."""
        if self._giving_up is None:
            self.write(close_frame(close.code, close.reason))
            loop = asyncio.get_running_loop()
            self._giving_up = loop.call_later(self._close_wait, self._transport.abort)

    def ended(self) -> bool:
        """Nothing more will be read: hang up, if it was us who ended it. Whether it was."""
        if self._giving_up is None:
            return False
        self._giving_up.cancel()
        self._transport.close()
        return True


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
