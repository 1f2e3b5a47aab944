"""The web process: pages, API, sockets, hooks and video under one port."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

from aiohttp import web

from livecommerce import wiring
from livecommerce.resources import Resources
from livecommerce.web.keys import AUTHENTICATE, RESOURCES
from livecommerce.web.middleware import principals, request_ids
from livecommerce.web.problems import problems

Opened = Callable[[web.Application], AbstractAsyncContextManager[Resources]]


def build_app(opened: Opened) -> web.Application:
    """An application with nothing open yet; tests build as many as they like.

    Args:
        opened: opens (and closes) what the process holds.
    """

    async def running(app: web.Application) -> AsyncIterator[None]:
        async with opened(app) as resources:
            app[RESOURCES] = resources
            yield

    app = web.Application(
        middlewares=[request_ids, problems, principals], client_max_size=8 << 20
    )
    app[AUTHENTICATE] = wiring.authenticate
    app.cleanup_ctx.append(running)
    app.on_response_prepare.append(wiring.dress)
    app.add_routes(wiring.ROUTES)
    app.add_routes([endpoint.as_route() for endpoint in wiring.ENDPOINTS])
    return app
