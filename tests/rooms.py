"""Rooms for tests: a hub behind a real aiohttp server, and clients that are not ours."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import centrifuge
import jwt
import orjson
from aiohttp import web
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from streams.realtime import codes
from streams.realtime.door import Admitted, ClosedDoor, ConnectWant, Grant, Visitor
from streams.realtime.errors import ClientError, Disconnect
from streams.realtime.hub import Hub
from streams.realtime.options import PERSONAL, Limits, Options, room_namespaces
from streams.realtime.transports import SERVER, routes
from streams.realtime.transports.listening import Site

SECRET = "the secret of these tests, long enough for HS256"


def token(user: str, *, lasts: timedelta = timedelta(hours=1), secret: str = SECRET) -> str:
    """A connection token as the application would give it."""
    until = datetime.now(UTC) + lasts
    return jwt.encode({"sub": user, "exp": until}, secret, algorithm="HS256")


class OpenDoor(ClosedDoor):
    """Lets in who has a token, tells rooms what they are asked to, and keeps ``mod:`` shut."""

    def __init__(self) -> None:
        self.hub: Hub | None = None
        self.calls: list[tuple[str, str, Any]] = []

    async def connect(self, want: ConnectWant) -> Admitted:
        user, until = read(want.token)
        return Admitted(user, info=orjson.dumps({"name": user}), expire_at=until)

    async def refresh(self, visitor: Visitor, token: str) -> datetime | None:
        return read(token)[1]

    async def subscribe(self, visitor: Visitor, channel: str, data: bytes, token: str) -> Grant:
        if channel.startswith("mod:"):
            raise ClientError(codes.PERMISSION_DENIED)
        return Grant()

    async def rpc(
        self, visitor: Visitor, method: str, data: bytes
    ) -> Mapping[str, Any] | bytes | None:
        asked = orjson.loads(data) if data else None
        self.calls.append((visitor.user, method, asked))
        if method == "say":
            assert self.hub is not None
            frame = {"t": "chat", "user": visitor.user, "text": asked["text"]}
            await self.hub.publish(asked["channel"], frame, idempotency_key=asked.get("key"))
            return {"ok": True}
        if method == "break":
            raise RuntimeError("as asked")
        if method == "wait":
            await asyncio.sleep(asked)
            return None
        return await super().rpc(visitor, method, data)


def read(text: str) -> tuple[str, datetime]:
    """The user of a token, and until when."""
    try:
        claims = jwt.decode(text, SECRET, algorithms=["HS256"])
    except jwt.ExpiredSignatureError:
        raise ClientError(codes.TOKEN_EXPIRED) from None
    except jwt.InvalidTokenError:
        raise Disconnect(codes.INVALID_TOKEN) from None
    return claims["sub"], datetime.fromtimestamp(claims["exp"], UTC)


def options(limits: Limits | None = None, **namespaces: Any) -> Options:
    """A live session's channels, and more if wanted."""
    return Options(
        namespaces={**room_namespaces(), **namespaces},
        personal=PERSONAL,
        limits=limits or Limits(),
        version="test",
    )


@dataclass
class Served:
    """A hub that is reachable."""

    hub: Hub
    door: OpenDoor
    port: int

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/connection/websocket"


@asynccontextmanager
async def serving(
    opts: Options | None = None, *, hub: Hub | None = None
) -> AsyncIterator[Served]:
    """Rooms on a free port, closed down as the application does it."""
    door = OpenDoor()
    hub = hub or Hub(opts or options())
    hub.door, door.hub = door, hub
    app = web.Application(handler_args=SERVER)
    app.add_routes(routes(hub))

    async def drain(_: web.Application) -> None:
        assert hub is not None
        await hub.drain()

    app.on_shutdown.append(drain)
    async with hub.running():
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await Site(runner, socket.create_server(("127.0.0.1", 0))).start()
        try:
            yield Served(hub, door, runner.addresses[0][1])
        finally:
            await runner.cleanup()


