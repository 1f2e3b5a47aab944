"""The rooms of this process: who is connected, who listens to what, what is told to whom.

It is the gateway for everybody in the process, and what transports hand connections to.
Ordering and keeping publications is the broker's trade; here is only what is local.
"""

import logging
import os
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from livecommerce.kernel import clock as kernel_clock
from streams.realtime import codes
from streams.realtime import protocol as p
from streams.realtime.broker import Broker, Post
from streams.realtime.channel import Channel, Figures
from streams.realtime.connections import Connections
from streams.realtime.door import ClosedDoor, Door
from streams.realtime.entering import Entry, missed, outcome
from streams.realtime.errors import ClientError
from streams.realtime.gateway import Data, PresenceStats
from streams.realtime.json_codec import payload
from streams.realtime.memory_broker import MemoryBroker
from streams.realtime.nodes import Node, Nodes
from streams.realtime.options import Namespace, Options
from streams.realtime.orders import Order, SendAway, TakeOut, Whom
from streams.realtime.peer import Peer
from streams.realtime.session import Subscription
from streams.realtime.wheel import Wheel
from streams.ticks import repeating

log = logging.getLogger(__name__)


class Hub:
    """Rooms on one event loop.

    Args:
        options: limits and namespaces.
        door: who may enter; may be set later, until then nobody may.
        broker: who orders publications; in memory if left out.
        nodes: the other processes that serve the same rooms, if there are any.
        clock: monotonic seconds, for deadlines.
        wall_clock: the present moment, to turn "until then" into "that long".
    """

    def __init__(
        self,
        options: Options,
        door: Door | None = None,
        *,
        broker: Broker | None = None,
        nodes: Nodes | None = None,
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
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.connected = Connections(limits, clock)
        self.broker: Broker = broker or MemoryBroker(
            meta_ttl=limits.meta_ttl, idempotency_ttl=limits.idempotency_ttl, clock=clock
        )
        self.broker.attach(self._deliver, stands=self._stands, lost=self._lost)
        self.nodes = nodes
        self._up_since = clock()
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

    def redirect(self, peer: Peer) -> None:
        """The channels write to the connection in another way from now on."""
        for name, sub in peer.session.subscriptions.items():
            channel = self._channels.get(name)
            if channel is not None:
                channel.redirect(peer, sub)

    async def enter(
        self, peer: Peer, sub: Subscription, asked: p.Position | None, data: bytes
    ) -> Entry:
        """Begin to listen, then read what was missed: in this order nothing gets lost."""
        sub.buffer = [] if sub.positioned else None
        peer.session.subscriptions[sub.channel] = sub
        self._local(sub.channel, sub.namespace).joining.add(sub)
        try:
            await self.broker.listen(sub.channel)
            since = asked if sub.recoverable else None
            found = await missed(self.broker, self.options.limits, sub, since)
        except BaseException:
            self.leave(peer, sub)
            raise
        if peer.over:
            self.leave(peer, sub)
        return Entry(peer, sub, since, found, data)

    def result(self, entry: Entry) -> p.SubscribeResult:
        """What the client is told; call :meth:`settle` before anything else is awaited.

        Raises:
            Disconnect: what was heard meanwhile does not follow on what was read.
        """
        return outcome(entry, self.clock())

    def settle(self, entry: Entry) -> None:
        """The client has been told; from here on it hears everything."""
        peer, sub = entry.peer, entry.sub
        channel = self._local(sub.channel, sub.namespace)
        if not channel.add(peer, sub):
            peer.lost(sub)
            return
        if sub.expires_at is not None:
            self.watch(peer)
        who = peer.seen_in(sub)
        channel.came(who.user)
        if self.nodes is not None:
            self.nodes.came(sub.channel, who, listed=sub.presence)
        if sub.announced:
            self.broker.announce(sub.channel, p.Join(who))

    def leave(self, peer: Peer, sub: Subscription) -> None:
        """Stop listening. Repeating it is harmless."""
        if peer.session.subscriptions.get(sub.channel) is sub:
            del peer.session.subscriptions[sub.channel]
        channel = self._channels.get(sub.channel)
        if channel is None:
            return
        if channel.remove(peer, sub):
            who = peer.seen_in(sub)
            channel.went(who.user)
            if self.nodes is not None:
                self.nodes.went(sub.channel, who, listed=sub.presence)
            if sub.announced:
                self.broker.announce(sub.channel, p.Leave(who))
        if channel.empty:
            channel.stop()
            del self._channels[sub.channel]
            self.broker.ignore(sub.channel)

    async def present(self, channel: str) -> dict[str, p.ClientInfo]:
        """Who listens and is listed, by connection."""
        if self.nodes is not None:
            return await self.nodes.present(channel)
        local = self._channels.get(channel)
        there = [(x, sub) for x, sub in local.listeners() if sub.presence] if local else []
        return {x.client: x.seen_in(sub) for x, sub in there if isinstance(x, Peer)}

    async def post(
        self, channel: str, data: bytes, *, info: p.ClientInfo | None = None
    ) -> p.Position:
        """Publish what a client said, under its name."""
        return await self.put(channel, Post(data, info))

    async def put(self, channel: str, post: Post, *, kept: bool = True) -> p.Position:
        """Publish it; ``kept`` as the channel's namespace says, or not at all.

        Raises:
            ClientError: there is no such namespace.
        """
        namespace = self._namespace(channel)
        return await self.broker.publish(channel, post.kept_by(namespace) if kept else post)

    async def order(self, order: Order) -> None:
        """Carry it out, here and wherever else these rooms are served."""
        await order.carry_out(self)
        if self.nodes is not None:
            await self.nodes.tell(order)

    async def processes(self) -> list[Node]:
        """Everyone who serves these rooms."""
        return [self.myself()] if self.nodes is None else await self.nodes.all()

    def myself(self) -> Node:
        """This process, among the others."""
        local = self._channels.values()
        return Node(
            uid=self.node,
            name=self.name,
            version=self.options.version,
            num_clients=self.connected.entered,
            num_users=len(self.connected.users),
            num_channels=len(self._channels),
            num_subs=sum(map(len, local)),
            uptime=int(self.clock() - self._up_since),
        )

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
        namespace = self._namespace(channel)
        post = Post(
            payload(data),
            None,
            tags,
            namespace.history_size,
            namespace.history_ttl,
            idempotency_key,
            version,
            version_epoch,
        )
        return await self.broker.publish(channel, post)

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
        await self.order(TakeOut(Whom(user), channel))

    async def disconnect(self, user: str, *, code: int = 3503, reason: str = "") -> None:
        """End every connection of the user."""
        await self.order(SendAway(Whom(user), code, reason or codes.FORCE_DISCONNECT.reason))

    async def presence_stats(self, channel: str) -> PresenceStats:
        """How many are there now: counted as they come and go, not by looking at each."""
        if self.nodes is not None:
            return await self.nodes.presence_stats(channel)
        local = self._channels.get(channel)
        return PresenceStats(len(local), len(local.users)) if local else PresenceStats(0, 0)

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
        if self.nodes is not None:
            return await self.nodes.channels(prefix)
        return {
            name: len(local)
            for name, local in self._channels.items()
            if name.startswith(prefix)
        }

    # Inside.

    def _namespace(self, channel: str) -> Namespace:
        found = self.options.namespace(channel)
        if found is None:
            raise ClientError(codes.UNKNOWN_CHANNEL)
        return found

    def _deliver(self, channel: str, push: p.Push, epoch: str) -> None:
        local = self._channels.get(channel)
        if local is None:
            return
        if isinstance(push, p.Publication):
            local.receive(push, epoch)
        else:
            local.tell(push)

    def _stands(self, channel: str) -> p.Position | None:
        local = self._channels.get(channel)
        if local is None or local.offset is None:
            return None
        return p.Position(local.offset, local.epoch)

    def _lost(self, channel: str) -> None:
        """What was missed cannot be had any more: those who count on it come back."""
        local = self._channels.get(channel)
        if local is not None:
            local.lose()

    def _local(self, name: str, namespace: Namespace) -> Channel:
        local = self._channels.get(name)
        if local is None:
            local = Channel(name, namespace, self.options.limits, self.figures)
            self._channels[name] = local
        return local

    async def _pass_time(self) -> None:
        now = self.clock()
        for peer in self._wheel.turn(now):
            try:
                moment = peer.pass_time(now)
            except Exception:
                log.exception("what time brought a connection failed")
                moment = None if peer.over else now + 1.0
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
