"""The port through which the gateway asks who may enter, and what a call means.

Commerce implements it. A method may raise ``ClientError`` (an error in the reply),
``Disconnect`` (the connection ends) or a kernel ``Problem`` (an error 400-599 whose message
is the problem's code). Anything else is logged and answered with a temporary error 100.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from streams.realtime import codes
from streams.realtime.errors import ClientError, Disconnect


@dataclass(frozen=True, slots=True)
class ConnectWant:
    """What a connection shows at the door.

    ``headers`` are those of the HTTP request. ``claimed`` are headers that the connect
    command brought along: the client's own words, to be trusted as little as ``data``.
    ``channels`` are those it would like to hear from the start.
    """

    token: str
    data: bytes
    headers: Mapping[str, str]
    address: str
    user_agent: str
    claimed: Mapping[str, str] = field(default_factory=dict)
    client: str = ""
    transport: str = "websocket"
    protocol: str = "json"
    name: str = ""
    version: str = ""
    channels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to hear a channel. ``None`` keeps what the namespace says."""

    info: bytes = b""
    data: bytes = b""
    expire_at: datetime | None = None
    positioned: bool | None = None
    recoverable: bool | None = None
    join_leave: bool | None = None
    force_push_join_leave: bool | None = None
    presence: bool | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who it is, and what it hears without asking.

    ``user`` is empty for the anonymous. ``info`` is JSON that others see beside what the
    connection says. ``subs`` are subscriptions made from our side; the personal channel is
    added by itself. ``meta`` stays here and comes back in every ``Visitor``.
    """

    user: str
    info: bytes = b""
    expire_at: datetime | None = None
    subs: Mapping[str, Grant] = field(default_factory=dict)
    data: bytes = b""
    meta: object = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """A connection that was let in: its id, its user, and what the door noted about it."""

    client: str
    user: str
    info: bytes
    address: str
    meta: object
    transport: str = "websocket"
    protocol: str = "json"


class Door(Protocol):
    """Who may enter, hear and say what."""

    async def connect(self, want: ConnectWant) -> Admitted:
        """Let the connection in, or raise (a bad token: ``Disconnect(INVALID_TOKEN)``; one
        that has run out: ``ClientError(TOKEN_EXPIRED)``)."""
        ...

    async def refresh(self, visitor: Visitor, token: str) -> datetime | None:
        """Until when the connection now holds; none: for good."""
        ...

    async def subscribe(self, visitor: Visitor, channel: str, data: bytes, token: str) -> Grant:
        """Let it hear the channel, or raise ``ClientError(PERMISSION_DENIED)``."""
        ...

    async def sub_refresh(self, visitor: Visitor, channel: str, token: str) -> datetime | None:
        """Until when the subscription now holds; none: for good."""
        ...

    async def publish(self, visitor: Visitor, channel: str, data: bytes) -> bytes:
        """What is published instead of what the client sent."""
        ...

    async def rpc(
        self, visitor: Visitor, method: str, data: bytes
    ) -> Mapping[str, Any] | bytes | None:
        """The answer to a call; ``data`` is JSON, or empty."""
        ...


class ClosedDoor:
    """Nobody enters. Doors extend it and open what they mean to open."""

    async def connect(self, want: ConnectWant) -> Admitted:
        """Refused."""
        raise Disconnect(codes.DENIED)

    async def refresh(self, visitor: Visitor, token: str) -> datetime | None:
        """Refused."""
        raise Disconnect(codes.INVALID_TOKEN)

    async def subscribe(self, visitor: Visitor, channel: str, data: bytes, token: str) -> Grant:
        """Refused."""
        raise ClientError(codes.PERMISSION_DENIED)

    async def sub_refresh(self, visitor: Visitor, channel: str, token: str) -> datetime | None:
        """Refused."""
        raise ClientError(codes.PERMISSION_DENIED)

    async def publish(self, visitor: Visitor, channel: str, data: bytes) -> bytes:
        """Refused: what viewers say goes by ``rpc``."""
        raise ClientError(codes.PERMISSION_DENIED)

    async def rpc(
        self, visitor: Visitor, method: str, data: bytes
    ) -> Mapping[str, Any] | bytes | None:
        """No such method."""
        raise ClientError(codes.METHOD_NOT_FOUND)
