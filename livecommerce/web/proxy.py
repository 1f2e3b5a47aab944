"""A peer's pages under our own origin, so that one address, one policy and phones work."""

import aiohttp
from aiohttp import web

from livecommerce.kernel.errors import Unavailable
from livecommerce.web.keys import RESOURCES

_PASSED_ON = {"accept", "accept-language", "content-type", "idempotency-key"}
_BROUGHT_BACK = {"content-type", "cache-control", "content-security-policy", "location"}
_PATIENCE = aiohttp.ClientTimeout(total=20)


class PeerAway(Unavailable):
    """The payment sandbox is not running."""


async def sandbox(request: web.Request) -> web.StreamResponse:
    """Hand the request to the payment sandbox. Our cookies and keys stay here."""
    r = request.app[RESOURCES]
    if r.settings.stripe_base_url is None:
        raise web.HTTPNotFound
    headers = {k: v for k, v in request.headers.items() if k.lower() in _PASSED_ON}
    try:
        async with r.http.request(
            request.method,
            f"{r.settings.stripe_base_url}{request.raw_path}",
            data=await request.read(),
            headers=headers,
            allow_redirects=False,
            timeout=_PATIENCE,
        ) as answer:
            kept = {k: v for k, v in answer.headers.items() if k.lower() in _BROUGHT_BACK}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)
    except (aiohttp.ClientError, TimeoutError):
        raise PeerAway() from None


ROUTES = [web.route("*", "/sandbox/{path:.*}", sandbox), web.route("*", "/sandbox", sandbox)]
