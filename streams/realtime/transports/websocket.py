"""WebSocket on aiohttp: it does the handshakes, pings and closes; we write the frames.

aiohttp's own send functions frame anew for every viewer and may wait. So a frame is built
once and given to the public ``request.transport``, which takes it without waiting. That is
safe beside aiohttp because both write whole frames in single calls, nothing is compressed,
and a connection leaves every channel before its close frame is written.
"""

import asyncio
from collections.abc import Callable

from aiohttp import WSMsgType, hdrs, web

from streams.realtime.codes import Close
from streams.realtime.frames import binary_frame, close_frame, text_frame
from streams.realtime.hub import Hub
from streams.realtime.json_codec import JSON, ONE_WAY_JSON
from streams.realtime.listeners import Kind
from streams.realtime.options import Limits
from streams.realtime.peer import Peer
from streams.realtime.protobuf_codec import ONE_WAY_PROTOBUF, PROTOBUF
from streams.realtime.protocol import Ended
from streams.realtime.session import Session
from streams.realtime.transports.direct import open_way
from streams.realtime.transports.request import HubOf, hide_less_in_kernel, refusal, want_of

PATH = "/connection/websocket"
ONE_WAY_PATH = "/connection/uni_websocket"

JSON_TEXT = Kind(JSON, text_frame)
PROTOBUF_BINARY = Kind(PROTOBUF, binary_frame)
ONE_WAY_TEXT = Kind(ONE_WAY_JSON, text_frame)
ONE_WAY_BINARY = Kind(ONE_WAY_PROTOBUF, binary_frame)


def routes(find: HubOf) -> list[web.RouteDef]:
    """WebSocket, both ways and one way."""

    async def connect(request: web.Request) -> web.StreamResponse:
        return await serve(find(request), request, one_way=False)

    async def listen(request: web.Request) -> web.StreamResponse:
        return await serve(find(request), request, one_way=True)

    return [
        web.get(PATH, connect, allow_head=False),
        web.get(ONE_WAY_PATH, listen, allow_head=False),
    ]


def kind_of(request: web.Request, *, one_way: bool) -> Kind:
    """The encoding that was asked for, by subprotocol or in the address; JSON otherwise."""
    offered = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "")
    wanted = {request.query.get("format"), request.query.get("cf_protocol")}
    if "protobuf" in wanted or "centrifuge-protobuf" in map(str.strip, offered.split(",")):
        return ONE_WAY_BINARY if one_way else PROTOBUF_BINARY
    return ONE_WAY_TEXT if one_way else JSON_TEXT


async def serve(hub: Hub, request: web.Request, *, one_way: bool) -> web.StreamResponse:
    """One connection from its handshake to its end."""
    limits = hub.options.limits
    kind = kind_of(request, one_way=one_way)
    native = request.query.get("cf_ws_frame_ping_pong") == "true"
    subprotocol = f"centrifuge-{kind.codec.name}"
    offered = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "")
    socket_ = web.WebSocketResponse(
        timeout=limits.close_wait,
        autoclose=False,
        heartbeat=limits.ping_interval if native else None,
        protocols=(subprotocol,) if subprotocol in offered else (),
        compress=False,
        max_msg_size=limits.message_bytes,
        decode_text=False,
    )
    if not socket_.can_prepare(request):
        return web.Response(status=400, text="This address speaks WebSocket.\n")
    refused = refusal(hub, request)
    if refused is not None:
        return refused
    try:
        await socket_.prepare(request)
        wire = WebSocketWire(request, kind, limits)
    except ConnectionResetError:
        return socket_  # gone before it began
    session = Session(kind.codec, hub.options, hub.clock(), pings=not native)
    want = want_of(request, hub, "uni_websocket" if one_way else "websocket")
    peer = Peer(hub, wire, session, want)
    hub.opened(peer)
    open_way(request, peer)
    try:
        asked = request.query.get("cf_connect", "") if one_way else ""
        if asked:
            await peer.receive(asked.encode())
        async for message in socket_:
            if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                break
            if not (one_way and asked):
                await peer.receive(message.data)
            asked = asked or "heard"
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

    def __init__(self, request: web.Request, kind: Kind, limits: Limits) -> None:
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("gone before it began")
        self.kind = kind
        self.write: Callable[[bytes], None] = transport.write
        self.buffered: Callable[[], int] = transport.get_write_buffer_size
        self._transport = transport
        self._close_wait = limits.close_wait
        self._giving_up: asyncio.TimerHandle | None = None
        hide_less_in_kernel(transport, limits.unsent_in_kernel)

    def close(self, close: Close) -> None:
        """Write the close frame, and hang up when the client has answered or had its time."""
        if self._giving_up is not None:
            return
        if self.kind.codec.one_way:
            told = self.kind.codec.push("", Ended(close.code, close.reason))
            self.write(self.kind.frame(told))
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
