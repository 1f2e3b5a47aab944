"""How clients reach the hub: one file per transport, and the routes of them all."""

from streams.realtime.transports.websocket import routes

__all__ = ["routes"]
