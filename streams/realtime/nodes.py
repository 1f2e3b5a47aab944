"""The processes that serve the same rooms: what a hub needs to know of the others.

A hub without any is alone, and answers for itself. With several, who is where is told by
leases: what a process that died had said of itself is forgotten within a minute.
"""

from dataclasses import dataclass
from typing import Protocol

from streams.realtime.gateway import PresenceStats
from streams.realtime.orders import Order
from streams.realtime.protocol import ClientInfo


@dataclass(frozen=True, slots=True)
class Node:
    """One process, as of its last word. ``uptime`` in seconds."""

    uid: str
    name: str
    version: str
    num_clients: int
    num_users: int
    num_channels: int
    num_subs: int
    uptime: int


class Nodes(Protocol):
    """The others. What is told to it never waits; only questions do."""

    def came(self, channel: str, who: ClientInfo, *, listed: bool) -> None:
        """A connection here hears the channel now; ``listed``: by name, not as a number."""
        ...

    def went(self, channel: str, who: ClientInfo, *, listed: bool) -> None:
        """It does so no more."""
        ...

    async def tell(self, order: Order) -> None:
        """The others carry it out as well."""
        ...

    async def knows(self, uid: str) -> bool:
        """Whether such a process is up."""
        ...

    async def presence_stats(self, channel: str) -> PresenceStats:
        """How many hear the channel, ours included."""
        ...

    async def lately(self, channel: str) -> PresenceStats:
        """The same as of a moment ago, for those who may ask all the time."""
        ...

    async def present(self, channel: str) -> dict[str, ClientInfo]:
        """Who hears the channel, ours included, where it is listed."""
        ...

    async def channels(self, prefix: str) -> dict[str, int]:
        """Channels that somebody hears, with their numbers of connections."""
        ...

    async def all(self) -> list[Node]:
        """Everyone who is up, ours included."""
        ...
