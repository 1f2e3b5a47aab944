"""Which rooms a process publishes to: its own, those of the web processes, or a Centrifugo's.

The settings decide, and nothing else in the product knows: everybody else holds a gateway.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import aiohttp

from livecommerce.kernel.errors import Unavailable
from livecommerce.settings import Settings
from streams.realtime.centrifugo_gateway import CentrifugoGateway
from streams.realtime.gateway import Gateway
from streams.realtime.hub import Hub
from streams.realtime.options import PERSONAL, Limits, Options, room_namespaces

ROOMS = Options(namespaces=room_namespaces(), personal=PERSONAL)
"""The channels of live sessions."""


def options(settings: Settings) -> Options:
    """The rooms as this installation has them: who speaks for viewers, and how many may come
    from where."""
    limits = Limits(
        connections_per_user=settings.connections_per_user,
        connections_per_address=settings.connections_per_address,
    )
    return replace(ROOMS, proxies=settings.trusted_proxies, limits=limits)


class NoWayToRooms(Unavailable):
    """A worker publishes to rooms that other processes serve, and does not know where."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """Where to publish; and the hub, if viewers connect to this very process."""

    gateway: Gateway
    hub: Hub | None


@asynccontextmanager
async def served(settings: Settings, http: aiohttp.ClientSession) -> AsyncIterator[Rooms]:
    """Rooms as a web process has them. A hub's door is still to be set, and its time to be
    run."""
    if settings.centrifugo_url is not None:
        yield Rooms(at(settings, http, settings.centrifugo_url), None)
        return
    if settings.redis_url is not None:
        from streams.realtime.redis_rooms import redis_rooms  # weighs 6 MB: only where used

        async with redis_rooms(settings.redis_url, options(settings)) as hub:
            yield Rooms(hub, hub)
        return
    hub = Hub(options(settings))
    yield Rooms(hub, hub)


@asynccontextmanager
async def reached(settings: Settings, http: aiohttp.ClientSession) -> AsyncIterator[Gateway]:
    """Rooms as a worker reaches them.

    Raises:
        NoWayToRooms: the settings do not say how.
    """
    must_reach_rooms(settings)
    if settings.centrifugo_url is None and settings.redis_url is not None:
        from streams.realtime.redis_rooms import redis_rooms

        async with redis_rooms(settings.redis_url, options(settings)) as hub:
            yield hub
        return
    url = settings.centrifugo_url or settings.gateway_url
    assert url is not None
    yield at(settings, http, url)


def at(settings: Settings, http: aiohttp.ClientSession, url: str) -> CentrifugoGateway:
    """Rooms behind a server API."""
    return CentrifugoGateway(http, url, settings.room_key())


def must_reach_rooms(settings: Settings) -> None:
    """Raises NoWayToRooms, saying what to set."""
    if not (settings.centrifugo_url or settings.redis_url or settings.gateway_url):
        raise NoWayToRooms(
            "a worker publishes to rooms that the web process serves: set LC_GATEWAY_URL to its"
            " server API (http://HOST:8080/api) and LC_GATEWAY_KEY to the same key for both, or"
            " LC_REDIS_URL for both; or do without a worker: `livecommerce serve --all`"
        )
