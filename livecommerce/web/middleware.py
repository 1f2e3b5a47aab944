"""What happens around every request: an id, a line in the log, a principal."""

import logging
import re
import time

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from livecommerce.kernel import ids
from livecommerce.web.keys import AUTHENTICATE, PRINCIPAL, REQUEST_ID, RESOURCES
from livecommerce.web.principal import Principal

log = logging.getLogger("livecommerce.access")
_OURS = re.compile(r"[A-Za-z0-9_-]{8,64}")
_NOBODY = Principal(id="nobody")
# Paths that need no principal of ours: files, probes, machines' hooks, the provider's own
# pages (which get none of our cookies), and the rooms, whose
# door reads its own tokens.
_UNASKED = (
    *("/static/", "/hls/", "/replays/", "/media/", "/livez", "/readyz", "/metrics", "/hooks/"),
    *("/api/", "/rt/", "/connection/", "/emulation", "/sandbox"),
)


@web.middleware
async def request_ids(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id (the caller's, if it looks sane), and log it once when done."""
    given = request.headers.get("X-Request-Id", "")
    request_id = given if _OURS.fullmatch(given) else ids.new("req")
    request[REQUEST_ID] = request_id
    structlog.contextvars.bind_contextvars(request_id=request_id)
    started = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
        if not response.prepared:
            response.headers["X-Request-Id"] = request_id
        return response
    finally:
        took = round((time.perf_counter() - started) * 1000, 1)
        level = logging.DEBUG if request.path.startswith(_UNASKED) else logging.INFO
        if log.isEnabledFor(level):
            # The path of a hook holds its secret: log the pattern that matched, not the path.
            resource = request.match_info.route.resource
            place = resource.canonical if resource is not None else "unmatched"
            log.log(level, "%s %s %s", request.method, place, status, extra={"ms": took})
        structlog.contextvars.unbind_contextvars("request_id")


@web.middleware
async def principals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who asks, before any handler runs."""
    if "\0" in request.path:  # neither a file nor an id, and neither disk nor database likes it
        raise web.HTTPNotFound
    if request.path.startswith(_UNASKED):
        request[PRINCIPAL] = _NOBODY
    else:
        authenticate = request.app[AUTHENTICATE]
        request[PRINCIPAL] = await authenticate(request, request.app[RESOURCES].db)
    return await handler(request)
