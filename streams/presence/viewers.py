"""How many watch each live session, told to its room every few seconds when it changed.

A viewer is a distinct user in the room: a person signed in, or a guest's device. Three tabs
are one viewer, and a connection that is gone is gone from the count at once.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from streams.realtime.gateway import Gateway
from streams.ticks import repeating

ROOM = "room:"


@dataclass(frozen=True, slots=True)
class Audience:
    """How many watch now, and the most there have been while this process ran."""

    viewers: int = 0
    peak: int = 0


class Viewers:
    """Counts, for every live session that has or had somebody in its room.

    Args:
        gateway: knows who is in which room.
        seconds: how often rooms are counted.
    """

    def __init__(self, gateway: Gateway, *, seconds: float = 3.0) -> None:
        self._gateway = gateway
        self._seconds = seconds
        self._audiences: dict[str, Audience] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Viewers"]:
        """Rooms are counted while the block runs."""
        async with repeating((self._seconds, self.count, "presence: viewers")):
            yield self

    def audience(self, live: str) -> Audience:
        """As of the last count."""
        return self._audiences.get(live, Audience())

    def forget(self, live: str) -> None:
        """The live session is over and its figures are kept elsewhere."""
        self._audiences.pop(live, None)

    async def count(self) -> None:
        """Count every room, and tell those whose figures changed."""
        occupied = await self._gateway.channels(ROOM)
        known = {name.removeprefix(ROOM) for name in occupied} | set(self._audiences)
        for live in known:
            before = self.audience(live)
            there = await self._gateway.presence_stats(ROOM + live)
            after = Audience(there.num_users, max(before.peak, there.num_users))
            if after != before:
                self._audiences[live] = after
                frame = {"t": "stats", "viewers": after.viewers, "peak": after.peak}
                await self._gateway.publish(f"stats:{live}", frame)
