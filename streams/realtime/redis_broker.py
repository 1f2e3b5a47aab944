"""The broker of several processes: streams in Redis, told over pub/sub.

One script publishes, so the order of offsets is the order in which everybody hears. What is
kept and what is told is the same blob: a header (who said it, tags; mostly empty), a newline,
the data.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson

from streams.realtime import codes
from streams.realtime.broker import Lost, Post, Sink, Stands
from streams.realtime.errors import ClientError
from streams.realtime.memory_broker import new_epoch
from streams.realtime.protocol import ClientInfo, History, Join, Leave, Position, Publication
from streams.realtime.redis_ear import Ear
from streams.realtime.redis_link import Names, RedisAway, RedisLink, ended
from streams.realtime.redis_scripts import HISTORY, PUBLISH

_CATCHES_UP = 1000
_LAST = (1 << 64) - 1  # no entry of a stream has a higher number


class RedisBroker:
    """Streams that many processes share.

    Args:
        link: the way to Redis.
        names: how our keys are called there.
        meta_ttl: how long a silent stream keeps its epoch and offset.
        idempotency_ttl: how long a repeated key is recognised.
    """

    def __init__(
        self,
        link: RedisLink,
        names: Names,
        *,
        meta_ttl: float = 30 * 86400.0,
        idempotency_ttl: float = 300.0,
    ) -> None:
        self._link = link
        self._names = names
        self._meta_ttl = max(1, int(meta_ttl))
        self._idempotency_ttl = max(1, int(idempotency_ttl))
        self._sink: Sink = lambda *_: None
        self._stands: Stands = lambda _: None
        self._lost: Lost = lambda _: None
        self._told: list[tuple[bytes, bytes]] = []
        self._telling = asyncio.Event()
        self.ear = Ear(link.listening, self._heard, self._catch_up)
        self.control: Callable[[bytes], None] = lambda _: None
        self.returned: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def running(self) -> AsyncIterator["RedisBroker"]:
        """Listens and tells while the block runs.

        Raises:
            RedisAway: Redis does not answer at the start.
        """
        async with self.ear.running():
            task = asyncio.create_task(self._tell_always(), name="redis broker tells")
            try:
                yield self
            finally:
                await ended(task)

    def attach(
        self, sink: Sink, *, stands: Stands | None = None, lost: Lost | None = None
    ) -> None:
        """Where publications are to be handed to, and whom to ask and tell after Redis was
        away."""
        self._sink = sink
        self._stands = stands or self._stands
        self._lost = lost or self._lost

    async def listen(self, channel: str) -> None:
        """From the return on, no publication of the channel misses the sink."""
        await self.ear.listen(self._names.topic(channel))

    def ignore(self, channel: str) -> None:
        """Nobody here listens to the channel any more."""
        self.ear.ignore(self._names.topic(channel))

    async def publish(self, channel: str, post: Post) -> Position:
        """Keep it and tell it; where the channel stands afterwards.

        Raises:
            RedisAway: nobody knows whether it was published.
        """
        kept = post.history_size > 0 and post.history_ttl > 0
        key = post.idempotency_key
        of = self._names.of
        offset, epoch = await self._link.run(
            PUBLISH,
            [of(channel, "meta"), of(channel, "stream"), of(channel, f"answer:{key or ''}")],
            _blob(post.data, post.info, post.tags),
            post.history_size if kept else 0,
            max(1, int(post.history_ttl * 1000)),
            self._meta_ttl,
            self._names.topic(channel),
            new_epoch(),
            post.version,
            post.version_epoch,
            self._idempotency_ttl if key else 0,
        )
        return Position(int(offset), epoch.decode())

    async def history(
        self,
        channel: str,
        *,
        limit: int = 0,
        since: Position | None = None,
        reverse: bool = False,
    ) -> History:
        """What is kept, by the rules of the port.

        Raises:
            ClientError: ``since`` is of another epoch (112).
            RedisAway.
        """
        start: int | str = ""
        if since is not None:
            start = max(0, since.offset - 1) if reverse else since.offset + 1
            start = str(min(start, _LAST))
        of = self._names.of
        offset, epoch, entries = await self._link.run(
            HISTORY,
            [of(channel, "meta"), of(channel, "stream")],
            new_epoch(),
            self._meta_ttl,
            start,
            max(limit, -1),
            int(reverse),
        )
        epoch = epoch.decode()
        if since is not None and since.epoch and since.epoch != epoch:
            raise ClientError(codes.UNRECOVERABLE_POSITION)
        said = [_publication(int(id.partition(b"-")[0]), epoch, at[1]) for id, at in entries]
        return History(said, int(offset), epoch)

    def announce(self, channel: str, push: Join | Leave) -> None:
        """Tell the channel's listeners everywhere who came or went. Never waits."""
        mark = b"j::" if isinstance(push, Join) else b"l::"
        self._told.append((self._names.topic(channel), mark + header(push.info, None)))
        self._telling.set()

    async def forget(self, channel: str) -> None:
        """Drop what is kept; the position stays."""
        await self._link.do(("DEL", self._names.of(channel, "stream")))

    def sweep(self) -> None:
        """Redis does it."""

    # Inside.

    async def _tell_always(self) -> None:
        while True:
            await self._telling.wait()
            self._telling.clear()
            told, self._told = self._told, []
            for start in range(0, len(told), _CATCHES_UP):
                some = told[start : start + _CATCHES_UP]
                try:
                    await self._link.do(*(("PUBLISH", topic, raw) for topic, raw in some))
                except RedisAway:
                    for topic, raw in some:  # those who are here hear it all the same
                        self._heard(topic, raw)

    def _heard(self, topic: bytes, payload: bytes) -> None:
        if topic == self._names.control:
            self.control(payload)
            return
        offset, raw_epoch, blob = payload.split(b":", 2)
        channel, epoch = self._names.channel(topic), raw_epoch.decode()
        if offset == b"j":
            self._sink(channel, Join(who(orjson.loads(blob)["i"])), "")
        elif offset == b"l":
            self._sink(channel, Leave(who(orjson.loads(blob)["i"])), "")
        else:
            self._sink(channel, _publication(int(offset), epoch, blob), epoch)

    async def _catch_up(self, topic: bytes) -> None:
        """What was said while Redis was not to be heard; or the word that it is lost."""
        if topic == self._names.control:
            self.returned()
            return
        channel = self._names.channel(topic)
        at = self._stands(channel)
        if at is None:
            return
        found = await self.history(channel, limit=_CATCHES_UP, since=Position(at.offset, ""))
        said = found.publications
        last = said[-1].offset if said else at.offset
        closes = not said or said[0].offset == at.offset + 1
        if found.epoch != at.epoch or last != found.offset or not closes:
            self._lost(channel)
            return
        for publication in said:
            self._sink(channel, publication, found.epoch)


def _blob(data: bytes, info: ClientInfo | None, tags: Any) -> bytes:
    return (header(info, tags) if info or tags else b"") + b"\n" + data


def header(info: ClientInfo | None, tags: Any) -> bytes:
    """Who said it, and its tags, on one line; any bytes survive it."""
    body: dict[str, Any] = {}
    if info is not None:
        about = info.conn_info.decode("latin-1"), info.chan_info.decode("latin-1")
        body["i"] = [info.user, info.client, *about]
    if tags:
        body["t"] = dict(tags)
    return orjson.dumps(body)


def who(parts: list[str]) -> ClientInfo:
    """The one of whom :func:`header` told."""
    user, client, conn_info, chan_info = parts
    return ClientInfo(user, client, conn_info.encode("latin-1"), chan_info.encode("latin-1"))


def _publication(offset: int, epoch: str, blob: bytes) -> Publication:
    header, _, data = blob.partition(b"\n")
    body = orjson.loads(header) if header else {}
    return Publication(
        data=data,
        offset=offset,
        info=who(body["i"]) if "i" in body else None,
        tags=body.get("t"),
        epoch=epoch if offset == 1 else "",
    )
