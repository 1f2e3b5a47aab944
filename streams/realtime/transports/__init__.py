"""How clients reach the hub: one file per transport, and the routes of them all."""

from typing import Any

from aiohttp import web

from streams.realtime.hub import Hub
from streams.realtime.transports import emulation, streaming, websocket
from streams.realtime.transports.request import HubOf

__all__ = ["SERVER", "routes"]

SERVER: dict[str, Any] = {"handler_cancellation": True, "max_line_size": 1 << 15}
"""What the server needs that rooms are served by, for ``web.Application(handler_args=…)``.

It has to cancel handlers of clients that went away, or streams that broke off stay present.
An EventSource can only ask in the address, so its connect stands there: a token, and the
position of every server-side subscription of a client that comes back. aiohttp's 8 KiB are
too few for that, and an EventSource that is refused comes again for ever.
"""


def routes(hub: Hub | HubOf) -> list[web.RouteDef]:
    """The addresses of every transport.

    The server needs :data:`SERVER`.

    Args:
        hub: the hub, or the function that finds it once the application is running.
    """
    find: HubOf = (lambda _: hub) if isinstance(hub, Hub) else hub
    return [*websocket.routes(find), *streaming.routes(find), *emulation.routes(find)]
