"""A gateway of its own: rooms for any application, by configuration alone."""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from livecommerce.kernel import clock
from streams.realtime import api, metrics, transports
from streams.realtime.config import Config
from streams.realtime.hub import Hub
from streams.realtime.redis_rooms import redis_rooms
from streams.realtime.token_door import TokenDoor
from streams.realtime.transports.listening import listen

log = logging.getLogger(__name__)

_PATIENCE = 2.0
"""Seconds for requests that are still going on when viewers have been sent away; aiohttp
waits as long again for those it then breaks off."""


@asynccontextmanager
async def serving(config: Config) -> AsyncIterator[int]:
    """The gateway listens while the block runs; gives the port. Viewers are sent away with
    advice to come back when it is left."""
    async with _hub(config) as hub:
        hub.door = TokenDoor(
            config.keys(),
            clock.utcnow,
            anonymous=config.client.allow_anonymous_connect_without_token,
            insecure=config.client.insecure,
        )
        async with hub.running():
            # Without an access log: addresses of requests may hold tokens.
            runner = web.AppRunner(
                _application(hub, config), access_log=None, shutdown_timeout=_PATIENCE
            )
            await runner.setup()
            try:
                server = config.http_server
                kind = socket.AF_INET6 if ":" in server.address else socket.AF_INET
                sock = socket.create_server((server.address, server.port), family=kind)
                await listen(runner, sock, hub.figures)
                yield runner.addresses[0][1]
            finally:
                await hub.drain()  # while aiohttp still reads the clients' answers
                await runner.cleanup()


@asynccontextmanager
async def _hub(config: Config) -> AsyncIterator[Hub]:
    if config.engine.type == "memory":
        yield Hub(config.options())
        return
    redis = config.engine.redis
    async with redis_rooms(redis.address, config.options(), prefix=redis.prefix) as hub:
        yield hub


def _application(hub: Hub, config: Config) -> web.Application:
    async def healthy(_: web.Request) -> web.Response:
        return web.json_response({}, status=503 if hub.connected.draining else 200)

    app = web.Application(handler_args=transports.SERVER)
    app.add_routes([*transports.routes(hub), *metrics.routes(hub), web.get("/health", healthy)])
    if config.http_api.key:
        app.add_routes(api.routes(hub, config.http_api.key))
    return app


async def run(config: Config) -> None:
    """Serve until told to stop."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    if config.client.insecure:
        log.warning("insecure: whoever connects may do anything")
    async with serving(config) as port:
        log.info("rooms at ws://%s:%s/connection/websocket", config.http_server.address, port)
        await told.wait()
        log.info("sending viewers away")
