"""Somebody's own system that hears webhooks. It knows only Standard Webhooks: it checks every
signature with that project's library, and nothing of ours helps it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks import Webhook, WebhookVerificationError

HOST = "127.0.0.1"
CROWD = 32


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    id: str
    body: bytes
    headers: dict[str, str]
    verified: bool

    @property
    def told(self) -> dict[str, Any]:
        """The body, read."""
        return dict(orjson.loads(self.body))


@dataclass
class Receiver:
    """Answers as it is told to: a status, a header, a text, or not before the gate opens."""

    secret: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    url: str = ""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    knocks: asyncio.Event = field(default_factory=asyncio.Event)
    crowded: asyncio.Event = field(default_factory=asyncio.Event)
    heard: list[Received] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """The ids that came, in the order in which they came."""
        return [one.id for one in self.heard]

    async def hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append(
            Received(headers["webhook-id"], body, headers, self._verified(body, headers))
        )
        self.knocks.set()
        if len(self.heard) == CROWD:
            self.crowded.set()
        await self.gate.wait()
        return web.Response(status=self.status, headers=self.headers, text=self.text)

    def _verified(self, body: bytes, headers: dict[str, str]) -> bool:
        if not self.secret:
            return False
        try:
            Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            return False
        return True


@asynccontextmanager
async def receiver(**how: Any) -> AsyncIterator[Receiver]:
    """One that listens on loopback until the block ends."""
    listening = Receiver(**how)
    listening.gate.set()
    app = web.Application()
    app.router.add_post("/hook", listening.hear)
    async with TestServer(app, host=HOST) as server:
        listening.url = str(server.make_url("/hook"))
        yield listening
        listening.gate.set()
