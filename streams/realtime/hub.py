"""The rooms of this process: who is connected, who listens to what, what is told to whom.

It is the gateway for everybody in the process, and what transports hand connections to.
Ordering and keeping publications is the broker's trade; here is only what is local.
"""

import logging
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from livecommerce.kernel import clock as kernel_clock
from streams.realtime import codes
from streams.realtime import protocol as p
from streams.realtime.broker import Broker, Post
from streams.realtime.channel import Channel, Figures
from streams.realtime.codes import Close
from streams.realtime.connections import Connections
from streams.realtime.door import ClosedDoor, Door
from streams.realtime.errors import ClientError, Disconnect
from streams.realtime.gateway import Data, PresenceStats
from streams.realtime.json_codec import payload
from streams.realtime.memory_broker import MemoryBroker
from streams.realtime.options import Namespace, Options, RecoveryMode
from streams.realtime.peer import Peer
from streams.realtime.recovery import merge, recover
from streams.realtime.session import Subscription
from streams.realtime.wheel import Wheel
from streams.ticks import repeating

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A subscription on its way in: what history said, while news gathers in its buffer."""

    peer: Peer
    sub: Subscription
    asked: p.Position | None
    found: p.History
    data: bytes


class Hub:
    """Rooms on one event loop.

    Args:
        options: limits and namespaces.
        door: who may enter; may be set later, until then nobody may.
        broker: who orders publications; in memory if left out.
        clock: monotonic seconds, for deadlines.
        wall_clock: the present moment, to turn "until then" into "that long".
    """

    def __init__(
        self,
        options: Options,
        door: Door | None = None,
        *,
        broker: Broker | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = kernel_clock.utcnow,
    ) -> None:
        limits = options.limits
        self.options = options
        self.door: Door = door or ClosedDoor()
        self.clock = clock
        self.wall_clock = wall_clock
        self.figures = Figures()
        self.node = str(uuid.uuid4())
        self.connected = Connections(limits, clock)
        self.broker: Broker = broker or MemoryBroker(
            meta_ttl=limits.meta_ttl, idempotency_ttl=limits.idempotency_ttl, clock=clock
        )
        self.broker.attach(self._deliver)
        self._channels: dict[str, Channel] = {}
        self._wheel: Wheel[Peer] = Wheel(clock())

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Hub"]:
        """Time passes for the connections while the block runs; then they are sent away."""
        steps = (
            (1.0, self._pass_time, "rooms: deadlines"),
            (self.options.limits.ping_interval, self._check_positions, "rooms: positions"),
            (60.0, self._sweep, "rooms: sweep"),
        )
        async with repeating(*steps):
            try:
                yield self
            finally:
                await self.drain()

    # For transports.

    def accepts(self, address: str = "") -> bool:
        """Whether another connection may come in now."""
        return self.connected.accepts(address)

    def opened(self, peer: Peer) -> None:
        """A connection has been accepted; it has a while to say who it is."""
        self.connected.opened(peer)
        self.watch(peer)

    async def drain(self) -> None:
        """Send everybody away to come back elsewhere. May be repeated."""
        await self.connected.drain()

    def ended(self, peer: Peer) -> None:
        """The connection's transport has ended. Repeating it is harmless."""
        self.forget(peer)
        self.connected.ended(peer)

    @property
    def open(self) -> int:
        """How many connections there are, those included that are being closed."""
        return len(self.connected)

    # For connections.

    def register(self, peer: Peer) -> None:
        """The connection is known by its user from now on."""
        self.connected.register(peer)
        self.watch(peer)

    def connections(self, user: str) -> list[Peer]:
        """The connections of a user that are in."""
        return self.connected.of(user)

    def watch(self, peer: Peer) -> None:
        """Come back to the connection when its next deadline is due."""
        moment = peer.session.next_time
        if moment is not None:
            self._wheel.set(peer, moment)

    def forget(self, peer: Peer) -> None:
        """The connection takes no more part. Repeating it is harmless."""
        for sub in list(peer.session.subscriptions.values()):
            self.leave(peer, sub)
        self.connected.forget(peer)

    async def enter(
        self, peer: Peer, sub: Subscription, asked: p.Position | None, data: bytes
    ) -> Entry:
        """Begin to listen, then read what was missed: in this order nothing gets lost."""
        sub.buffer = [] if sub.positioned else None
        peer.session.subscriptions[sub.channel] = sub
        self._local(sub.channel, sub.namespace).joining.add(sub)
        try:
            await self.broker.listen(sub.channel)
            found = await self._missed(sub, asked if sub.recoverable else None)
        except BaseException:
            self.leave(peer, sub)
            raise
        if peer.over:
            self.leave(peer, sub)
        return Entry(peer, sub, asked if sub.recoverable else None, found, data)

    async def _missed(self, sub: Subscription, asked: p.Position | None) -> p.History:
        if not sub.positioned:
            return p.History((), 0, "")
        if asked is None:
            return await self.broker.history(sub.channel)
        if sub.namespace.recovery_mode is RecoveryMode.CACHE:
            return await self.broker.history(sub.channel, limit=1, reverse=True)
        since, limit = p.Position(asked.offset, ""), self.options.limits.recovery
        return await self.broker.history(sub.channel, limit=limit, since=since)

    def result(self, entry: Entry) -> p.SubscribeResult:
        """What the client is told; call :meth:`settle` before anything else is awaited.

        Raises:
            Disconnect: what was heard meanwhile does not follow on what was read.
        """
        sub, found, asked = entry.sub, entry.found, entry.asked
        ttl = 0 if sub.expires_at is None else max(1, int(sub.expires_at - self.clock()))
        news, whole = merge(found.top, sub.buffer or ())
        if not whole:
            raise Disconnect(codes.INSUFFICIENT_STATE)
        sub.offset, sub.epoch = found.offset + len(news), found.epoch
        offset, said, recovered = sub.offset, [], False
        if asked is not None:
            mode = sub.namespace.recovery_mode
            gap = recover(mode, asked, found)
            cached = mode is RecoveryMode.CACHE
            recovered = gap.whole or (cached and bool(news))
            if recovered:
                offset, said = asked.offset, [*gap.publications, *news]
                said = said[-1:] if cached else said
        return p.SubscribeResult(
            expires=sub.expires_at is not None,
            ttl=ttl,
            recoverable=sub.recoverable,
            positioned=sub.positioned,
            epoch=sub.epoch,
            offset=offset,
            publications=said,
            was_recovering=asked is not None,
            recovered=recovered,
            delta=sub.delta,
            data=entry.data,
        )

    def settle(self, entry: Entry) -> None:
        """The client has been told; from here on it hears everything."""
        peer, sub = entry.peer, entry.sub
        channel = self._local(sub.channel, sub.namespace)
        if not channel.add(peer, sub):
            peer.lost(sub)
            return
        if sub.expires_at is not None:
            self.watch(peer)
        if sub.announced:
            channel.tell(p.Join(self._as_seen(peer, sub)))

    def leave(self, peer: Peer, sub: Subscription) -> None:
        """Stop listening. Repeating it is harmless."""
        if peer.session.subscriptions.get(sub.channel) is sub:
            del peer.session.subscriptions[sub.channel]
        channel = self._channels.get(sub.channel)
        if channel is None:
            return
        if channel.remove(peer, sub) and sub.announced:
            channel.tell(p.Leave(self._as_seen(peer, sub)))
        if channel.empty:
            channel.stop()
            del self._channels[sub.channel]
            self.broker.ignore(sub.channel)

    def present(self, channel: str) -> dict[str, p.ClientInfo]:
        """Who listens, by connection."""
        local = self._channels.get(channel)
        found = local.listeners() if local else ()
        return {x.client: self._as_seen(x, sub) for x, sub in found if isinstance(x, Peer)}

    async def post(
        self, channel: str, data: bytes, *, info: p.ClientInfo | None = None
    ) -> p.Position:
        """Publish what a client said, under its name."""
        return await self._publish(channel, Post(data, info))

    # The gateway.

    async def publish(
        self,
        channel: str,
        data: Data,
        *,
        idempotency_key: str | None = None,
        version: int = 0,
        version_epoch: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> p.Position:
        """Tell every subscriber; the position is where the channel stands afterwards."""
        post = Post(
            data=payload(data),
            tags=tags,
            idempotency_key=idempotency_key,
            version=version,
            version_epoch=version_epoch,
        )
        return await self._publish(channel, post)

    async def broadcast(
        self,
        channels: Iterable[str],
        data: Data,
        *,
        idempotency_key: str | None = None,
        version: int = 0,
        version_epoch: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> list[p.Position]:
        """The same publication on several channels."""
        raw = payload(data)
        return [
            await self.publish(
                channel,
                raw,
                idempotency_key=idempotency_key,
                version=version,
                version_epoch=version_epoch,
                tags=tags,
            )
            for channel in channels
        ]

    async def unsubscribe(self, user: str, channel: str) -> None:
        """Take the user's connections out of the channel, for good."""
        for peer in self.connections(user):
            sub = peer.session.subscriptions.get(channel)
            if sub is not None:
                peer.remove(sub, codes.UNSUBSCRIBED)

    async def disconnect(self, user: str, *, code: int = 3503, reason: str = "") -> None:
        """End every connection of the user."""
        for peer in self.connections(user):
            peer.close(Close(code, reason or codes.FORCE_DISCONNECT.reason))

    async def presence_stats(self, channel: str) -> PresenceStats:
        """How many are there now."""
        local = self._channels.get(channel)
        people = [x for x, _ in local.listeners() if isinstance(x, Peer)] if local else []
        return PresenceStats(len(people), len({peer.info.user for peer in people}))

    async def history(
        self,
        channel: str,
        *,
        limit: int = 0,
        since: p.Position | None = None,
        reverse: bool = False,
    ) -> p.History:
        """What was published, by the rules of the broker's port."""
        return await self.broker.history(channel, limit=limit, since=since, reverse=reverse)

    async def channels(self, prefix: str = "") -> dict[str, int]:
        """The channels that somebody listens to now, with their numbers of connections."""
        return {
            name: len(local)
            for name, local in self._channels.items()
            if name.startswith(prefix)
        }

    # Inside.

    async def _publish(self, channel: str, post: Post) -> p.Position:
        namespace = self.options.namespace(channel)
        if namespace is None:
            raise ClientError(codes.UNKNOWN_CHANNEL)
        return await self.broker.publish(channel, post.kept_by(namespace))

    def _deliver(self, channel: str, publication: p.Publication, epoch: str) -> None:
        local = self._channels.get(channel)
        if local is not None:
            local.receive(publication, epoch)

    def _local(self, name: str, namespace: Namespace) -> Channel:
        local = self._channels.get(name)
        if local is None:
            local = Channel(name, namespace, self.options.limits, self.figures)
            self._channels[name] = local
        return local

    def _as_seen(self, peer: Peer, sub: Subscription) -> p.ClientInfo:
        info = peer.info
        return p.ClientInfo(info.user, info.client, info.conn_info, sub.info)

    async def _pass_time(self) -> None:
        now = self.clock()
        for peer in self._wheel.turn(now):
            moment = peer.pass_time(now)
            if moment is not None:
                self._wheel.set(peer, moment)

    async def _check_positions(self) -> None:
        """Ask, once per quiet channel and not per listener, whether we missed something."""
        for name, local in list(self._channels.items()):
            quiet = time.monotonic() - local.heard_at > self.options.limits.position_check
            if local.offset is not None and quiet:
                top = (await self.broker.history(name)).top
                if local.behind(top):
                    log.warning("a channel fell behind its stream")
                    local.lose()

    async def _sweep(self) -> None:
        self.broker.sweep()
