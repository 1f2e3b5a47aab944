"""``/metrics``: the process's figures for Prometheus, for whoever shows ``LC_METRICS_KEY``."""

import hmac
from collections.abc import Callable

from aiohttp import web

from livecommerce.web.keys import RESOURCES


def routes(page: Callable[[web.Request], str]) -> list[web.RouteDef]:
    """The page, which is not there unless there is a key to it."""

    async def show(request: web.Request) -> web.Response:
        key = request.app[RESOURCES].settings.metrics_key
        if key is None:
            raise web.HTTPNotFound
        shown = request.headers.get("Authorization", "")
        expected = f"Bearer {key.get_secret_value()}"
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), expected.encode()):
            headers = {"WWW-Authenticate": "Bearer"}
            return web.Response(status=401, text="The key is missing.\n", headers=headers)
        headers = {"Content-Type": "text/plain; version=0.0.4"}
        return web.Response(body=page(request).encode(), headers=headers)

    return [web.get("/metrics", show)]
