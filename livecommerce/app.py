"""The web process: pages, API, sockets, hooks and video under one port."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from livecommerce import boot, wiring
from livecommerce.identity.authentication import (
    GUEST_COOKIE,
    RequestFacts,
    authenticate,
    guest_cookie,
)
from livecommerce.identity.rules import GUEST_FOR
from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from livecommerce.resources import Resources
from livecommerce.vocabulary.words import WORDS
from livecommerce.web import openapi
from livecommerce.web.keys import AUTHENTICATE, PRINCIPAL, RESOURCES
from livecommerce.web.middleware import principals, request_ids
from livecommerce.web.principal import Principal
from livecommerce.web.problems import problems
from livecommerce.web.whence import address
from livecommerce.webhooks import schemas as webhooks
from streams.realtime import transports
from streams.realtime.hub import Hub

Opened = Callable[[web.Application], AbstractAsyncContextManager[Resources]]


def build_app(opened: Opened, *, version: str = "0.1.0") -> web.Application:
    """An application with nothing open yet; tests build as many as they like.

    Args:
        opened: opens (and closes) what the process holds.
    """

    async def running(app: web.Application) -> AsyncIterator[None]:
        async with opened(app) as resources:
            app[RESOURCES] = resources
            yield

    @cache
    def described() -> dict[str, Any]:
        return openapi.describe(wiring.ENDPOINTS, version=version, words=WORDS)

    @cache
    def told_outside() -> dict[str, Any]:
        return webhooks.describe(version=version, words=WORDS)

    async def told_description(_request: web.Request) -> web.Response:
        return web.json_response(await asyncio.to_thread(told_outside))

    async def description(_request: web.Request) -> web.Response:
        # Written when it is first asked for: it takes a tenth of a second of every start.
        return web.json_response(await asyncio.to_thread(described))

    app = web.Application(
        middlewares=[request_ids, know_again, wiring.LOST_PAGE, problems, principals],
        client_max_size=8 << 20,
        handler_args=transports.SERVER,
    )
    app[AUTHENTICATE] = who_asks
    app[wiring.PAGE_BOOT] = boot.told

    async def send_viewers_away(app: web.Application) -> None:
        if (hub := app[RESOURCES].find(Hub)) is not None:
            await hub.drain()

    app.cleanup_ctx.append(running)
    app.on_shutdown.append(send_viewers_away)
    app.router.add_get("/openapi.json", description)
    app.router.add_get("/asyncapi.json", told_description)
    app.add_routes([endpoint.as_route() for endpoint in wiring.ENDPOINTS])
    app.add_routes(wiring.ROUTES)
    return app


async def who_asks(request: web.Request, db: Database) -> Principal:
    """The principal behind a request."""
    return await authenticate(db, _facts(request), now=utcnow(), secret=_secret(request))


@web.middleware
async def know_again(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give a guest the cookie by which we know them next time."""
    response = await handler(request)
    who = request.get(PRINCIPAL)
    if who is None or who.id == "nobody" or response.prepared:
        return response
    if request.cookies.get(GUEST_COOKIE, "").startswith(f"{who.id}."):
        return response  # it carries the cookie that it was recognised by
    made = guest_cookie(who, _facts(request), now=utcnow(), secret=_secret(request))
    if made is not None and GUEST_COOKIE not in response.cookies:
        response.set_cookie(
            GUEST_COOKIE,
            made,
            max_age=int(GUEST_FOR.total_seconds()),
            path="/",
            httponly=True,
            secure=request.app[RESOURCES].public_url.startswith("https:"),
            samesite="Lax",
        )
    return response


def _facts(request: web.Request) -> RequestFacts:
    async def body() -> bytes | None:
        # A file is read as it comes, and once: a route that takes one needs it unread.
        if request.content_type.startswith("multipart/"):
            return None
        return await request.read()

    return RequestFacts(
        *(request.cookies, request.headers, request.method, address(request)),
        path=request.path_qs,
        body=body,
    )


def _secret(request: web.Request) -> str:
    return request.app[RESOURCES].settings.secret_key()
