"""A hub with transports that are lists: rooms without any network."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import orjson

from streams.realtime.codes import Close
from streams.realtime.door import Admitted, ClosedDoor, ConnectWant, Grant, Visitor
from streams.realtime.errors import ClientError
from streams.realtime.hub import Hub
from streams.realtime.json_codec import JSON
from streams.realtime.listeners import Kind
from streams.realtime.options import Limits, Namespace, Options, RecoveryMode
from streams.realtime.peer import Peer
from streams.realtime.protobuf_codec import PROTOBUF, SCHEMA
from streams.realtime.protobuf_wire import framed, messages
from streams.realtime.session import Session

KEPT = Namespace(
    history_size=6,
    history_ttl=60,
    force_recovery=True,
    history_for_subscriber=True,
    delta=True,
)
NAMESPACES = {
    "room": KEPT,
    "cache": Namespace(
        history_size=1, history_ttl=60, force_recovery=True, recovery_mode=RecoveryMode.CACHE
    ),
    "fleeting": Namespace(
        join_leave=True, force_push_join_leave=True, publish_for_subscriber=True
    ),
}
OPTIONS = Options(namespaces=NAMESPACES, personal=KEPT, limits=Limits(channels_per_client=4))

HELLO = b'{"id":1,"connect":{"token":"t"}}'
HELLO_MESSAGE = framed(SCHEMA.write("Command", {"id": 1, "connect": {"token": "t"}}))


LINES = Kind(JSON, lambda payload: payload + b"\n")
MESSAGES = Kind(PROTOBUF, lambda payload: payload)


@dataclass(eq=False)
class Line:
    """The transport of a client in memory: it takes everything and never waits."""

    kind: Kind = LINES
    written: list[bytes] = field(default_factory=list)
    ended: Close | None = None

    def write(self, frame: bytes) -> None:
        assert self.ended is None, "written after the close"
        self.written.append(frame)

    def buffered(self) -> int:
        return 0

    def close(self, close: Close) -> None:
        assert self.ended is None
        self.ended = close

    def take(self) -> list[Any]:
        """What was told, as dictionaries."""
        said = b"".join(self.written)
        self.written.clear()
        if self.kind is MESSAGES:
            return [SCHEMA.read("Reply", one) for one in messages(said)]
        return [orjson.loads(line) for line in said.splitlines()]


class Welcoming(ClosedDoor):
    """Lets everybody in, with some failures on the way."""

    async def connect(self, want: ConnectWant) -> Admitted:
        if want.token == "bad":
            raise ClientError(109)
        return Admitted("u", subs={"cache:own": Grant()})

    async def subscribe(self, visitor: Visitor, channel: str, data: bytes, token: str) -> Grant:
        await asyncio.sleep(0)
        return Grant()

    async def rpc(self, visitor: Visitor, method: str, data: bytes) -> Any:
        if method == "break":
            raise RuntimeError
        if method == "refuse":
            raise ClientError(404, "x")
        return b"[1]" if method == "bytes" else None


def opened(hub: Hub, kind: Kind = LINES) -> tuple[Peer, Line]:
    line = Line(kind)
    want = ConnectWant("", b"", {}, "", "")
    peer = Peer(hub, line, Session(kind.codec, hub.options, hub.clock()), want)
    hub.opened(peer)
    return peer, line
