"""Lets channels write to a connection's socket themselves, as long as that is safe.

It is while the transport has nothing of its own to send, which it tells by pausing its
protocol at the first byte it has to keep, and until it is lost, which it tells before the
descriptor is closed and can come to mean another connection. So a thin protocol stands
between the transport and aiohttp's, and passes everything on. aiohttp hears of a lost
connection in its turn: what it does about thousands at once would keep everybody waiting.
"""

import asyncio
import os
from functools import partial

from aiohttp import web

from streams.realtime.peer import Peer
from streams.realtime.transports.crowd import CrowdLoop
from streams.realtime.transports.turns import line


class Between(asyncio.Protocol):
    """Passes on what the transport says, after the connection has heard of it."""

    __slots__ = ("_inner", "_peer", "_socket", "data_received", "eof_received")

    def __init__(self, inner: asyncio.Protocol, peer: Peer, socket: int) -> None:
        self._inner = inner
        self._peer = peer
        self._socket = socket
        self.data_received = inner.data_received  # type: ignore[method-assign]
        self.eof_received = inner.eof_received  # type: ignore[method-assign]

    def pause_writing(self) -> None:
        """What the transport keeps must go out first."""
        self._peer.directly(-1)
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """It keeps nothing any more."""
        self._peer.directly(self._socket)
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The descriptor is about to be closed."""
        self._peer.gone()
        if isinstance(loop := asyncio.get_running_loop(), CrowdLoop):
            loop.crowd.quit(self._socket)
        line().put(partial(self._inner.connection_lost, exc))


def open_way(request: web.Request, peer: Peer) -> None:
    """From now on channels may write to the socket. Only with asyncio's own transports on
    plain sockets; others may keep bytes without saying so."""
    transport = request.transport
    loop = asyncio.get_running_loop()
    if (
        transport is None
        or transport.is_closing()
        or os.name != "posix"
        or not isinstance(loop, asyncio.SelectorEventLoop)
        or transport.get_extra_info("ssl_object") is not None
    ):
        return
    inner, socket = transport.get_protocol(), transport.get_extra_info("socket")
    if not isinstance(inner, asyncio.Protocol) or socket is None:
        return
    transport.set_write_buffer_limits(high=0)
    if isinstance(loop, CrowdLoop):
        loop.crowd.join(socket.fileno())
    transport.set_protocol(Between(inner, peer, socket.fileno()))
    if not transport.get_write_buffer_size():
        peer.directly(socket.fileno())
