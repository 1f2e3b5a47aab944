"""How clients reach the hub: one file per transport, and the routes of them all."""

from aiohttp import web

from streams.realtime.hub import Hub
from streams.realtime.transports import emulation, streaming, websocket
from streams.realtime.transports.request import HubOf

__all__ = ["routes"]


def routes(hub: Hub | HubOf) -> list[web.RouteDef]:
    """The addresses of every transport.

    The server has to cancel handlers of clients that went away
    (``handler_args={"handler_cancellation": True}``), or streams that broke off stay present.

    Args:
        hub: the hub, or the function that finds it once the application is running.
    """
    find: HubOf = (lambda _: hub) if isinstance(hub, Hub) else hub
    return [*websocket.routes(find), *streaming.routes(find), *emulation.routes(find)]
