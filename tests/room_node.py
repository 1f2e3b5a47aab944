"""A process that serves rooms over Redis, for tests that kill one: ``URL PREFIX LEASE``.

It prints its port when it answers, and ends with its standard input.
"""

import asyncio
import sys

from streams.realtime.options import Namespace
from streams.realtime.redis_rooms import redis_rooms
from tests.rooms import options, serving

LONG = Namespace(history_size=300, history_ttl=60, force_recovery=True)
OPTIONS = options(long=LONG)


async def serve(url: str, prefix: str, lease: float) -> None:
    """Until nobody holds our standard input any more."""
    async with (
        redis_rooms(url, OPTIONS, prefix=prefix, lease=lease) as hub,
        serving(hub=hub) as served,
    ):
        sys.stdout.write(f"{served.port}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], float(sys.argv[3])))
