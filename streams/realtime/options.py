"""What the gateway allows and keeps: limits, and per namespace what its channels can do."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from enum import Enum

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class RecoveryMode(Enum):
    """What a returning client gets: everything it missed, or the newest value only."""

    STREAM = "stream"
    CACHE = "cache"


@dataclass(frozen=True, slots=True)
class Namespace:
    """What channels named ``<namespace>:...`` can do.

    ``conflate`` (seconds) keeps only the newest of the publications that fall into one such
    interval after the first; only for channels whose every publication is the whole state.
    What is ``for_client`` needs no subscription. ``delta`` lets clients ask for patches.
    With ``user_limited`` a channel ``<namespace>:...#a,b`` is for the users a and b, who need
    nobody's leave; anybody can name such a channel, so it is off unless it is wanted.
    """

    history_size: int = 0
    history_ttl: float = 0.0
    force_positioning: bool = False
    force_recovery: bool = False
    recovery_mode: RecoveryMode = RecoveryMode.STREAM
    presence: bool = False
    join_leave: bool = False
    force_push_join_leave: bool = False
    open_to_all: bool = False
    user_limited: bool = False
    publish_for_subscriber: bool = False
    presence_for_subscriber: bool = False
    stats_for_subscriber: bool = False
    history_for_subscriber: bool = False
    publish_for_client: bool = False
    presence_for_client: bool = False
    history_for_client: bool = False
    delta: bool = False
    conflate: float = 0.0

    @property
    def keeps(self) -> bool:
        """Whether publications are kept, and so have positions."""
        return self.history_size > 0 and self.history_ttl > 0

    @property
    def counted(self) -> bool:
        """Whether it can be asked how many listen."""
        return self.presence or self.stats_for_subscriber


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one connection and of the process; seconds and bytes."""

    ping_interval: float = 25.0
    pong_timeout: float = 8.0
    stale: float = 10.0
    expiry_grace: float = 25.0
    position_check: float = 40.0
    close_wait: float = 5.0
    handler_timeout: float = 5.0
    message_bytes: int = 65536
    channel_length: int = 255
    channels_per_client: int = 128
    recovery: int = 300
    queue_bytes: int = 1 << 20
    unsent_in_kernel: int = 16384
    commands_per_second: float = 100.0
    commands_burst: int = 300
    refusals: int = 50
    connections_per_user: int = 0
    connections_per_address: int = 0
    accepts_per_second: float = 5000.0
    accepts_burst: int = 10_000
    drain: float = 0.0
    meta_ttl: float = 30 * 86400.0
    idempotency_ttl: float = 300.0
    window: float = 0.05
    window_share: float = 1.0
    window_floor: float = 0.001


@dataclass(frozen=True, slots=True)
class Options:
    """Everything a hub is told at its start.

    ``personal`` is what ``#<user>`` channels can do; none means there are no such channels.
    ``origins`` are the other web origins that may connect (``https://shop.example``, or
    ``*``); the host that is asked is always one of them. ``proxies`` are the addresses of
    our own reverse proxies, whose ``X-Forwarded-For`` is believed.
    """

    namespaces: Mapping[str, Namespace] = field(default_factory=dict)
    personal: Namespace | None = None
    origins: frozenset[str] = frozenset()
    proxies: Container[str] = frozenset()
    limits: Limits = Limits()
    version: str = "livecommerce"

    def namespace(self, channel: str) -> Namespace | None:
        """What this channel can do; none when its namespace is unknown."""
        name = channel.removeprefix("$")
        if name.startswith("#"):
            return self.personal
        before, colon, _ = name.partition(":")
        return self.namespaces.get(before if colon else "")

    def nameable(self, channel: str) -> bool:
        """Whether a channel can be called so: not by nothing, at no great length, and
        without control characters, which make two names look like one."""
        return 0 < len(channel) <= self.limits.channel_length and not _CONTROL.search(channel)

    def personal_channel(self, user: str) -> str | None:
        """The channel only this user hears, where there are such channels."""
        return f"#{user}" if user and self.personal is not None else None


ROOM = Namespace(
    history_size=100,
    history_ttl=300,
    force_recovery=True,
    stats_for_subscriber=True,
    history_for_subscriber=True,
)
LATEST = Namespace(
    history_size=1,
    history_ttl=3600,
    force_recovery=True,
    recovery_mode=RecoveryMode.CACHE,
    history_for_subscriber=True,
)
FLEETING = Namespace()
COUNTED = Namespace(stats_for_subscriber=True)
PERSONAL = Namespace(history_size=50, history_ttl=300, force_recovery=True)


def room_namespaces() -> dict[str, Namespace]:
    """The channels of a live session: chat, card, stock, offers, figures, …."""
    return {
        "room": ROOM,
        "cards": LATEST,
        "stock": LATEST,
        "offers": LATEST,
        "react": FLEETING,
        "stats": COUNTED,
        "mod": ROOM,
    }
