"""Transports over HTTP for tests, by hand: streams that go on, and what is said beside them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import ClientResponse, ClientSession

from streams.realtime.options import Limits, Namespace, Options
from tests.rooms import Served, options, token

EVERYTHING = Namespace(
    history_size=10,
    history_ttl=60,
    force_recovery=True,
    presence=True,
    open_to_all=True,
    publish_for_subscriber=True,
    presence_for_subscriber=True,
)
OCTETS = {"Content-Type": "application/octet-stream"}


def rooms(limits: Limits | None = None) -> Options:
    return options(limits, open=EVERYTHING)


def hello(user: str = "u1", id: int = 1) -> bytes:
    return orjson.dumps({"id": id, "connect": {"token": token(user)}})


def url(served: Served, path: str) -> str:
    return f"http://127.0.0.1:{served.port}{path}"


@dataclass
class Stream:
    """A response that goes on: its messages, one after the other."""

    response: ClientResponse
    ends: bytes = b"\n"
    _text: bytes = b""
    _waiting: list[Any] = field(default_factory=list)

    async def next(self) -> Any:
        """The next of them that is no ping."""
        while not self._waiting:
            async with asyncio.timeout(20):
                chunk = await self.response.content.readany()
            assert chunk, "the stream has ended"
            *whole, self._text = (self._text + chunk).split(self.ends)
            lines = [line.strip().removeprefix(b"data: ") for line in whole]
            self._waiting += [orjson.loads(line) for line in lines if line not in (b"", b"{}")]
        return self._waiting.pop(0)

    async def ended(self) -> bool:
        async with asyncio.timeout(20):
            return await self.response.content.readany() == b""


class Http:
    """A client that says what its bodies are only where a test does, and closes what it
    opened."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session
        self.answers: list[ClientResponse] = []

    async def ask(self, method: str, address: str, **more: Any) -> ClientResponse:
        self.answers.append(await self._session.request(method, address, **more))
        return self.answers[-1]

    async def get(self, address: str, **more: Any) -> ClientResponse:
        return await self.ask("GET", address, **more)

    async def post(self, address: str, **more: Any) -> ClientResponse:
        return await self.ask("POST", address, **more)

    async def options(self, address: str, **more: Any) -> ClientResponse:
        return await self.ask("OPTIONS", address, **more)


@asynccontextmanager
async def http() -> AsyncIterator[Http]:
    async with ClientSession(skip_auto_headers=["Content-Type"]) as session:
        client = Http(session)
        yield client
        for answer in client.answers:
            answer.close()


async def both_ways(served: Served, session: Http, kind: str) -> tuple[Stream, Any]:
    """A stream of that kind, and what its connect was answered."""
    if kind == "http_stream":
        answer = await session.post(url(served, "/connection/http_stream"), data=hello())
        stream = Stream(answer)
    else:
        address = url(served, f"/connection/sse?cf_connect={quote(hello())}")
        stream = Stream(await session.get(address), b"\n\n")
    return stream, (await stream.next())["connect"]


async def say(served: Served, client: Http, known: Any, *commands: Any, **instead: Any) -> int:
    text = "\n".join(orjson.dumps(command).decode() for command in commands)
    body = {"session": known["session"], "node": known["node"], "data": text, **instead}
    answer = await client.post(url(served, "/emulation"), data=orjson.dumps(body))
    return answer.status
