"""Where connections wait that want to come into the rooms, until their turn has come.

A handshake is the dearest thing anybody can ask of this process, and after a break thousands
ask for it at once. So a connection is accepted by a protocol that costs next to nothing, and
what it asks for first decides: rooms wait in line, all else (a page, a purchase) is handed to
aiohttp at once. Who hangs up while waiting has cost nothing. aiohttp waits for the rest of a
head for ever, so nobody is handed over before the head is whole, and that has its deadline.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from streams.realtime.channel import Figures
from streams.realtime.transports.turns import Turns

ROOMS = (b"GET /connection/", b"POST /connection/")
WAITING = 10_000
"""More are put off: by then who waits would be tired of it."""
SILENT = 10.0
"""Seconds after which a connection is closed whose first request has no whole head."""
SILENT_EACH = 1000
"""So many of one address may be silent at a time; for one more the oldest has to go. All of a
returning crowd may come from one proxy, but those say what they want when they come."""
LONGEST = 1 << 16
"""Bytes that somebody may say before it is their turn."""

_END = b"\r\n\r\n"
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
        self._waiting: set[_Arrival] = set()
        self._silent: dict[str, dict[_Arrival, None]] = {}  # by address, the oldest first

    def __call__(self) -> asyncio.Protocol:
        return _Arrival(self)

    def came(self, arrival: "_Arrival") -> None:
        """Somebody who has said nothing yet."""
        self.here.add(arrival)
        quiet = self._silent.setdefault(arrival.address, {})
        quiet[arrival] = None
        if len(quiet) > SILENT_EACH:
            next(iter(quiet)).leave()

    def spoke(self, arrival: "_Arrival") -> None:
        """It is silent no more. Repeating it is harmless."""
        quiet = self._silent.get(arrival.address)
        if quiet is not None and quiet.pop(arrival, arrival) is None and not quiet:
            del self._silent[arrival.address]

    def wait(self, arrival: "_Arrival") -> bool:
        """Stand in line; whether there was room for one more. Who has said nothing stands in
        nobody's way."""
        if len(self._waiting) >= WAITING:
            self._figures.put_off += 1
            return False
        self._waiting.add(arrival)
        self._turns.put(arrival.enter)
        return True

    def went(self, arrival: "_Arrival") -> None:
        """It is here no more. Repeating it is harmless."""
        self.here.discard(arrival)
        self._waiting.discard(arrival)
        self.spoke(arrival)

    def close(self) -> None:
        """Hang up on everybody who is still here."""
        for arrival in list(self.here):
            arrival.leave()

    def serving(self) -> asyncio.Protocol:
        """A protocol that serves."""
        return self._server()


class _Arrival(asyncio.Protocol):
    """A connection before anybody knows what it wants."""

    __slots__ = ("_hall", "_said", "_silent", "_transport", "_waits", "address")

    def __init__(self, hall: Vestibule) -> None:
        self.address = ""
        self._hall = hall
        self._said = b""
        self._waits = False
        self._transport: asyncio.Transport | None = None
        self._silent: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername")
        self.address = str(name[0]) if isinstance(name, tuple) else ""
        self._hall.came(self)
        loop = asyncio.get_running_loop()
        self._silent = loop.call_later(SILENT, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        before = len(self._said)
        self._said += data
        if self._transport is None:
            return
        if self._waits:
            if len(self._said) > LONGEST:
                self.leave()
            return
        if not self._whole(before):
            return
        if self._said.startswith(ROOMS):
            self._heard()
            self._waits = self._hall.wait(self)
            if not self._waits:
                self._transport.write(_FULL)
                self._transport.close()
        else:
            self.enter()

    def _whole(self, before: int) -> bool:
        """Whether the head is: or will never be one, which others have to say. All but the
        last bytes of what was there before have been searched."""
        said = self._said
        if said.find(_END, max(0, before - len(_END) + 1)) >= 0 or len(said) > LONGEST:
            return True
        line, ends, _ = said.partition(b"\n")
        return bool(ends) and b" HTTP/1." not in line

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._over()

    def leave(self) -> None:
        """Hang up."""
        self._over()
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

    def _heard(self) -> None:
        """It is known what it wants; from now on others keep it waiting."""
        self._hall.spoke(self)
        if self._silent is not None:
            self._silent.cancel()
            self._silent = None

    def _over(self) -> None:
        self._heard()
        self._hall.went(self)
