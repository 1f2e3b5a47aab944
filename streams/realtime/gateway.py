"""The port through which everybody else speaks to rooms.

``Hub`` implements it inside the process; a worker elsewhere, or a Centrifugo in front,
would implement it over a server API. A state publish carries a version, so that a late one
cannot undo a newer one; any publish that may be repeated carries an idempotency key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from streams.realtime.protocol import History, Position

Data = Mapping[str, Any] | bytes


@dataclass(frozen=True, slots=True)
class PresenceStats:
    """How many connections a channel has, and of how many different users."""

    num_clients: int
    num_users: int


class Gateway(Protocol):
    """What commerce and the other parts of ``streams`` need from rooms."""

    async def publish(
        self,
        channel: str,
        data: Data,
        *,
        idempotency_key: str | None = None,
        version: int = 0,
        version_epoch: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> Position:
        """Tell every subscriber; the position is where the channel stands afterwards."""
        ...

    async def broadcast(
        self,
        channels: Iterable[str],
        data: Data,
        *,
        idempotency_key: str | None = None,
        version: int = 0,
        version_epoch: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> list[Position]:
        """The same publication on several channels."""
        ...

    async def unsubscribe(self, user: str, channel: str) -> None:
        """Take the user's connections out of the channel, for good."""
        ...

    async def disconnect(self, user: str, *, code: int = 3503, reason: str = "") -> None:
        """End every connection of the user."""
        ...

    async def presence_stats(self, channel: str) -> PresenceStats:
        """How many are there now."""
        ...

    async def history(
        self,
        channel: str,
        *,
        limit: int = 0,
        since: Position | None = None,
        reverse: bool = False,
    ) -> History:
        """What was published; ``limit`` 0 gives the position only, -1 all that is kept."""
        ...

    async def channels(self, prefix: str = "") -> dict[str, int]:
        """The channels that somebody listens to now, with their numbers of connections."""
        ...
