"""Every page, and the assets they load."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from livecommerce.pages import shell
from livecommerce.pages.words import lang_of
from livecommerce.web.files import is_served

Boot = Callable[[web.Request, str], Awaitable[Mapping[str, object]]]
"""What a page is told before its first request: given the request and the page's name."""

BOOT: web.AppKey[Boot] = web.AppKey("pages_boot", Callable)  # type: ignore[arg-type]

PATHS: Final = {
    "/": "start",
    "/sign-in": "sign-in",
    "/live/{live}": "room",
    "/live/{live}/chain": "chain",
    "/console": "bookings",
    "/console/{live}": "console",
    "/roster": "roster",
    "/products": "products",
    "/products/new": "product",
    "/products/{product}": "product",
    "/stock": "stock",
    "/imports": "imports",
    "/orders/{order}": "order",
    "/desk": "desk",
    "/checkout/{checkout}": "checkout",
    "/cart": "cart",
    "/orders": "orders",
    "/account/addresses": "addresses",
    "/account/payment-methods": "methods",
    "/messages": "messages",
    "/receipt": "receipt",
    "/finance": "finance",
    "/money/{merchant}": "money",
    "/docs": "docs",
    "/peers/mail": "mail",
    "/webhooks": "webhooks",
}

NOT_FOUND: Final = "not-found"

FOR_PROGRAMS: Final = (
    *("/v1/", "/hooks/", "/api/", "/rt/", "/connection/", "/emulation"),
    *("/openapi.json", "/asyncapi.json"),
    *("/static/", "/hls/", "/replays/", "/media/", "/livez", "/readyz", "/sandbox"),
)
"""Where nobody reads pages."""

FOREVER: Final = "public, max-age=31536000, immutable"


def _page(name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def show(request: web.Request) -> web.StreamResponse:
        boot = request.app.get(BOOT)
        told = dict(await boot(request, name)) if boot else {}
        missing = bool(told.pop("missing", False)) or name == NOT_FOUND
        title = told.pop("title", None)
        poster = told.get("poster")
        told["ids"] = dict(request.match_info)
        return shell.page(
            name,
            lang=lang_of(request),
            boot=told,
            title=title if isinstance(title, str) else None,
            poster=poster if isinstance(poster, str) else None,
            status=404 if missing else 200,
            policy=shell.PAYING if "stripe" in told else shell.POLICY,
        )

    return show


_not_found: Final = _page(NOT_FOUND)


@web.middleware
async def lost(request: web.Request, handler: Handler) -> web.StreamResponse:
    """People who follow an address that leads nowhere get a page; programs get the problem."""
    answer = await handler(request)
    reads = request.method in {"GET", "HEAD"}
    wants_a_page = reads and "text/html" in request.headers.get("Accept", "")
    if answer.status != 404 or not wants_a_page or answer.content_type == "text/html":
        return answer
    if request.path.startswith(FOR_PROGRAMS) or "\0" in request.path:
        return answer
    return await _not_found(request)


async def asset(request: web.Request) -> web.StreamResponse:
    """A built file; hashed ones never change, so browsers keep them."""
    name = request.match_info["name"]
    path = (shell.STATIC / name).resolve()
    if not is_served(path, shell.STATIC.resolve()):
        raise web.HTTPNotFound
    kept = FOREVER if name.startswith("assets/") else "public, max-age=3600"
    headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
    return web.FileResponse(path, headers=headers)


ROUTES: list[web.RouteDef] = [
    *(web.get(path, _page(name)) for path, name in PATHS.items()),
    web.get("/static/{name:.+}", asset),
]
