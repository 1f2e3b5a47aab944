"""One connection: performs what its session decides, by way of the hub and the door.

Transports make it, feed it frames in order, and tell it when they are gone. Writing never
waits; only questions to the door and the broker do, and after each of them the connection
may have ended meanwhile.
"""

import asyncio
import logging
import random
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from livecommerce.kernel import errors as kernel
from streams.realtime import codes
from streams.realtime import protocol as p
from streams.realtime.channel import Kind
from streams.realtime.codes import Close, Removal
from streams.realtime.door import Admitted, ConnectWant, Grant, Visitor
from streams.realtime.errors import ClientError, Disconnect, error_of
from streams.realtime.json_codec import payload
from streams.realtime.session import (
    Decision,
    Do,
    Lapse,
    Refuse,
    SendPing,
    Session,
    Subscription,
)

if TYPE_CHECKING:
    from streams.realtime.hub import Entry, Hub

log = logging.getLogger(__name__)

T = TypeVar("T")


class Wire(Protocol):
    """What a transport does for a connection. Nothing here waits."""

    kind: Kind
    write: Callable[[bytes], None]
    buffered: Callable[[], int]

    def close(self, close: Close) -> None:
        """Begin to end it, telling the client why."""
        ...


class Peer:
    """A connection that is open, from its accept to its end."""

    __slots__ = (
        "_want",
        "_wire",
        "buffered",
        "client",
        "hub",
        "kind",
        "over",
        "session",
        "visitor",
        "write",
    )

    def __init__(self, hub: "Hub", wire: Wire, session: Session, want: ConnectWant) -> None:
        self.hub = hub
        self.kind = wire.kind
        self.write = wire.write
        self.buffered = wire.buffered
        self.session = session
        self.client = str(uuid.uuid4())
        self.visitor: Visitor | None = None
        self.over = False
        self._wire = wire
        self._want: ConnectWant | None = want

    # What transports call.

    async def receive(self, frame: bytes) -> None:
        """Carry out a frame's commands, strictly one after the other."""
        for decision in self.session.receive(frame, self.hub.clock()):
            await self._perform(decision)
            if self.over:
                return

    def pass_time(self, now: float) -> float | None:
        """Do what is due; when to come again."""
        for decision in self.session.on_time(now):
            match decision:
                case Close():
                    self.close(decision)
                case SendPing():
                    self.send(self.kind.codec.ping)
                case Lapse(channel):
                    self._lapse(channel)
                case Do() | Refuse():
                    raise AssertionError("time asks for nothing")
        return self.session.next_time

    def gone(self) -> None:
        """The transport has ended. Repeating it is harmless."""
        if not self.over:
            self.over = True
            self.session.close(codes.CLOSED)
        self.hub.ended(self)

    # What the hub and channels call.

    def send(self, payload: bytes) -> None:
        """One reply or push to this client alone."""
        if self.over:
            return
        self.write(self.kind.frame(payload))
        if self.buffered() > self.session.options.limits.queue_bytes:
            self.hub.figures.slow += 1
            self.close(codes.SLOW)

    def close(self, close: Close) -> None:
        """End the connection: the transport first, then everything that knows of it."""
        if self.over:
            return
        self.over = True
        self.session.close(close)
        self._wire.close(close)
        self.hub.forget(self)

    def lost(self, subscription: Subscription) -> None:
        """A position cannot be kept: the client has to come back for what it missed."""
        if subscription.server_side:
            self.close(codes.INSUFFICIENT_STATE)
        else:
            self.remove(subscription, codes.LOST_POSITION)

    def remove(self, subscription: Subscription, why: Removal) -> None:
        """End a subscription from our side, and say so."""
        self.hub.leave(self, subscription)
        removed = p.Removed(why.code, why.reason)
        self.send(self.kind.codec.push(subscription.channel, removed))

    @property
    def info(self) -> p.ClientInfo:
        """Who it is, as others see it."""
        visitor = self.visitor
        user, conn_info = (visitor.user, visitor.info) if visitor else ("", b"")
        return p.ClientInfo(user, self.client, conn_info)

    # Performing.

    async def _perform(self, decision: Decision) -> None:
        match decision:
            case Close():
                self.close(decision)
            case Refuse(id, error):
                self.send(self.kind.codec.error(id, error))
            case Do(id, request):
                await self._answer(id, request)
            case SendPing() | Lapse():
                raise AssertionError("commands do not bring time")

    async def _answer(self, id: int, request: p.Request) -> None:
        connecting = isinstance(request, p.Connect)
        error: ClientError
        try:
            await self._carry_out(id, request)
            return
        except Disconnect as end:
            self.close(end.close)
            return
        except ClientError as refusal:
            error = refusal
        except kernel.Problem as problem:
            error = error_of(problem)
        except TimeoutError:
            log.warning("the door took too long", extra={"request": type(request).__name__})
            error = ClientError(codes.INTERNAL)
        except Exception:
            log.exception("a command failed", extra={"request": type(request).__name__})
            error = ClientError(codes.INTERNAL)
        if connecting and not self.over:
            self.session.refused()
        self.send(self.kind.codec.error(id, error))

    async def _carry_out(self, id: int, request: p.Request) -> None:
        match request:
            case p.Connect():
                await self._connect(id, request)
            case p.Subscribe():
                await self._subscribe(id, request)
            case p.Unsubscribe(channel):
                sub = self.session.subscriptions.get(channel)
                if sub is not None:
                    self.hub.leave(self, sub)
                self._reply(id, p.UnsubscribeResult())
            case p.Publish():
                await self._publish(id, request)
            case p.Rpc(method, data):
                answer = await self._ask(self.hub.door.rpc(self._visitor(), method, data))
                raw = b"" if answer is None else payload(answer)
                self._reply(id, p.RpcResult(raw))
            case p.Presence(channel):
                self._reply(id, p.PresenceResult(self.hub.present(channel)))
            case p.PresenceStats(channel):
                stats = await self.hub.presence_stats(channel)
                self._reply(id, p.PresenceStatsResult(stats.num_clients, stats.num_users))
            case p.ReadHistory():
                await self._history(id, request)
            case p.Refresh(token):
                await self._refresh(id, token)
            case p.SubRefresh():
                await self._sub_refresh(id, request)
            case p.Send() | p.Ping() | p.Pong():
                raise AssertionError("the session answers these itself")

    async def _connect(self, id: int, c: p.Connect) -> None:
        want, self._want = self._want, None
        assert want is not None
        admitted = await self._ask(
            self.hub.door.connect(
                ConnectWant(
                    c.token, c.data, want.headers, want.address, want.user_agent, c.headers
                )
            )
        )
        self._check_limits(admitted)
        self.visitor = Visitor(
            self.client, admitted.user, admitted.info, want.address, admitted.meta
        )
        entries = await self._enter_own_channels(c, admitted)
        if self.over:
            return
        now, limits = self.hub.clock(), self.session.options.limits
        ttl = self._ttl(admitted.expire_at)
        result = p.ConnectResult(
            client=self.client,
            version=self.session.options.version,
            expires=ttl is not None,
            ttl=ttl or 0,
            data=admitted.data,
            subs={entry.sub.channel: self.hub.result(entry) for entry in entries},
            ping=int(limits.ping_interval) if self.session.pings else 0,
            pong=self.session.pings,
        )
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 -- spreads pings, guards nothing
        self.session.connected(now, jitter, None if ttl is None else now + ttl)
        self.hub.register(self)
        self._reply(id, result)
        for entry in entries:
            if not self.over:
                self.hub.settle(entry)

    def _check_limits(self, admitted: Admitted) -> None:
        limits = self.session.options.limits
        if len(admitted.subs) >= limits.channels_per_client:
            raise Disconnect(codes.CHANNEL_LIMIT)
        allowed = limits.connections_per_user
        if allowed and len(self.hub.connections(admitted.user)) >= allowed:
            raise Disconnect(codes.CONNECTION_LIMIT)

    async def _enter_own_channels(self, c: p.Connect, admitted: Admitted) -> list["Entry"]:
        """The subscriptions that are made from our side, each where the client left it."""
        grants = dict(admitted.subs)
        personal = self.session.options.personal_channel(admitted.user)
        if personal is not None:
            grants.setdefault(personal, Grant())
        entries = []
        for channel, grant in grants.items():
            sub = self._subscription(channel, grant, p.Subscribe(), server_side=True)
            left = c.subs.get(channel)
            asked = p.Position(left.offset, left.epoch) if left and left.recover else None
            entries.append(await self.hub.enter(self, sub, asked, grant.data))
        return entries

    async def _subscribe(self, id: int, c: p.Subscribe) -> None:
        grant = await self._permission(c)
        if self.over:
            return
        sub = self._subscription(c.channel, grant, c, server_side=False)
        asked = p.Position(c.offset, c.epoch) if c.recover else None
        entry = await self.hub.enter(self, sub, asked, grant.data)
        if self.over or self.session.subscriptions.get(c.channel) is not sub:
            return
        result = self.hub.result(entry)
        if c.flag & 2 and result.was_recovering and not result.recovered:
            self.hub.leave(self, sub)
            raise ClientError(codes.UNRECOVERABLE_POSITION)
        self._reply(id, result)
        if not self.over:
            self.hub.settle(entry)

    async def _permission(self, c: p.Subscribe) -> Grant:
        visitor, namespace = self._visitor(), self.session.options.namespace(c.channel)
        _, fence, allowed = c.channel.partition("#")
        if fence and not c.token:
            if visitor.user and visitor.user in allowed.split(","):
                return Grant()
            raise ClientError(codes.PERMISSION_DENIED)
        if namespace is not None and namespace.open_to_all and not c.channel.startswith("$"):
            return Grant()
        return await self._ask(self.hub.door.subscribe(visitor, c.channel, c.data, c.token))

    def _subscription(
        self, channel: str, grant: Grant, c: p.Subscribe, *, server_side: bool
    ) -> Subscription:
        namespace = self.session.options.namespace(channel)
        if namespace is None:
            raise ClientError(codes.UNKNOWN_CHANNEL)
        sub = Subscription(channel, namespace, server_side=server_side)
        sub.info = grant.info
        recoverable = (
            namespace.force_recovery if grant.recoverable is None else grant.recoverable
        )
        positioned = (
            namespace.force_positioning if grant.positioned is None else grant.positioned
        )
        sub.recoverable = recoverable and namespace.keeps
        sub.positioned = (positioned or recoverable) and namespace.keeps
        joins = namespace.force_push_join_leave or c.join_leave
        sub.tells_joins = namespace.join_leave and (
            joins if grant.join_leave is None else grant.join_leave
        )
        ttl = self._ttl(grant.expire_at)
        sub.expires_at = None if ttl is None else self.hub.clock() + ttl
        return sub

    async def _publish(self, id: int, c: p.Publish) -> None:
        sub = self.session.subscriptions.get(c.channel)
        data = c.data
        if sub is None or not sub.namespace.publish_for_subscriber:
            data = payload(
                await self._ask(self.hub.door.publish(self._visitor(), c.channel, data))
            )
        await self.hub.post(c.channel, data, info=self.info)
        self._reply(id, p.PublishResult())

    async def _history(self, id: int, c: p.ReadHistory) -> None:
        limits = self.session.options.limits
        limit = limits.recovery if c.limit < 0 else min(c.limit, limits.recovery)
        self._reply(
            id, await self.hub.history(c.channel, limit=limit, since=c.since, reverse=c.reverse)
        )

    async def _refresh(self, id: int, token: str) -> None:
        until = await self._ask(self.hub.door.refresh(self._visitor(), token))
        ttl = self._ttl(until)
        self.session.refreshed(None if ttl is None else self.hub.clock() + ttl)
        self.hub.watch(self)
        version = self.session.options.version
        self._reply(id, p.RefreshResult(self.client, version, ttl is not None, ttl or 0))

    async def _sub_refresh(self, id: int, c: p.SubRefresh) -> None:
        sub = self.session.subscriptions.get(c.channel)
        door = self.hub.door
        ttl = self._ttl(await self._ask(door.sub_refresh(self._visitor(), c.channel, c.token)))
        if sub is not None:
            sub.expires_at = None if ttl is None else self.hub.clock() + ttl
        self.hub.watch(self)
        self._reply(id, p.SubRefreshResult(ttl is not None, ttl or 0))

    def _lapse(self, channel: str) -> None:
        sub = self.session.subscriptions[channel]
        if sub.server_side:
            self.close(codes.SUBSCRIPTION_EXPIRED)
        else:
            self.remove(sub, codes.SUBSCRIPTION_OVER)

    async def _ask(self, question: Awaitable[T]) -> T:
        async with asyncio.timeout(self.session.options.limits.handler_timeout):
            return await question

    def _reply(self, id: int, result: p.Result) -> None:
        self.send(self.kind.codec.reply(id, result))

    def _visitor(self) -> Visitor:
        assert self.visitor is not None
        return self.visitor

    def _ttl(self, until: datetime | None) -> int | None:
        """Whole seconds until then.

        Raises:
            ClientError: it has passed.
        """
        if until is None:
            return None
        left = int((until - self.hub.wall_clock()).total_seconds())
        if left <= 0:
            raise ClientError(codes.EXPIRED)
        return left
