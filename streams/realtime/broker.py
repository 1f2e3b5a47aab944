"""What the hub needs from whoever orders and keeps publications.

The memory broker serves one process. Another (Redis, say) serves several: it calls the same
sink, in each channel's order, for every publication of a channel this process listens to.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from streams.realtime.options import Namespace
from streams.realtime.protocol import ClientInfo, History, Join, Leave, Position, Push

Sink = Callable[[str, Push, str], None]
"""Takes the channel, what happened on it, and the epoch of a publication's stream."""

Stands = Callable[[str], Position | None]
"""Where the listeners of a channel stand; none, if nobody counts on positions yet."""

Lost = Callable[[str], None]
"""Listeners of the channel missed something that cannot be had any more."""


class Post(NamedTuple):
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
        return self._replace(
            history_size=namespace.history_size, history_ttl=namespace.history_ttl
        )


class Broker(Protocol):
    """Orders publications per channel, keeps the last ones, hands them to the sink."""

    def attach(
        self, sink: Sink, *, stands: Stands | None = None, lost: Lost | None = None
    ) -> None:
        """Where publications are to be handed to, and whom to ask and tell after a while
        without hearing."""
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

    def announce(self, channel: str, push: Join | Leave) -> None:
        """Tell the channel's listeners everywhere who came or went. Never waits."""
        ...

    async def forget(self, channel: str) -> None:
        """Drop what is kept; the position stays."""
        ...

    def sweep(self) -> None:
        """Drop what has outlived its time. Called now and then."""
        ...
