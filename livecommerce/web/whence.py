"""Where a request comes from."""

from aiohttp import web

from livecommerce.web.keys import RESOURCES
from streams.realtime.options import Options
from streams.realtime.transports import request as rooms


def address(request: web.Request) -> str:
    """The client's address; behind our own proxies (``LC_TRUSTED_PROXIES``), the one that
    they name. Rooms and pages judge alike."""
    trusted = request.app[RESOURCES].settings.trusted_proxies
    return rooms.address(request, Options(proxies=trusted))
