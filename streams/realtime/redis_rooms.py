"""A hub whose rooms are shared with other processes through Redis, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streams.realtime.hub import Hub
from streams.realtime.options import Options
from streams.realtime.redis_broker import RedisBroker
from streams.realtime.redis_link import Names, RedisLink
from streams.realtime.redis_nodes import RedisNodes

LEASE = 60.0


@asynccontextmanager
async def redis_rooms(
    url: str, options: Options, *, prefix: str = "livecommerce", lease: float = LEASE
) -> AsyncIterator[Hub]:
    """A hub over Redis; its door is still to be set, and ``hub.running()`` to be entered.

    Args:
        url: ``redis://``, ``rediss://``, ``redis+sentinel://`` or ``redis+cluster://``.
        prefix: what the names of all our keys and topics begin with.
        lease: for how long a process that died is still counted, in seconds.

    Raises:
        RedisAway: Redis does not answer.
    """
    limits, names = options.limits, Names(prefix)
    link = RedisLink(url)
    try:
        broker = RedisBroker(
            link, names, meta_ttl=limits.meta_ttl, idempotency_ttl=limits.idempotency_ttl
        )
        nodes = RedisNodes(link, names, broker, lease=lease)
        hub = Hub(options, broker=broker, nodes=nodes)
        async with broker.running(), nodes.running(hub):
            yield hub
    finally:
        await link.close()
