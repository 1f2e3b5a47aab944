"""One connection: performs what its session decides, by way of the hub and the door.

Transports make it, feed it frames in order, and tell it when they are gone. Writing never
waits; only questions to the door and the broker do, and after each of them the connection
may have ended meanwhile. What its commands do stands in ``answers.py``.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from livecommerce.kernel import errors as kernel
from streams.realtime import answers, codes
from streams.realtime import protocol as p
from streams.realtime.codes import Close, Removal
from streams.realtime.door import ConnectWant, Visitor
from streams.realtime.errors import ClientError, Disconnect, Untellable, error_of
from streams.realtime.listeners import Kind
from streams.realtime.session import (
    Decision,
    Do,
    Lapse,
    Refuse,
    SendPing,
    Session,
    Subscription,
)

if TYPE_CHECKING:
    from streams.realtime.hub import Hub

log = logging.getLogger(__name__)


class Wire(Protocol):
    """What a transport does for a connection. Nothing here waits."""

    kind: Kind
    write: Callable[[bytes], None]
    buffered: Callable[[], int]

    def close(self, close: Close) -> None:
        """Begin to end it, telling the client why."""
        ...


class Peer:
    """A connection that is open, from its accept to its end.

    ``secret`` is what lets other requests speak for it; without one, none can.
    """

    __slots__ = (
        "_wire",
        "address",
        "buffered",
        "client",
        "hub",
        "inbox",
        "kind",
        "over",
        "secret",
        "session",
        "socket",
        "visitor",
        "want",
        "write",
    )

    def __init__(
        self, hub: "Hub", wire: Wire, session: Session, want: ConnectWant, secret: str = ""
    ) -> None:
        self.hub = hub
        self.kind = wire.kind
        self.write = wire.write
        self.buffered = wire.buffered
        self.session = session
        self.client = str(uuid.uuid4())
        self.inbox: asyncio.Queue[bytes] | None = None
        self.visitor: Visitor | None = None
        self.over = False
        self.socket = -1
        self.address = want.address
        self.secret = secret
        self.want: ConnectWant | None = want
        self._wire = wire

    # What transports call.

    async def receive(self, frame: bytes) -> None:
        """Carry out a frame's commands, strictly one after the other."""
        for decision in self.session.receive(frame, self.hub.clock()):
            await self._perform(decision)
            if self.over:
                return

    def pass_time(self, now: float) -> float | None:
        """Do what is due; when to come again."""
        for decision in self.session.on_time(now):
            if self.over:  # one of them ended it
                break
            match decision:
                case Close():
                    self.close(decision)
                case SendPing():
                    self.send(self.kind.codec.ping)
                case Lapse(channel):
                    self._lapse(channel)
                case Do() | Refuse():
                    raise AssertionError("time asks for nothing")
        return self.session.next_time

    def hand_in(self, frame: bytes) -> None:
        """A frame that came by a request of its own, to be carried out in its turn; who
        sends faster than that has to go."""
        if self.over or self.inbox is None or self.kind.codec.one_way:
            return
        try:
            self.inbox.put_nowait(frame)
        except asyncio.QueueFull:
            self.close(codes.TOO_MANY)

    def directly(self, socket: int) -> None:
        """Channels may write to the descriptor from now on; if negative, no more."""
        self.socket = socket
        self.hub.redirect(self)

    def gone(self) -> None:
        """The transport has ended. Repeating it is harmless."""
        if not self.over:
            self.over = True
            self.session.close(codes.CLOSED)
        self.hub.ended(self)

    # What the hub and channels call.

    def send(self, payload: bytes) -> None:
        """One reply or push to this client alone."""
        if self.over:
            return
        self.write(self.kind.frame(payload))
        if self.buffered() > self.session.options.limits.queue_bytes:
            self.hub.figures.slow += 1
            self.close(codes.SLOW)

    def close(self, close: Close) -> None:
        """End the connection: the transport first, then everything that knows of it."""
        if self.over:
            return
        self.over = True
        self.session.close(close)
        self._wire.close(close)
        self.hub.forget(self)

    def lost(self, subscription: Subscription) -> None:
        """A position cannot be kept: the client has to come back for what it missed."""
        if subscription.server_side:
            self.close(codes.INSUFFICIENT_STATE)
        else:
            self.remove(subscription, codes.LOST_POSITION)

    def remove(self, subscription: Subscription, why: Removal) -> None:
        """End a subscription from our side, and say so."""
        self.hub.leave(self, subscription)
        removed = p.Removed(why.code, why.reason)
        self.send(self.kind.codec.push(subscription.channel, removed))

    @property
    def info(self) -> p.ClientInfo:
        """Who it is, as others see it."""
        visitor = self.visitor
        user, conn_info = (visitor.user, visitor.info) if visitor else ("", b"")
        return p.ClientInfo(user, self.client, conn_info)

    def seen_in(self, subscription: Subscription) -> p.ClientInfo:
        """Who it is, as others see it in a channel."""
        info = self.info
        return p.ClientInfo(info.user, info.client, info.conn_info, subscription.info)

    # Performing.

    async def _perform(self, decision: Decision) -> None:
        match decision:
            case Close():
                self.close(decision)
            case Refuse(id, error):
                self.send(self.kind.codec.error(id, error))
            case Do(id, request):
                await self._answer(id, request)
            case SendPing() | Lapse():
                raise AssertionError("commands do not bring time")

    async def _answer(self, id: int, request: p.Request) -> None:
        connecting = isinstance(request, p.Connect)
        error: ClientError
        try:
            await answers.carry_out(self, id, request)
            return
        except Disconnect as end:
            self.close(end.close)
            return
        except Untellable:
            self.close(codes.INAPPROPRIATE_PROTOCOL)
            return
        except ClientError as refusal:
            error = refusal
        except kernel.Problem as problem:
            error = error_of(problem)
        except TimeoutError:
            log.warning("the door took too long", extra={"request": type(request).__name__})
            error = ClientError(codes.INTERNAL)
        except Exception:
            log.exception("a command failed", extra={"request": type(request).__name__})
            error = ClientError(codes.INTERNAL)
        if self.over:
            return
        if connecting and self.kind.codec.one_way:
            self.close(_end_of(error))
            return
        if connecting:
            self.session.refused()
        self.send(self.kind.codec.error(id, error))

    def _lapse(self, channel: str) -> None:
        sub = self.session.subscriptions.get(channel)
        if sub is None:
            return
        if sub.server_side:
            self.close(codes.SUBSCRIPTION_EXPIRED)
        else:
            self.remove(sub, codes.SUBSCRIPTION_OVER)


def _end_of(error: ClientError) -> Close:
    """How a connection ends that has no replies, when its connect fails."""
    if error.code in {codes.TOKEN_EXPIRED, codes.EXPIRED}:
        return codes.CONNECTION_EXPIRED
    return codes.SERVER_ERROR if error.temporary else codes.DENIED
