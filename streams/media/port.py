"""What we need from a media server, in our words. One adapter file per server speaks its
dialect; nothing else of ours knows which server runs.

Stream keys come back in every callback, so whatever may hold one is kept out of ``repr``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from livecommerce.kernel.errors import Invalid, Unavailable


class BadHook(Invalid):
    """The media server's callback does not make sense."""


class MediaServerDown(Unavailable):
    """The media server did not answer."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """One connection that publishes: a client id means nothing without its server and, as
    servers count from 1 again after a restart, that server's run (``epoch``)."""

    server: str
    epoch: str | None
    client_id: str


@dataclass(frozen=True, slots=True)
class PublishAttempt:
    """An encoder asks to publish. The answer decides."""

    publisher: Publisher
    app: str
    name: str
    protocol: str = "rtmp"
    ip: str = ""
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """The secret, wherever the protocol let the encoder put it."""
        return self.query.get("key") or self.token or self.password


@dataclass(frozen=True, slots=True)
class PlayAttempt:
    """Somebody asks to play a stream from the media server itself."""

    publisher: Publisher
    app: str
    name: str
    ip: str = ""


class MediaEventKind(StrEnum):
    """What a media server tells after the fact."""

    UNPUBLISHED = "unpublished"
    RECORDED = "recorded"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MediaEvent:
    """What happened to a stream. ``path`` is relative to the recording root."""

    kind: MediaEventKind
    publisher: Publisher
    name: str
    at: datetime
    path: str | None = None
    duration: timedelta | None = None


@dataclass(frozen=True, slots=True)
class LiveStream:
    """A stream that is being published, as the server lists it."""

    publisher: Publisher
    app: str
    name: str
    lasted: timedelta
    bytes_in: int
    bits_per_second: int = 0
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    video_codec: str = ""
    audio_codec: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything a server is receiving, and which of its runs it is in."""

    server: str
    epoch: str | None
    streams: tuple[LiveStream, ...]


Reply = tuple[int, dict[str, str], bytes]
Said = PublishAttempt | PlayAttempt | MediaEvent


class MediaServer(Protocol):
    """A media server that asks us by HTTP before it lets anybody publish."""

    @property
    def name(self) -> str:
        """What we call this server."""

    @property
    def app(self) -> str:
        """The application encoders publish to."""

    def parse(
        self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, *, at: datetime
    ) -> Said:
        """What a callback says. Unknown fields are ignored, missing ones are empty.

        Raises:
            BadHook: it says nothing we can act on.
        """

    def reply(self, allowed: bool) -> Reply:
        """Status, headers and body that this server understands as yes or no."""

    async def list(self) -> Listing:
        """Everything being published now.

        Raises:
            MediaServerDown: it did not answer.
        """

    async def kick(self, name: str, client_id: str | None = None) -> bool:
        """Drop the publisher of the stream (only if it is this client, if one is given);
        says whether there was one.

        Raises:
            MediaServerDown: it did not answer.
        """


def inside(root: Path, path: str) -> str | None:
    """``path`` relative to ``root``, if it lies there once links and dots are followed."""
    if not path or "\0" in path:
        return None
    real_root = root.resolve()
    real = (real_root / path).resolve()
    if real == real_root or not real.is_relative_to(real_root):
        return None
    return str(real.relative_to(real_root))
