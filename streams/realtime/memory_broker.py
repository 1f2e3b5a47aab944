"""The broker of a single process: streams in memory, delivered in the same breath.

Nothing awaits between keeping a publication and handing it to the sink, so the order of
positions is the order of delivery. A restart begins new epochs: every client is then told
that it was not recovered, and loads its state anew.
"""

import itertools
import secrets
import string
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from streams.realtime import codes
from streams.realtime.broker import Lost, Post, Sink, Stands
from streams.realtime.errors import ClientError
from streams.realtime.protocol import NOWHERE, History, Join, Leave, Position, Publication

_LETTERS = bytes(string.ascii_letters[n % 52].encode()[0] for n in range(256))


def new_epoch() -> str:
    """Eight random letters: the life of a stream."""
    return secrets.token_bytes(8).translate(_LETTERS).decode()


@dataclass(slots=True)
class Stream:
    """What one channel has published lately, and where it stands."""

    forgotten_at: float
    epoch: str = field(default_factory=new_epoch)
    offset: int = 0
    kept: list[Publication] = field(default_factory=list)  # an empty deque takes 0.7 KB
    kept_until: float = 0.0
    version: int = 0
    version_epoch: str = ""

    def outdated(self, post: Post) -> bool:
        """Whether something at least as new has been published already."""
        same = not post.version_epoch or post.version_epoch == self.version_epoch
        return post.version > 0 and same and post.version <= self.version

    def append(self, post: Post, now: float) -> Publication:
        """Keep it at the next offset, and no more than ``history_size`` of all."""
        self.offset += 1
        publication = Publication(
            data=post.data,
            offset=self.offset,
            info=post.info,
            tags=post.tags,
            epoch=self.epoch if self.offset == 1 else "",
        )
        self.kept.append(publication)
        del self.kept[: -post.history_size]
        self.kept_until = now + post.history_ttl
        if post.version:
            self.version, self.version_epoch = post.version, post.version_epoch
        return publication


class MemoryBroker:
    """Streams of one process.

    Args:
        meta_ttl: how long a silent stream keeps its epoch and offset.
        idempotency_ttl: how long a repeated key is recognised.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        *,
        meta_ttl: float = 30 * 86400.0,
        idempotency_ttl: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._meta_ttl = meta_ttl
        self._idempotency_ttl = idempotency_ttl
        self._clock = clock
        self._streams: dict[str, Stream] = {}
        self._answers: dict[tuple[str, str], tuple[float, Position]] = {}
        self._sinks: list[Sink] = []

    def attach(
        self, sink: Sink, *, stands: Stands | None = None, lost: Lost | None = None
    ) -> None:
        """Where publications are to be handed to. It never stops hearing itself."""
        self._sinks = [sink]

    async def listen(self, channel: str) -> None:
        """Everything is heard anyway."""

    def ignore(self, channel: str) -> None:
        """Everything is heard anyway."""

    async def publish(self, channel: str, post: Post) -> Position:
        """Keep it and tell it; where the channel stands afterwards."""
        now = self._clock()
        answered = self._answered(channel, post.idempotency_key, now)
        if answered is not None:
            return answered
        if post.history_size > 0 and post.history_ttl > 0:
            stream = self._stream(channel, now)
            position = Position(stream.offset, stream.epoch)
            if not stream.outdated(post):
                publication = stream.append(post, now)
                position = Position(stream.offset, stream.epoch)
                self._tell(channel, publication, stream.epoch)
        else:
            position = NOWHERE
            publication = Publication(data=post.data, info=post.info, tags=post.tags)
            self._tell(channel, publication, "")
        if post.idempotency_key:
            until = now + self._idempotency_ttl
            self._answers.pop((channel, post.idempotency_key), None)
            self._answers[channel, post.idempotency_key] = (until, position)
        return position

    async def history(
        self,
        channel: str,
        *,
        limit: int = 0,
        since: Position | None = None,
        reverse: bool = False,
    ) -> History:
        """What is kept, by the rules of the port."""
        stream = self._stream(channel, self._clock())
        if since is not None and since.epoch and since.epoch != stream.epoch:
            raise ClientError(codes.UNRECOVERABLE_POSITION)
        found: Iterable[Publication] = reversed(stream.kept) if reverse else stream.kept
        if since is not None:
            start = since.offset
            found = (p for p in found if (p.offset < start if reverse else p.offset > start))
        taken = list(found if limit < 0 else itertools.islice(found, limit))
        return History(taken, stream.offset, stream.epoch)

    def announce(self, channel: str, push: Join | Leave) -> None:
        """Tell the channel's listeners."""
        for sink in self._sinks:
            sink(channel, push, "")

    async def forget(self, channel: str) -> None:
        """Drop what is kept; the position stays."""
        self._stream(channel, self._clock()).kept.clear()

    def sweep(self) -> None:
        """Drop expired publications, streams and answers."""
        now = self._clock()
        for channel, stream in list(self._streams.items()):
            if now >= stream.forgotten_at:
                del self._streams[channel]
            elif now >= stream.kept_until:
                stream.kept.clear()
        for key, (until, _) in list(self._answers.items()):
            if now < until:
                break  # they expire in the order they came
            del self._answers[key]

    def _tell(self, channel: str, publication: Publication, epoch: str) -> None:
        for sink in self._sinks:
            sink(channel, publication, epoch)

    def _stream(self, channel: str, now: float) -> Stream:
        """The channel's stream as of now; a forgotten one begins a new life."""
        stream = self._streams.get(channel)
        if stream is None or now >= stream.forgotten_at:
            stream = self._streams[channel] = Stream(forgotten_at=0.0)
        elif now >= stream.kept_until:
            stream.kept.clear()
        stream.forgotten_at = now + self._meta_ttl
        return stream

    def _answered(self, channel: str, key: str | None, now: float) -> Position | None:
        if not key:
            return None
        until, position = self._answers.get((channel, key), (0.0, NOWHERE))
        return position if now < until else None