class Raw:
    """A client that speaks the protocol by hand, on the ``websockets`` library."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._waiting: list[Any] = []
        self._id = 0

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str, **more: Any) -> AsyncIterator[Self]:
        async with connect(url, proxy=None, compression=None, max_size=None, **more) as socket:
            yield cls(socket)

    async def send(self, *commands: Mapping[str, Any] | str) -> None:
        lines = [c if isinstance(c, str) else orjson.dumps(c).decode() for c in commands]
        await self.socket.send("\n".join(lines))

    async def next(self, seconds: float = 20.0, *, pings: bool = False) -> Any:
        """The next reply or push. A ping, which is ``{}``, comes when it comes, and is passed
        over where it is not asked for."""
        while True:
            while not self._waiting:
                async with asyncio.timeout(seconds):
                    frame = await self.socket.recv()
                assert isinstance(frame, str)
                self._waiting = [orjson.loads(line) for line in frame.split("\n")]
            told = self._waiting.pop(0)
            if told or pings:
                return told

    async def ask(self, **command: Any) -> Any:
        """The reply to a command; pushes before it are an error."""
        self._id += 1
        await self.send({"id": self._id, **command})
        reply = await self.next()
        assert reply.pop("id") == self._id, reply
        return reply

    async def enter(self, user: str, **more: Any) -> Any:
        return (await self.ask(connect={"token": token(user), **more}))["connect"]

    async def closed(self, seconds: float = 20.0) -> tuple[int, str]:
        """How the server ended it."""
        with contextlib.suppress(ConnectionClosed):
            async with asyncio.timeout(seconds):
                while True:
                    await self.socket.recv()
        assert self.socket.close_code is not None
        return self.socket.close_code, self.socket.close_reason or ""


@dataclass
class Heard(centrifuge.SubscriptionEventHandler):
    """What a subscription of the official SDK was told."""

    data: list[Any] = field(default_factory=list)
    subscribed: list[centrifuge.SubscribedContext] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def on_publication(self, ctx: centrifuge.PublicationContext) -> None:
        self.data.append(ctx.pub.data)
        self.changed.set()

    async def on_subscribed(self, ctx: centrifuge.SubscribedContext) -> None:
        self.subscribed.append(ctx)
        self.changed.set()

    async def until(self, there: Any, seconds: float = 30.0) -> None:
        """Return when ``there()`` holds."""
        async with asyncio.timeout(seconds):
            while not there():
                self.changed.clear()
                await self.changed.wait()


async def farewell(client: centrifuge.Client) -> None:
    """Disconnect. The SDK says goodbye in a task of its own; a loop that ends first would cut
    it off with the socket open."""
    await client.disconnect()
    if goodbyes := set(client._background_tasks):
        await asyncio.wait(goodbyes)


@asynccontextmanager
async def sdk(url: str, user: str) -> AsyncIterator[centrifuge.Client]:
    """A client of the official Python SDK, connected."""
    client = centrifuge.Client(url, token=token(user), proxy=None)
    await client.connect()
    await client.ready()
    try:
        yield client
    finally:
        await farewell(client)


class Link:
    """The network between a client and the server: it can be cut, and mended."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._whole = True
        self._pipes: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self.cut()
            await asyncio.gather(*self._pipes, return_exceptions=True)
            server.close()
            await server.wait_closed()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/connection/websocket"

    def cut(self) -> None:
        """Every connection breaks without a word, and none can be made."""
        self._whole = False
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def mend(self) -> None:
        self._whole = True

    def leads_to(self, port: int) -> None:
        """Connections made from now on are to another server."""
        self._to = port

    async def _accept(self, up: asyncio.StreamReader, down: asyncio.StreamWriter) -> None:
        if not self._whole:
            down.transport.abort()
            return
        reader, writer = await asyncio.open_connection("127.0.0.1", self._to)
        if not self._whole:  # cut while we were calling
            down.transport.abort()
            writer.transport.abort()
            return
        self._writers |= {down, writer}
        for source, target in ((up, writer), (reader, down)):
            pipe = asyncio.create_task(self._pipe(source, target))
            self._pipes.add(pipe)
            pipe.add_done_callback(self._pipes.discard)

    async def _pipe(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while chunk := await source.read(65536):
                target.write(chunk)
                await target.drain()
        target.transport.abort()
