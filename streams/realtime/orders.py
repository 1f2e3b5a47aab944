"""What is ordered of connections from outside, wherever they are.

An order names connections by user, and perhaps by one client or session of that user. It is
carried out in the process where it is given and told to the others that serve the same rooms.
"""

import base64
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from streams.realtime import codes
from streams.realtime import protocol as p
from streams.realtime.answers import subscription
from streams.realtime.codes import Close
from streams.realtime.door import Grant
from streams.realtime.errors import ClientError, Disconnect

if TYPE_CHECKING:
    from streams.realtime.hub import Hub
    from streams.realtime.peer import Peer


@dataclass(frozen=True, slots=True)
class Whom:
    """Connections of a user; of them only the client, or the session, if one is named."""

    user: str = ""
    client: str = ""
    session: str = ""

    def among(self, hub: "Hub") -> list["Peer"]:
        """Those of them that are connected here."""
        if self.session:
            found = hub.connected.by_session(self.session)
            there = [found] if found is not None else []
        elif self.user:
            there = hub.connections(self.user)
        else:
            there = [peer for peer in hub.connected if peer.client == self.client]
        return [
            peer
            for peer in there
            if self.client in {"", peer.client} and self.user in {"", peer.info.user}
        ]


@dataclass(frozen=True, slots=True)
class SendAway:
    """End the connections, but for the clients that are spared.

    Raises:
        ValueError: connections cannot be ended so (:class:`Close`).
    """

    whom: Whom
    code: int = codes.FORCE_DISCONNECT.code
    reason: str = codes.FORCE_DISCONNECT.reason
    spared: tuple[str, ...] = ()

    async def carry_out(self, hub: "Hub") -> None:
        """Here."""
        close = Close(self.code, self.reason)
        for peer in self.whom.among(hub):
            if peer.client not in self.spared:
                peer.close(close)


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Take the connections out of a channel, for good."""

    whom: Whom
    channel: str

    async def carry_out(self, hub: "Hub") -> None:
        """Here."""
        for peer in self.whom.among(hub):
            sub = peer.session.subscriptions.get(self.channel)
            if sub is not None:
                peer.remove(sub, codes.UNSUBSCRIBED)


@dataclass(frozen=True, slots=True)
class PutIn:
    """Let the connections hear a channel without their asking; those that do already go on.

    ``info`` and ``data`` are JSON; ``offset`` and ``epoch`` say from where they are to hear
    it, where that is ``since``.
    """

    whom: Whom
    channel: str
    info: str = ""
    data: str = ""
    expire_at: int = 0
    since: bool = False
    offset: int = 0
    epoch: str = ""
    positioned: bool | None = None
    recoverable: bool | None = None
    join_leave: bool | None = None
    presence: bool | None = None

    async def carry_out(self, hub: "Hub") -> None:
        """Here."""
        for peer in self.whom.among(hub):
            try:
                await self._enter(hub, peer)
            except Disconnect as end:
                peer.close(end.close)

    async def _enter(self, hub: "Hub", peer: "Peer") -> None:
        if peer.over or self.channel in peer.session.subscriptions:
            return
        grant = Grant(
            info=self.info.encode(),
            data=self.data.encode(),
            expire_at=datetime.fromtimestamp(self.expire_at, UTC) if self.expire_at else None,
            positioned=self.positioned,
            recoverable=self.recoverable,
            join_leave=self.join_leave,
            presence=self.presence,
        )
        sub = subscription(peer, p.Subscribe(self.channel), grant, server_side=True)
        asked = p.Position(self.offset, self.epoch) if self.since else None
        entry = await hub.enter(peer, sub, asked, grant.data)
        if peer.over or peer.session.subscriptions.get(self.channel) is not sub:
            return
        result = hub.result(entry)
        codec = peer.kind.codec
        added = p.Added(
            result.recoverable, result.epoch, result.offset, result.positioned, result.data
        )
        peer.send(codec.push(self.channel, added))
        for publication in result.publications:
            peer.send(codec.push(self.channel, publication))
        if not peer.over:
            hub.settle(entry)


@dataclass(frozen=True, slots=True)
class Prolong:
    """Let the connections stay until another moment (0: for good), or end them now."""

    whom: Whom
    expired: bool = False
    expire_at: int = 0

    async def carry_out(self, hub: "Hub") -> None:
        """Here."""
        for peer in self.whom.among(hub):
            if self.expired:
                peer.close(codes.CONNECTION_EXPIRED)
                continue
            left = None
            if self.expire_at:
                until = datetime.fromtimestamp(self.expire_at, UTC)
                left = (until - hub.wall_clock()).total_seconds()
            peer.session.refreshed(None if left is None else hub.clock() + max(0.0, left))
            hub.watch(peer)
            ttl = 0 if left is None else max(1, int(left))
            peer.send(peer.kind.codec.push("", p.Extended(left is not None, ttl)))


@dataclass(frozen=True, slots=True)
class HandIn:
    """A frame of the client's, that came by a request of its own; in base 64."""

    whom: Whom
    frame: str

    @classmethod
    def of(cls, whom: Whom, frame: bytes) -> "HandIn":
        """An order with these bytes."""
        return cls(whom, base64.b64encode(frame).decode())

    async def carry_out(self, hub: "Hub") -> None:
        """Here."""
        for peer in self.whom.among(hub):
            peer.hand_in(base64.b64decode(self.frame))


Order = SendAway | TakeOut | PutIn | Prolong | HandIn
_ORDERS = (SendAway, TakeOut, PutIn, Prolong, HandIn)
_KINDS: dict[str, type[Order]] = {kind.__name__: kind for kind in _ORDERS}


def told(order: Order) -> bytes:
    """The order as another process reads it."""
    return orjson.dumps({"do": type(order).__name__, **asdict(order)})


def understood(raw: bytes) -> Order:
    """What :func:`told` made.

    Raises:
        ClientError: it is something else.
    """
    try:
        body: dict[str, Any] = orjson.loads(raw)
        kind = _KINDS[body.pop("do")]
        body["whom"] = Whom(**body["whom"])
        if "spared" in body:
            body["spared"] = tuple(body["spared"])
        return kind(**body)
    except (ValueError, KeyError, TypeError) as error:
        raise ClientError(codes.BAD_REQUEST) from error
