"""What the hub needs from whoever orders and keeps publications.

The memory broker serves one process. Another (Redis, say) serves several: it calls the same
sink, in each channel's order, for every publication of a channel this process listens to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from streams.realtime.options import Namespace
from streams.realtime.protocol import ClientInfo, History, Position, Publication

Sink = Callable[[str, Publication, str], None]
"""Takes the channel, the publication, and the epoch of the stream it belongs to."""


@dataclass(frozen=True, slots=True)
class Post:
    """Something to be published, and how it is to be kept.

    ``version`` above 0 makes it state: it is dropped unless newer than what the channel
    holds, where ``version_epoch`` is empty or the same.
    """

    data: bytes
    info: ClientInfo | None = None
    tags: Mapping[str, str] | None = None
    history_size: int = 0
    history_ttl: float = 0.0
    idempotency_key: str | None = None
    version: int = 0
    version_epoch: str = ""

    def kept_by(self, namespace: Namespace) -> "Post":
        """The same, kept as channels of the namespace are."""
        size, ttl = namespace.history_size, namespace.history_ttl
        return replace(self, history_size=size, history_ttl=ttl)


class Broker(Protocol):
    """Orders publications per channel, keeps the last ones, hands them to the sink."""

    def attach(self, sink: Sink) -> None:
        """Where publications are to be handed to."""
        ...

    async def listen(self, channel: str) -> None:
        """From the return on, no publication of the channel misses the sink."""
        ...

    def ignore(self, channel: str) -> None:
        """Nobody here listens to the channel any more."""
        ...

    async def publish(self, channel: str, post: Post) -> Position:
        """Keep it and tell it; where the channel stands afterwards."""
        ...

    async def history(
        self,
        channel: str,
        *,
        limit: int = 0,
        since: Position | None = None,
        reverse: bool = False,
    ) -> History:
        """What is kept, oldest first (newest first with ``reverse``), after (before)
        ``since``; ``limit`` 0 gives the position only, below 0 everything.

        Raises:
            ClientError: ``since`` is of another epoch (112).
        """
        ...

    async def forget(self, channel: str) -> None:
        """Drop what is kept; the position stays."""
        ...

    def sweep(self) -> None:
        """Drop what has outlived its time. Called now and then."""
        ...
