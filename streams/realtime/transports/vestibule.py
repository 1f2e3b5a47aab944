"""Where connections wait that want to come into the rooms, until their turn has come.

A handshake is the dearest thing anybody can ask of this process, and after a break thousands
ask for it at once. So a connection is accepted by a protocol that costs next to nothing, and
what it asks for first decides: rooms wait in line, all else (a page, a purchase) is handed to
aiohttp at once. Who hangs up while waiting has cost nothing.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from streams.realtime.channel import Figures
from streams.realtime.transports.turns import Turns

ROOMS = (b"GET /connection/", b"POST /connection/")
WAITING = 10_000
"""More are put off: by then who waits would be tired of it."""
SILENT = 60.0
"""Seconds after which a connection is closed that says nothing."""
LONGEST = 1 << 16
"""Bytes that somebody may say before it is their turn."""

_TELLING = max(map(len, ROOMS))
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


class Vestibule:
    """Makes protocols for connections: a factory as ``loop.create_server`` wants it.

    Args:
        server: makes those that serve.
        turns: the line.
        figures: where it is counted who is put off.
    """

    def __init__(
        self, server: Callable[[], asyncio.Protocol], turns: Turns, figures: Figures
    ) -> None:
        self._server = server
        self._turns = turns
        self._figures = figures
        self.here: set[_Arrival] = set()

    def __call__(self) -> asyncio.Protocol:
        return _Arrival(self)

    def wait(self, arrival: "_Arrival") -> bool:
        """Stand in line; whether there was room for one more."""
        if len(self.here) > WAITING:
            self._figures.put_off += 1
            return False
        self._turns.put(arrival.enter)
        return True

    def close(self) -> None:
        """Hang up on everybody who is still here."""
        for arrival in list(self.here):
            arrival.leave()

    def serving(self) -> asyncio.Protocol:
        """A protocol that serves."""
        return self._server()


class _Arrival(asyncio.Protocol):
    """A connection before anybody knows what it wants."""

    __slots__ = ("_hall", "_said", "_silent", "_transport", "_waits")

    def __init__(self, hall: Vestibule) -> None:
        self._hall = hall
        self._said = b""
        self._waits = False
        self._transport: asyncio.Transport | None = None
        self._silent: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._hall.here.add(self)
        loop = asyncio.get_running_loop()
        self._silent = loop.call_later(SILENT, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        self._said += data
        if self._transport is None:
            return
        if self._waits:
            if len(self._said) > LONGEST:
                self.leave()
            return
        if self._said.startswith(ROOMS):
            self._waits = self._hall.wait(self)
            if not self._waits:
                self._transport.write(_FULL)
                self._transport.close()
        elif len(self._said) >= _TELLING or b"\n" in self._said:
            self.enter()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._over()

    def leave(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def enter(self) -> None:
        """Be served from now on, unless it has gone meanwhile."""
        self._over()
        if self._transport is None or self._transport.is_closing():
            return
        serving = self._hall.serving()
        self._transport.set_protocol(serving)
        serving.connection_made(self._transport)
        serving.data_received(self._said)

    def _over(self) -> None:
        self._hall.here.discard(self)
        if self._silent is not None:
            self._silent.cancel()
