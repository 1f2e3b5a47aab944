"""A Centrifugo as far as we use one: its server API, its proxies and its refusals, with what
``deploy/centrifugo.json`` says. After Centrifugo 6 (``internal/api``, ``internal/proxy``).
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from streams.realtime.centrifugo_gateway import CentrifugoGateway

CONFIGURATION = Path(__file__).parents[1] / "deploy" / "centrifugo.json"
UNKNOWN_CHANNEL = {"code": 102, "message": "unknown channel"}
NOT_AVAILABLE = {"code": 108, "message": "not available"}
INTERNAL = {"code": 100, "message": "internal server error"}


def configuration() -> dict[str, Any]:
    """What the deployed one is told."""
    told: dict[str, Any] = json.loads(CONFIGURATION.read_text())
    return told


@dataclass
class Centrifugo:
    """Who is there is put in by hand; what is published and asked is written down."""

    told: dict[str, Any] = field(default_factory=configuration)
    there: dict[str, list[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    published: list[tuple[str, Any]] = field(default_factory=list)
    put_out: list[tuple[str, str]] = field(default_factory=list)

    def options(self, channel: str) -> dict[str, Any] | None:
        """What the channel can do; none where its namespace is unknown."""
        name, colon, _ = channel.partition(":")
        if not colon:
            plain: dict[str, Any] = self.told["channel"]["without_namespace"]
            return plain
        named = {each["name"]: each for each in self.told["channel"]["namespaces"]}
        return named.get(name)

    def answer(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """As the server API would."""
        channel = body.get("channel", "")
        if method == "channels":
            start = body.get("pattern", "").removesuffix("*")
            names = {
                name: users for name, users in self.there.items() if name.startswith(start)
            }
            found = {
                name: {"num_clients": len(users)} for name, users in names.items() if users
            }
            return {"result": {"channels": found}}
        known = self.options(channel)
        if known is None:
            return {"error": UNKNOWN_CHANNEL}
        if channel in self.broken:
            return {"error": INTERNAL}
        if method == "presence_stats":
            if not known.get("presence"):
                return {"error": NOT_AVAILABLE}
            users = self.there.get(channel, [])
            return {"result": {"num_clients": len(users), "num_users": len(set(users))}}
        if method == "publish":
            self.published.append((channel, body["data"]))
        elif method == "unsubscribe":
            self.put_out.append((body["user"], channel))
        else:
            raise web.HTTPNotFound
        return {"result": {}}

    @property
    def refreshed_by_client(self) -> bool:
        """Whether clients bring a new token before theirs ends: not where the application is
        asked instead (``ClientSideRefresh: !refreshProxyEnabled``)."""
        return not self.told["client"].get("proxy", {}).get("refresh", {}).get("enabled", False)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[CentrifugoGateway]:
        """Its server API, as our gateway reaches it."""

        async def serve(request: web.Request) -> web.Response:
            method = request.match_info["method"]
            return web.json_response(self.answer(method, await request.json()))

        app = web.Application()
        app.router.add_post("/api/{method}", serve)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/api"
        try:
            async with aiohttp.ClientSession() as http:
                yield CentrifugoGateway(http, url, "key")
        finally:
            await runner.cleanup()
