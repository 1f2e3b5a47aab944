"""Where requests and the application keep what the machinery needs."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from livecommerce.kernel.db import Database
from livecommerce.resources import Resources
from livecommerce.web.principal import Principal

RESOURCES: web.AppKey[Resources] = web.AppKey("resources", Resources)
Authenticate = Callable[[web.Request, Database], Awaitable[Principal]]
AUTHENTICATE: web.AppKey[Authenticate] = web.AppKey("authenticate", Callable)  # type: ignore[arg-type]
PRINCIPAL: web.RequestKey[Principal] = web.RequestKey("principal", Principal)
REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)
