"""Connections that are sent the very same bytes, and how they are written to.

A frame goes to each listener's socket by ``write(2)``, without its transport and all that
hangs on that: what a large room costs is touched memory, not Python's instructions. Whoever
cannot be written to so, because unsent bytes wait in its transport or there is no plain
socket, is written to by way of its transport, whose buffer is bounded.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from streams.realtime.codec import Codec
from streams.realtime.codes import Close
from streams.realtime.session import Subscription


@dataclass(frozen=True, slots=True)
class Kind:
    """Listeners that can be sent the very same bytes: one encoding, one framing."""

    codec: Codec
    frame: Callable[[bytes], bytes]


class Listener(Protocol):
    """What a channel needs of a connection. Neither function ever waits.

    ``socket`` is the descriptor that may be written to directly; negative: not now.
    """

    kind: Kind
    write: Callable[[bytes], None]
    buffered: Callable[[], int]
    socket: int

    def close(self, close: Close) -> None:
        """End the connection."""
        ...

    def lost(self, subscription: Subscription) -> None:
        """It missed something and has to recover."""
        ...


class Group(dict[Listener, Subscription]):
    """Listeners that are told alike. Only :meth:`put`, :meth:`drop` and :meth:`move_to`
    change who is in it."""

    __slots__ = ("_sockets",)

    def __init__(self) -> None:
        super().__init__()
        self._sockets: dict[Listener, int] = {}

    def put(self, listener: Listener, sub: Subscription) -> None:
        """It is told from now on. Repeated when its socket has changed."""
        self[listener] = sub
        if listener.socket >= 0:
            self._sockets[listener] = listener.socket
        else:
            self._sockets.pop(listener, None)

    def drop(self, listener: Listener) -> None:
        """It is told nothing more."""
        del self[listener]
        self._sockets.pop(listener, None)

    def move_to(self, other: "Group") -> None:
        """All of them are told with those from now on."""
        for listener, sub in self.items():
            other.put(listener, sub)
        self.clear()
        self._sockets.clear()

    def write(self, frame: bytes, bound: int) -> list[Listener]:
        """The same bytes to each, waiting for none; who has more than ``bound`` unsent."""
        rests: list[tuple[Listener, bytes]] = []
        if len(self._sockets) < len(self):
            rests = [(one, frame) for one in self if one not in self._sockets]
        size, write = len(frame), os.write
        for listener, socket in self._sockets.items():
            try:
                taken = write(socket, frame)
            except (BrokenPipeError, ConnectionResetError):
                # It is gone, and the loop hears of it in its turn. Told by us, thousands of
                # transports would close at once, before anybody else has a turn.
                continue
            except OSError:  # full, or something that the transport finds out
                taken = 0
            if taken != size:
                rests.append((listener, frame[taken:]))
        for listener, rest in rests:
            listener.write(rest)
        return [listener for listener, _ in rests if listener.buffered() > bound]
