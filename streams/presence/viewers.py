"""How many watch each live session, told to its room every few seconds when it changed.

A viewer is a distinct user in the room: a person signed in, or a guest's device. Three tabs
are one viewer, and a connection that is gone is gone from the count at once (one of a process
that died, when its lease has run out). Those who run the room stand apart from its viewers,
and nobody watches live what is over: who is in the room then watches a replay.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass

from livecommerce.kernel.ids import looks_like
from streams.realtime.gateway import Gateway
from streams.ticks import repeating

ROOM = "room:"
APART = "/team"
"""``stats:<live>/team`` is heard by those in the room who are no viewers of it."""
STILL_TOLD = 5
"""Counts after which an unchanged figure is told all the same: somebody may have read it, and
begun to listen, just when it changed."""

OnAir = Callable[[Set[str]], Awaitable[Set[str]]]


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
        watched: which of these live sessions are not over; all, if left out.
    """

    def __init__(
        self, gateway: Gateway, *, seconds: float = 3.0, watched: OnAir | None = None
    ) -> None:
        self._gateway = gateway
        self._seconds = seconds
        self._watched = watched
        self._unchanged: dict[str, int] = {}
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
        self._unchanged.pop(live, None)

    async def count(self) -> None:
        """Count every room, and tell those whose figures changed. What is no live session's
        room is passed by: anybody may name a channel.

        Raises:
            ExceptionGroup: of rooms that could not be counted; all others were.
        """
        occupied = await self._gateway.channels(ROOM)
        named = {name.removeprefix(ROOM) for name in occupied}
        known = {live for live in named if looks_like("liv", live)} | set(self._audiences)
        watched = known if self._watched is None else await self._watched(known)
        failed = []
        for live in known:
            try:
                await self._count(live, live in watched)
            except Exception as error:  # of one room only, and raised below
                failed.append(error)
        if failed:
            raise ExceptionGroup("some rooms were not counted", failed)

    async def _count(self, live: str, watched: bool) -> None:
        before = self.audience(live)
        viewers = await self._viewers(live) if watched else 0
        after = Audience(viewers, max(before.peak, viewers))
        again = self._unchanged.get(live, 0) + 1
        if after != before or (viewers and again >= STILL_TOLD):
            again = 0
            self._audiences[live] = after
            frame = {"t": "stats", "viewers": after.viewers, "peak": after.peak}
            await self._gateway.publish(f"stats:{live}", frame)
        self._unchanged[live] = again

    async def _viewers(self, live: str) -> int:
        there = await self._gateway.presence_stats(ROOM + live)
        apart = await self._gateway.presence_stats(f"stats:{live}{APART}")
        return max(0, there.num_users - apart.num_users)
