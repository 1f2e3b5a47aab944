"""Who is where, told to the other processes through Redis, and orders to them.

Every process keeps for each channel the set of its users, and says how many connections that
is; a set is a lease that runs out when its process stops renewing it. So the numbers of a
process that died are gone after a minute, without anybody counting down for it. Changes are
gathered for a fifth of a second; nobody who connects waits for Redis.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from streams.realtime.errors import ClientError
from streams.realtime.gateway import PresenceStats
from streams.realtime.lately import Lately
from streams.realtime.nodes import Node
from streams.realtime.orders import Order, told, understood
from streams.realtime.protocol import ClientInfo
from streams.realtime.redis_broker import RedisBroker, header, who
from streams.realtime.redis_link import Names, RedisAway, RedisLink, ended
from streams.realtime.redis_scripts import COUNT

if TYPE_CHECKING:
    from streams.realtime.hub import Hub

log = logging.getLogger(__name__)

_GATHER = 0.2
_AT_ONCE = 500
_LATELY = 1.0


@dataclass(slots=True)
class Audience:
    """Who hears a channel here; and of whom Redis has not heard yet."""

    clients: int = 0
    users: Counter[str] = field(default_factory=Counter)
    listed: dict[str, ClientInfo] = field(default_factory=dict)
    changed_users: set[str] = field(default_factory=set)
    changed_clients: set[str] = field(default_factory=set)

    def everything_changed(self) -> None:
        """Redis has forgotten."""
        self.changed_users.update(self.users)
        self.changed_clients.update(self.listed)


class RedisNodes:
    """The processes that share a Redis.

    Args:
        lease: for how long, in seconds, what a process said of itself holds.
    """

    def __init__(
        self, link: RedisLink, names: Names, broker: RedisBroker, *, lease: float = 60.0
    ) -> None:
        self._link = link
        self._names = names
        self._ear = broker.ear
        self._lease = max(1, int(lease))
        self._hub: Hub | None = None
        self._here: dict[str, Audience] = {}
        self._touched: set[str] = set()
        self._news = asyncio.Event()
        self._writing = asyncio.Lock()
        self._carrying_out: set[asyncio.Task[None]] = set()
        self._away = False
        self._lately = Lately(self.presence_stats, lasts=_LATELY)
        broker.control = self._ordered
        broker.returned = self._returned

    @asynccontextmanager
    async def running(self, hub: "Hub") -> AsyncIterator["RedisNodes"]:
        """We are one of them while the block runs, and leave no trace of us after it."""
        self._hub = hub
        await self._ear.listen(self._names.control)
        await self._beat()
        task = asyncio.create_task(self._report(), name="redis nodes")
        try:
            yield self
        finally:
            await ended(task, *self._carrying_out)
            await self._farewell()

    # What the hub tells.

    def came(self, channel: str, who: ClientInfo, *, listed: bool) -> None:
        """A connection here hears the channel now."""
        audience = self._here.setdefault(channel, Audience())
        audience.clients += 1
        audience.users[who.user] += 1
        audience.changed_users.add(who.user)
        if listed:
            audience.listed[who.client] = who
            audience.changed_clients.add(who.client)
        self._touch(channel)

    def went(self, channel: str, who: ClientInfo, *, listed: bool) -> None:
        """It does so no more."""
        audience = self._here.get(channel)
        if audience is None:
            return
        audience.clients -= 1
        audience.users[who.user] -= 1
        if audience.users[who.user] <= 0:
            del audience.users[who.user]
        audience.changed_users.add(who.user)
        if listed:
            audience.listed.pop(who.client, None)
            audience.changed_clients.add(who.client)
        self._touch(channel)

    async def tell(self, order: Order) -> None:
        """The others carry it out as well.

        Raises:
            RedisAway: they may not have heard it.
        """
        await self._link.do(("PUBLISH", self._names.control, self._me + b" " + told(order)))

    # What the hub asks.

    async def knows(self, uid: str) -> bool:
        """Whether such a process is up."""
        (found,) = await self._link.do(("EXISTS", self._names.node(uid, "self")))
        return bool(found)

    async def presence_stats(self, channel: str) -> PresenceStats:
        """How many hear the channel."""
        await self._flush()
        of = self._names.of
        keys = [of(channel, "counts")]
        clients, users = await self._link.run(COUNT, keys, of(channel, "users:"))
        return PresenceStats(int(clients), int(users))

    async def lately(self, channel: str) -> PresenceStats:
        """The same as of a second ago at most, however many ask."""
        return await self._lately.of(channel)

    async def present(self, channel: str) -> dict[str, ClientInfo]:
        """Who hears the channel, where it is listed."""
        await self._flush()
        of = self._names.of
        (nodes,) = await self._link.do(("HKEYS", of(channel, "counts")))
        asked = (("HGETALL", of(channel, f"listed:{uid.decode()}")) for uid in nodes)
        found: dict[str, ClientInfo] = {}
        for there in await self._link.do(*asked):
            for client, raw in _pairs(there):
                found[client.decode()] = who(orjson.loads(raw)["i"])
        return found

    async def channels(self, prefix: str) -> dict[str, int]:
        """Channels that somebody hears, with their numbers of connections."""
        await self._flush()
        asked = (("HGETALL", self._names.node(uid, "channels")) for uid in await self._alive())
        found: Counter[str] = Counter()
        for there in await self._link.do(*asked):
            for raw, count in _pairs(there):
                name = raw.decode()
                if name.startswith(prefix):
                    found[name] += int(count)
        return dict(found)

    async def all(self) -> list[Node]:
        """Everyone who is up."""
        await self._say_hello()
        return [Node(**orjson.loads(raw)) for raw in (await self._alive()).values()]

    async def _alive(self) -> dict[str, bytes]:
        """What each process last said of itself; the dead are forgotten."""
        (members,) = await self._link.do(("SMEMBERS", self._names.nodes))
        uids = [uid.decode() for uid in members]
        said = await self._link.do(*(("GET", self._names.node(uid, "self")) for uid in uids))
        dead = [uid for uid, raw in zip(uids, said, strict=True) if raw is None]
        if dead:
            await self._link.do(("SREM", self._names.nodes, *dead))
        return {uid: raw for uid, raw in zip(uids, said, strict=True) if raw is not None}

    # Reporting.

    @property
    def _me(self) -> bytes:
        assert self._hub is not None
        return self._hub.node.encode()

    def _returned(self) -> None:
        """Redis is back, perhaps with nothing in it."""
        self._away = True
        self._news.set()

    def _touch(self, channel: str) -> None:
        self._touched.add(channel)
        self._news.set()

    async def _report(self) -> None:
        """Tell changes soon, and everything that is still true from time to time."""
        beat = time.monotonic() + self._lease / 3
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, beat - time.monotonic())):
                    await self._news.wait()
            if self._away or time.monotonic() >= beat:
                self._away = False
                beat = time.monotonic() + self._lease / 3
                await self._unless_away(self._beat())
            await asyncio.sleep(_GATHER)
            await self._unless_away(self._flush())

    async def _unless_away(self, work: Any) -> None:
        try:
            await work
        except RedisAway:
            self._away = True
            self._news.set()
            log.warning("redis is away: who is here is told later")
            await asyncio.sleep(1.0)

    async def _flush(self) -> None:
        """Everything that changed so far has been told on return."""
        async with self._writing:
            while self._touched:
                self._news.clear()
                some = set(list(self._touched)[:_AT_ONCE])
                self._touched -= some
                try:
                    await self._link.do(*self._changes(some))
                except RedisAway:
                    self._touched |= some
                    for channel in some & self._here.keys():
                        self._here[channel].everything_changed()
                    raise
            self._news.clear()

    def _changes(self, channels: set[str]) -> list[tuple[Any, ...]]:
        me, commands = self._me.decode(), list[tuple[Any, ...]]()
        mine = self._names.node(me, "channels")
        for channel in channels:
            audience = self._here[channel]
            of = self._names.of
            counts, users = of(channel, "counts"), of(channel, f"users:{me}")
            listed = of(channel, f"listed:{me}")
            if not audience.clients:
                del self._here[channel]
                commands += [("DEL", users, listed), ("HDEL", counts, me)]
                commands.append(("HDEL", mine, channel))
                continue
            there = [user for user in audience.changed_users if user in audience.users]
            gone = [user for user in audience.changed_users if user not in audience.users]
            if there:
                commands.append(("SADD", users, *there))
            if gone:
                commands.append(("SREM", users, *gone))
            commands += _listed(listed, audience)
            commands.append(("HSET", counts, me, audience.clients))
            commands.append(("HSET", mine, channel, audience.clients))
            commands += self._renewals(users, listed, counts)
            audience.changed_users.clear()
            audience.changed_clients.clear()
        if commands:
            commands.append(("EXPIRE", mine, self._lease))
        return commands

    def _renewals(self, *keys: str) -> list[tuple[Any, ...]]:
        return [("EXPIRE", key, self._lease) for key in keys]

    async def _say_hello(self) -> None:
        assert self._hub is not None
        me = self._hub.myself()
        key = self._names.node(me.uid, "self")
        await self._link.do(
            ("SET", key, orjson.dumps(asdict(me)), "EX", self._lease),
            ("SADD", self._names.nodes, me.uid),
        )

    async def _beat(self) -> None:
        """We are still here; where Redis has forgotten that, say it all again."""
        await self._say_hello()
        me = self._me.decode()
        channels = list(self._here)
        mine = self._names.node(me, "channels")
        (known,) = await self._link.do(("EXPIRE", mine, self._lease))
        for start in range(0, len(channels), _AT_ONCE):
            some = channels[start : start + _AT_ONCE]
            of = self._names.of
            held = await self._link.do(
                *(("EXPIRE", of(channel, f"users:{me}"), self._lease) for channel in some)
            )
            others = ("counts", f"listed:{me}")
            await self._link.do(
                *(("EXPIRE", of(c, key), self._lease) for c in some for key in others)
            )
            for channel, renewed in zip(some, held, strict=True):
                if not (renewed and known) and channel in self._here:
                    self._here[channel].everything_changed()
                    self._touch(channel)

    async def _farewell(self) -> None:
        me = self._me.decode()
        for audience in self._here.values():
            audience.clients = 0
        self._touched |= self._here.keys()
        try:
            await self._flush()
            await self._link.do(
                ("DEL", self._names.node(me, "self")),
                ("DEL", self._names.node(me, "channels")),
                ("SREM", self._names.nodes, me),
            )
        except RedisAway:
            log.warning("redis is away: our leases run out by themselves")

    # Orders.

    def _ordered(self, payload: bytes) -> None:
        """Another process gave an order; our own we have carried out already."""
        sender, _, raw = payload.partition(b" ")
        if sender == self._me:
            return
        try:
            order = understood(raw)
        except ClientError:
            log.warning("an order that nobody understands; a newer version's, perhaps")
            return
        assert self._hub is not None
        task = asyncio.create_task(self._carry_out(order))
        self._carrying_out.add(task)
        task.add_done_callback(self._carrying_out.discard)

    async def _carry_out(self, order: Order) -> None:
        assert self._hub is not None
        try:
            await order.carry_out(self._hub)
        except Exception:
            log.exception("an order failed", extra={"order": type(order).__name__})


def _listed(key: str, audience: Audience) -> list[tuple[Any, ...]]:
    commands: list[tuple[Any, ...]] = []
    there = [client for client in audience.changed_clients if client in audience.listed]
    gone = [client for client in audience.changed_clients if client not in audience.listed]
    if there:
        said = ((client, header(audience.listed[client], None)) for client in there)
        commands.append(("HSET", key, *(part for pair in said for part in pair)))
    if gone:
        commands.append(("HDEL", key, *gone))
    return commands


def _pairs(flat: Any) -> list[tuple[bytes, bytes]]:
    """Fields and values, however the library hands them over."""
    if isinstance(flat, dict):
        return list(flat.items())
    return list(zip(flat[::2], flat[1::2], strict=True))
