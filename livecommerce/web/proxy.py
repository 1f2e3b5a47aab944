"""A peer's pages under our own origin, so that one address, one policy and phones work."""

import aiohttp
from aiohttp import web
from yarl import URL

from livecommerce.kernel.errors import Unavailable
from livecommerce.web.api import Call, route
from livecommerce.web.guard import staff
from livecommerce.web.keys import RESOURCES

_PASSED_ON = {"accept", "accept-language", "content-type", "idempotency-key"}
_BROUGHT_BACK = {
    "content-type",
    "cache-control",
    "content-security-policy",
    "location",
    "referrer-policy",
    "x-content-type-options",
}
_PATIENCE = aiohttp.ClientTimeout(total=20)


JSON = "application/json"


class PeerAway(Unavailable):
    """The payment sandbox is not running."""


class MailAway(Unavailable):
    """The local mail peer is not running."""


async def sandbox(request: web.Request) -> web.StreamResponse:
    """Hand the request to the payment sandbox. Our cookies and keys stay here."""
    r = request.app[RESOURCES]
    # Beside its pages the sandbox has doors that are not for browsers: no way back up to them.
    if r.settings.stripe_base_url is None or {".", ".."} & set(request.path.split("/")):
        raise web.HTTPNotFound
    headers = {k: v for k, v in request.headers.items() if k.lower() in _PASSED_ON}
    try:
        async with r.http.request(
            request.method,
            URL(f"{r.settings.stripe_base_url}{request.raw_path}", encoded=True),
            data=await request.read(),
            headers=headers,
            allow_redirects=False,
            timeout=_PATIENCE,
        ) as answer:
            kept = {k: v for k, v in answer.headers.items() if k.lower() in _BROUGHT_BACK}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)
    except (aiohttp.ClientError, TimeoutError):
        raise PeerAway() from None


_CAUGHT = {
    "id": "eml_01kbr0e7x4f9v8c2m6q3t5w101",
    "caught_at": "2026-11-23T11:07:01Z",
    "sender": "shop@livecommerce.example",
    "recipients": ["erika.mustermann@example.org"],
    "subject": "订单已付款 / Paid",
    "message_id": "<receipt/chk_01kbr0e7x4f9v8c2m6q3t5w101@livecommerce.example>",
    "text": "感谢您的订购,款项已收到。 / Thank you: your payment has arrived.",
    "html": None,
}


@route(
    "GET",
    "/peers/mail/messages",
    may=staff(),
    tags=("peers",),
    tx=False,
    gives=(JSON, {"items": [_CAUGHT]}),
)
async def caught_mail(call: Call) -> web.Response:
    """Mail that the local peer caught instead of delivering it; for the centre's staff."""
    r = call.r
    if r.settings.mail_url is None:
        raise web.HTTPNotFound
    try:
        async with r.http.get(
            f"{r.settings.mail_url}/messages", params=call.request.query, timeout=_PATIENCE
        ) as answer:
            body = await answer.read()
            return web.Response(status=answer.status, body=body, content_type=JSON)
    except (aiohttp.ClientError, TimeoutError):
        raise MailAway() from None


ROUTES = [web.route("*", "/sandbox/{path:.*}", sandbox), web.route("*", "/sandbox", sandbox)]
ENDPOINTS = [caught_mail]
