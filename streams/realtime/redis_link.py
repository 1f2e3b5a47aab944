"""The way to Redis: one server, Sentinel or Cluster, by URL; and what we keep there, by name.

``redis://host:6379/0`` and ``rediss://…`` (TLS); ``redis+sentinel://host:26379,host2/master/0``;
``redis+cluster://host:6379,host2:6379``. User and password before an ``@``, as ever.

Nothing is retried here: a publish whose answer was lost may have happened, and only whoever
asked knows whether it may happen twice.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from livecommerce.kernel.errors import Unavailable

_SOCKETS: dict[str, Any] = {"socket_timeout": 5.0, "socket_connect_timeout": 2.0}
FAILURES = (RedisError, OSError, TimeoutError)


class RedisAway(Unavailable):
    """Redis does not answer."""


class NotARedisUrl(ValueError):
    """The URL is none of those that name a Redis."""


async def ended(*tasks: asyncio.Task[None]) -> None:
    """The tasks have ended on return, however often they have to be told: the client library
    loses a cancellation that comes together with the end of an answer."""
    while still := [task for task in tasks if not task.done()]:
        for task in still:
            task.cancel()
        await asyncio.wait(still, timeout=0.5)
    await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True)
class Script:
    """Lua that Redis runs in one go."""

    source: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha1(self.source.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "sha", digest)


@dataclass(frozen=True, slots=True)
class Names:
    """How our keys and topics are called. All keys of a channel are in one slot of a
    cluster, so that a script may touch them together."""

    prefix: str

    def of(self, channel: str, what: str) -> str:
        """A key that belongs to the channel."""
        tag = channel.replace("%", "%25").replace("}", "%7D")
        return f"{self.prefix}:{{{tag}}}:{what}"

    def topic(self, channel: str) -> bytes:
        """Where the channel's publications are heard."""
        return f"{self.prefix}:client:{channel}".encode()

    def channel(self, topic: bytes) -> str:
        """The channel that is heard there."""
        return topic.decode()[len(self.prefix) + len(":client:") :]

    @property
    def control(self) -> bytes:
        """Where processes tell each other."""
        return f"{self.prefix}:control".encode()

    @property
    def nodes(self) -> str:
        """The set of processes."""
        return f"{self.prefix}:nodes"

    def node(self, uid: str, what: str) -> str:
        """A key that belongs to the process."""
        return f"{self.prefix}:node:{{{uid}}}:{what}"


class RedisLink:
    """Connections to one Redis, however many servers that is.

    Raises:
        NotARedisUrl: the URL names none.
    """

    def __init__(self, url: str) -> None:
        self.client: Any = _client(url)
        self.place = urlsplit(url).hostname or "the socket"

    async def close(self) -> None:
        """Hang up."""
        await self.client.aclose()
        pool = getattr(self.client, "connection_pool", None)
        for watcher in getattr(getattr(pool, "sentinel_manager", None), "sentinels", ()):
            await watcher.aclose()  # which the library leaves open

    async def run(self, script: Script, keys: Sequence[str], *arguments: Any) -> Any:
        """The script's answer.

        Raises:
            RedisAway: there is none; it may have been run all the same.
        """
        with_keys = (len(keys), *keys, *arguments)
        try:
            try:
                return await self.client.evalsha(script.sha, *with_keys)
            except NoScriptError:
                return await self.client.eval(script.source, *with_keys)
        except FAILURES as error:
            raise RedisAway(at=self.place, error=type(error).__name__) from error

    async def do(self, *commands: Sequence[Any]) -> list[Any]:
        """The answers to several commands, sent together and each by itself.

        Raises:
            RedisAway: there are none.
        """
        if not commands:
            return []
        try:
            async with self.client.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                return list(await pipeline.execute())
        except FAILURES as error:
            raise RedisAway(at=self.place, error=type(error).__name__) from error

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AbstractConnection]:
        """A connection for topics alone; any server of a cluster hears them all."""
        client = self.client
        if isinstance(client, RedisCluster):
            await client.initialize()
            client = _single(self.client.get_random_node(), self.client)
        connection: AbstractConnection = client.connection_pool.make_connection()
        try:
            await connection.connect()  # type: ignore[no-untyped-call]
            yield connection
        finally:
            with contextlib.suppress(*FAILURES):
                await connection.disconnect()
            if client is not self.client:
                await client.aclose()


def _client(url: str) -> Any:
    parts = urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    options: dict[str, Any] = {**_SOCKETS, "protocol": 2, "retry": Retry(NoBackoff(), 0)}
    if not kind and scheme in {"redis", "rediss", "unix"}:
        return Redis.from_url(url, **options)
    if scheme not in {"redis", "rediss"} or kind not in {"sentinel", "cluster"}:
        raise NotARedisUrl("redis://, rediss://, redis+sentinel:// or redis+cluster:// it is")
    if scheme == "rediss":
        options["ssl"] = True
    who, _, hosts = parts.netloc.rpartition("@")
    user, _, password = who.partition(":")
    options |= {"username": unquote(user) or None, "password": unquote(password) or None}
    places = [
        _place(place, 26379 if kind == "sentinel" else 6379) for place in hosts.split(",")
    ]
    if kind == "cluster":
        del options["retry"]  # its own follows moved slots, and repeats nothing else
        nodes = [ClusterNode(host, port) for host, port in places]
        return RedisCluster(startup_nodes=nodes, **options)
    master, _, db = parts.path.strip("/").partition("/")
    if not master:
        raise NotARedisUrl("redis+sentinel://HOST:26379/NAME: the master's name is missing")
    asking = {**_SOCKETS, "protocol": 2}
    sentinel = Sentinel(places, 0, asking, **options)  # type: ignore[no-untyped-call]
    return sentinel.master_for(master, db=int(db or 0))


def _place(text: str, port: int) -> tuple[str, int]:
    found = urlsplit(f"//{text}")
    return found.hostname or "localhost", found.port or port


def _single(node: ClusterNode, cluster: RedisCluster) -> Redis:
    options: dict[str, Any] = {
        name: value
        for name, value in node.connection_kwargs.items()
        if name in {"username", "password", "ssl", *_SOCKETS}
    }
    return Redis(host=node.host, port=int(node.port), protocol=2, **options)
