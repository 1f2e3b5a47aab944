"""One server of the rooms' bench in a process of its own: ours, or a Python peer.

``python -m tests.load.room_peers ours|websockets|socketio [settings as JSON]`` prints
``port N``; reads ``publish COUNT RATE SIZE`` lines, tells every viewer of every room so many
messages (as fast as it can at rate 0), and answers ``done SECONDS``. ``stand`` is answered
with ``stands OFFSET EPOCH``, where the first room is. The peers in C and JavaScript behave
alike. A message that had to wait for its turn is as old as its turn.
"""

import asyncio
import json
import resource
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from aiohttp import web

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from livecommerce.kernel.clock import utcnow  # noqa: E402 -- the path comes first
from streams.realtime import transports  # noqa: E402
from streams.realtime.door import Grant, Visitor  # noqa: E402
from streams.realtime.hub import Hub  # noqa: E402
from streams.realtime.options import PERSONAL, Limits, Options, room_namespaces  # noqa: E402
from streams.realtime.redis_rooms import redis_rooms  # noqa: E402
from streams.realtime.token_door import TokenDoor  # noqa: E402
from streams.realtime.tokens import Keys  # noqa: E402
from streams.realtime.transports.crowd import run  # noqa: E402
from streams.realtime.transports.listening import listen  # noqa: E402

SECRET = "a secret for benches, long enough for HS256"
Tell = Callable[[str], Awaitable[object]]


def room(n: int) -> str:
    """The channel of the nth room."""
    return f"room:{n}"


def token(n: int) -> str:
    """The nth viewer's connection token."""
    until = datetime.now(UTC) + timedelta(hours=1)
    claims = {"sub": f"gst_{n}", "exp": until, "info": {"name": f"gst_{n}"}}
    return jwt.encode(claims, SECRET, algorithm="HS256")


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that listens."""

    port: int
    tell: Tell
    stands: Callable[[], Awaitable[tuple[int, str]]] | None = None


class EveryRoom(TokenDoor):
    """Whoever has a token may hear every room."""

    async def subscribe(self, visitor: Visitor, channel: str, data: bytes, token: str) -> Grant:
        return Grant()


@asynccontextmanager
async def ours(
    *, rooms: int = 1, redis: str = "", database: str = "", secret: str = "", **limits: Any
) -> AsyncIterator[Peer]:
    """The gateway as the product opens it, or within the whole product if there is a
    database; ``limits`` other than the default ones."""
    options = Options(namespaces=room_namespaces(), personal=PERSONAL, limits=Limits(**limits))
    async with AsyncExitStack() as stack:
        hub = Hub(options)
        if redis:
            hub = await stack.enter_async_context(redis_rooms(redis, options))
        hub.door = EveryRoom(Keys(SECRET), utcnow)
        await stack.enter_async_context(hub.running())
        if database:
            from tests.load.drop_server import application

            app = application(database, secret, hub)
        else:
            app = web.Application(handler_args=transports.SERVER)
            app.add_routes(transports.routes(hub))
        names = [room(n) for n in range(rooms)]

        async def tell(text: str) -> None:
            data = text.encode()
            for name in names:
                await hub.publish(name, data)

        async def stands() -> tuple[int, str]:
            top = (await hub.history(names[0])).top
            return top.offset, top.epoch

        port = await stack.enter_async_context(_serving(app))
        yield Peer(port, tell, stands)


@asynccontextmanager
async def socketio() -> AsyncIterator[Peer]:
    """python-socketio on aiohttp, one room, WebSocket from the start."""
    import socketio as library

    server = library.AsyncServer(
        async_mode="aiohttp", transports=["websocket"], http_compression=False
    )
    app = web.Application()
    server.attach(app)

    @server.event
    async def connect(sid: str, environ: object) -> None:
        await server.enter_room(sid, "room")

    async def tell(text: str) -> None:
        await server.emit("m", json.loads(text), room="room")

    async with _serving(app) as port:
        yield Peer(port, tell)


@asynccontextmanager
async def websockets() -> AsyncIterator[Peer]:
    """The websockets library's own broadcast."""
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    people: set[ServerConnection] = set()

    async def stay(connection: ServerConnection) -> None:
        people.add(connection)
        await connection.wait_closed()
        people.discard(connection)

    async def tell(text: str) -> None:
        broadcast(people, text)

    quiet = {"compression": None, "ping_interval": None}
    async with serve(stay, "127.0.0.1", 0, backlog=4096, **quiet) as server:
        yield Peer(server.sockets[0].getsockname()[1], tell)


@asynccontextmanager
async def _serving(app: web.Application) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        sock = socket.create_server(("127.0.0.1", 0))
        await listen(runner, sock)
        yield sock.getsockname()[1]
    finally:
        await runner.cleanup()


PEERS: dict[str, Callable[..., Any]] = {
    "ours": ours,
    "socketio": socketio,
    "websockets": websockets,
}


def message(n: int, at: int, size: int) -> str:
    """What every peer sends: its number, its moment, and chatter."""
    head = f'{{"n":{n},"at":{at},"t":"chat","text":"'
    return head + "x" * (size - len(head) - 2) + '"}'


async def main(name: str, settings: dict[str, Any]) -> None:
    """Serve until stdin ends."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    number = 0
    async with PEERS[name](**settings) as peer:
        print("port", peer.port, flush=True)
        while line := (await commands.readline()).split():
            if line[0] == b"stand":
                print("stands", *await peer.stands(), flush=True)
                continue
            count, rate, size = int(line[1]), float(line[2]), int(line[3])
            began = time.monotonic_ns()
            for i in range(count):
                due = began + int(i * 1e9 / rate) if rate else time.monotonic_ns()
                await asyncio.sleep(max(0.0, (due - time.monotonic_ns()) / 1e9))
                number += 1
                await peer.tell(message(number, due, size))
            print("done", (time.monotonic_ns() - began) / 1e9, flush=True)


if __name__ == "__main__":
    run(main(sys.argv[1], json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}))
