"""The protocol's objects, without an encoding: commands, results, pushes.

Field names are the protocol's own. An absent field has its zero value. ``data``, ``info``
and the like are raw JSON bytes, empty when absent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Position:
    """Where a channel stands: how many publications, in which life of its stream."""

    offset: int
    epoch: str


NOWHERE = Position(0, "")


# What clients ask.


@dataclass(frozen=True, slots=True)
class Recover:
    """From where a connection wants a server-side subscription to go on."""

    recover: bool = False
    offset: int = 0
    epoch: str = ""


@dataclass(frozen=True, slots=True)
class Connect:
    """Let me in."""

    token: str = ""
    data: bytes = b""
    subs: Mapping[str, Recover] = field(default_factory=dict)
    name: str = ""
    version: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Let me hear this channel."""

    channel: str = ""
    token: str = ""
    recover: bool = False
    epoch: str = ""
    offset: int = 0
    data: bytes = b""
    positioned: bool = False
    recoverable: bool = False
    join_leave: bool = False
    delta: str = ""
    flag: int = 0
    type: int = 0


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """I have heard enough of this channel."""

    channel: str = ""


@dataclass(frozen=True, slots=True)
class Publish:
    """Tell the channel this."""

    channel: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is there?"""

    channel: str = ""


@dataclass(frozen=True, slots=True)
class PresenceStats:
    """How many are there?"""

    channel: str = ""


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """What was said?"""

    channel: str = ""
    limit: int = 0
    since: Position | None = None
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Rpc:
    """Do this, and tell me how it went."""

    method: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Refresh:
    """Here is a newer token of mine."""

    token: str = ""


@dataclass(frozen=True, slots=True)
class SubRefresh:
    """Here is a newer token for that channel."""

    channel: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """Take this, no answer wanted. Not supported."""


@dataclass(frozen=True, slots=True)
class Ping:
    """The legacy ping command. Not supported."""


@dataclass(frozen=True, slots=True)
class Pong:
    """I am still here."""


@dataclass(frozen=True, slots=True)
class Illegible:
    """Something, in text that is none. The frame is sound, so only this is refused."""


Request = (
    Connect
    | Subscribe
    | Unsubscribe
    | Publish
    | Presence
    | PresenceStats
    | ReadHistory
    | Rpc
    | Refresh
    | SubRefresh
    | Send
    | Ping
    | Pong
    | Illegible
)


@dataclass(frozen=True, slots=True)
class Command:
    """One request with the number its reply will carry."""

    id: int
    request: Request


# What we tell.


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """Who a connection is, as others see it."""

    user: str
    client: str
    conn_info: bytes = b""
    chan_info: bytes = b""


class Publication(NamedTuple):
    """Something said on a channel. ``epoch`` only on the first of a stream; ``delta`` when
    ``data`` is a patch of the publication before. A tuple, because rooms make them by the
    thousand and a frozen dataclass takes four times as long to make."""

    data: bytes
    offset: int = 0
    info: ClientInfo | None = None
    tags: Mapping[str, str] | None = None
    epoch: str = ""
    delta: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """Publications, and where the channel stands."""

    publications: Sequence[Publication]
    offset: int
    epoch: str

    @property
    def top(self) -> Position:
        """Where the channel stands."""
        return Position(self.offset, self.epoch)


@dataclass(frozen=True, slots=True)
class SubscribeResult:
    """You hear it now, from this position on."""

    expires: bool = False
    ttl: int = 0
    recoverable: bool = False
    positioned: bool = False
    epoch: str = ""
    offset: int = 0
    publications: Sequence[Publication] = ()
    was_recovering: bool = False
    recovered: bool = False
    delta: bool = False
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class ConnectResult:
    """You are in. ``session`` and ``node`` where commands come by other requests."""

    client: str
    version: str = ""
    expires: bool = False
    ttl: int = 0
    data: bytes = b""
    subs: Mapping[str, SubscribeResult] = field(default_factory=dict)
    ping: int = 0
    pong: bool = False
    session: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class UnsubscribeResult:
    """Done."""


@dataclass(frozen=True, slots=True)
class PublishResult:
    """Said."""


@dataclass(frozen=True, slots=True)
class PresenceResult:
    """Who is there, by connection."""

    presence: Mapping[str, ClientInfo]


@dataclass(frozen=True, slots=True)
class PresenceStatsResult:
    """How many are there."""

    num_clients: int
    num_users: int


@dataclass(frozen=True, slots=True)
class RpcResult:
    """How it went."""

    data: bytes = b""


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """How long you may stay."""

    client: str
    version: str = ""
    expires: bool = False
    ttl: int = 0


@dataclass(frozen=True, slots=True)
class SubRefreshResult:
    """How long you may listen."""

    expires: bool = False
    ttl: int = 0


Result = (
    ConnectResult
    | SubscribeResult
    | UnsubscribeResult
    | PublishResult
    | PresenceResult
    | PresenceStatsResult
    | History
    | RpcResult
    | RefreshResult
    | SubRefreshResult
)


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody came."""

    info: ClientInfo


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody went."""

    info: ClientInfo


@dataclass(frozen=True, slots=True)
class Removed:
    """We ended your subscription."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Added:
    """We subscribed you, after you had connected."""

    recoverable: bool = False
    epoch: str = ""
    offset: int = 0
    positioned: bool = False
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Extended:
    """You may stay so long. Of the connection, not of a channel."""

    expires: bool = False
    ttl: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """The connection is over, where no close frame can say so. Not of a channel."""

    code: int
    reason: str


Push = Publication | Join | Leave | Removed | Added | Extended | Ended
