"""What a client's commands do: each asks the door and the broker, and replies.

After every question the connection may have ended, or the subscription been replaced by a
newer one of the same channel; so both are looked at before anything is said.
"""

import asyncio
import random
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from streams.realtime import codes
from streams.realtime import protocol as p
from streams.realtime.door import Admitted, Grant, Visitor
from streams.realtime.errors import ClientError, Disconnect
from streams.realtime.json_codec import payload
from streams.realtime.session import Subscription

if TYPE_CHECKING:
    from streams.realtime.entering import Entry
    from streams.realtime.peer import Peer

T = TypeVar("T")


async def carry_out(peer: "Peer", id: int, request: p.Request) -> None:
    """Do what is asked, and reply under the number.

    Raises:
        ClientError: it is refused, or failed in a way the client can be told.
        Disconnect: the connection has to end.
    """
    match request:
        case p.Connect():
            await _connect(peer, id, request)
        case p.Subscribe():
            await _subscribe(peer, id, request)
        case p.Unsubscribe(channel):
            sub = peer.session.subscriptions.get(channel)
            if sub is not None:
                peer.hub.leave(peer, sub)
            _reply(peer, id, p.UnsubscribeResult())
        case p.Publish():
            await _publish(peer, id, request)
        case p.Rpc(method, data):
            answer = await _ask(peer, peer.hub.door.rpc(_visitor(peer), method, data))
            _reply(peer, id, p.RpcResult(_raw(peer, answer)))
        case p.Presence(channel):
            _reply(peer, id, p.PresenceResult(await peer.hub.present(channel)))
        case p.PresenceStats(channel):
            nodes = peer.hub.nodes
            ask = peer.hub.presence_stats if nodes is None else nodes.lately
            stats = await ask(channel)
            _reply(peer, id, p.PresenceStatsResult(stats.num_clients, stats.num_users))
        case p.ReadHistory():
            await _history(peer, id, request)
        case p.Refresh(token):
            await _refresh(peer, id, token)
        case p.SubRefresh():
            await _sub_refresh(peer, id, request)
        case p.Send() | p.Ping() | p.Pong() | p.Illegible():
            raise AssertionError("the session answers these itself")


async def _connect(peer: "Peer", id: int, c: p.Connect) -> None:
    want, peer.want = peer.want, None
    assert want is not None
    codec, session = peer.kind.codec, peer.session
    want = replace(
        want,
        token=c.token,
        data=c.data,
        claimed=c.headers,
        client=peer.client,
        protocol=codec.name,
        name=c.name,
        version=c.version,
        channels=tuple(c.subs),
    )
    admitted = await _ask(peer, peer.hub.door.connect(want))
    if len(admitted.subs) >= session.options.limits.channels_per_client:
        raise Disconnect(codes.CHANNEL_LIMIT)
    peer.visitor = Visitor(
        peer.client,
        admitted.user,
        admitted.info,
        want.address,
        admitted.meta,
        want.transport,
        want.protocol,
    )
    with peer.hub.connected.place(admitted.user):
        await _come_in(peer, id, c, admitted)


async def _come_in(peer: "Peer", id: int, c: p.Connect, admitted: Admitted) -> None:
    codec, session = peer.kind.codec, peer.session
    entries = await _enter_own_channels(peer, c, admitted)
    if peer.over:
        return
    now = peer.hub.clock()
    ttl = _ttl(peer, admitted.expire_at)
    result = p.ConnectResult(
        client=peer.client,
        version=session.options.version,
        expires=ttl is not None,
        ttl=ttl or 0,
        data=admitted.data,
        subs={entry.sub.channel: peer.hub.result(entry) for entry in entries},
        ping=int(session.options.limits.ping_interval) if session.pings else 0,
        pong=session.pings and not codec.one_way,
        session=peer.secret,
        node=peer.hub.node if peer.secret else "",
    )
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 -- spreads pings, guards nothing
    session.connected(now, jitter, None if ttl is None else now + ttl)
    peer.hub.register(peer)
    _reply(peer, id, result)
    for entry in entries:
        if not peer.over:
            peer.hub.settle(entry)


async def _enter_own_channels(peer: "Peer", c: p.Connect, admitted: Admitted) -> list["Entry"]:
    """The subscriptions that are made from our side, each where the client left it. A
    client that cannot subscribe names what it wants in its connect."""
    grants = dict(admitted.subs)
    personal = peer.session.options.personal_channel(admitted.user)
    if personal is not None:
        grants.setdefault(personal, Grant())
    if peer.kind.codec.one_way:
        for channel in c.subs:
            if channel not in grants:
                grants[channel] = await _permission(peer, p.Subscribe(channel))
    entries = []
    for channel, grant in grants.items():
        sub = subscription(peer, p.Subscribe(channel), grant, server_side=True)
        left = c.subs.get(channel)
        asked = p.Position(left.offset, left.epoch) if left and left.recover else None
        entries.append(await peer.hub.enter(peer, sub, asked, grant.data))
    return entries


async def _subscribe(peer: "Peer", id: int, c: p.Subscribe) -> None:
    grant = await _permission(peer, c)
    if peer.over:
        return
    sub = subscription(peer, c, grant, server_side=False)
    asked = p.Position(c.offset, c.epoch) if c.recover else None
    entry = await peer.hub.enter(peer, sub, asked, grant.data)
    if peer.over or peer.session.subscriptions.get(c.channel) is not sub:
        return
    result = peer.hub.result(entry)
    if c.flag & 2 and result.was_recovering and not result.recovered:
        peer.hub.leave(peer, sub)
        raise ClientError(codes.UNRECOVERABLE_POSITION)
    _reply(peer, id, result)
    if not peer.over:
        peer.hub.settle(entry)


async def _permission(peer: "Peer", c: p.Subscribe) -> Grant:
    visitor, options = _visitor(peer), peer.session.options
    if not options.nameable(c.channel):
        raise ClientError(codes.BAD_REQUEST)
    namespace, given = options.namespace(c.channel), c.token or c.channel.startswith("$")
    before, fence, allowed = c.channel.partition("#")
    if fence and not c.token:
        if c.channel == options.personal_channel(visitor.user):
            return Grant()
        limited = namespace is not None and namespace.user_limited
        if limited and visitor.user and visitor.user in allowed.split(","):
            return Grant()
        if limited or before in {"", "$"}:  # somebody's own, to whom nobody else is let in
            raise ClientError(codes.PERMISSION_DENIED)
    if namespace is not None and namespace.open_to_all and not given:
        return Grant()
    return await _ask(peer, peer.hub.door.subscribe(visitor, c.channel, c.data, c.token))


def subscription(
    peer: "Peer", c: p.Subscribe, grant: Grant, *, server_side: bool
) -> Subscription:
    """The subscription that the grant makes of the wish.

    Raises:
        ClientError: there is no such namespace, or the grant has run out.
    """
    namespace = peer.session.options.namespace(c.channel)
    if namespace is None:
        raise ClientError(codes.UNKNOWN_CHANNEL)
    sub = Subscription(c.channel, namespace, server_side=server_side)
    sub.info = grant.info
    recoverable = _or(grant.recoverable, namespace.force_recovery)
    positioned = _or(grant.positioned, namespace.force_positioning)
    sub.recoverable = recoverable and namespace.keeps
    sub.positioned = (positioned or recoverable) and namespace.keeps
    sub.presence = _or(grant.presence, namespace.presence)
    forced = _or(grant.force_push_join_leave, namespace.force_push_join_leave)
    sub.announced = _or(grant.join_leave, namespace.join_leave)
    sub.tells_joins = sub.announced and (forced or c.join_leave)
    sub.delta = c.delta == "fossil" and namespace.delta and sub.positioned
    ttl = _ttl(peer, grant.expire_at)
    sub.expires_at = None if ttl is None else peer.hub.clock() + ttl
    return sub


def _or(given: bool | None, otherwise: bool) -> bool:
    return otherwise if given is None else given


async def _publish(peer: "Peer", id: int, c: p.Publish) -> None:
    sub, data = peer.session.subscriptions.get(c.channel), c.data
    namespace = peer.session.options.namespace(c.channel)
    heard = sub is not None and sub.namespace.publish_for_subscriber
    if not (heard or (namespace is not None and namespace.publish_for_client)):
        asked = peer.hub.door.publish(_visitor(peer), c.channel, data)
        data = _raw(peer, await _ask(peer, asked))
    await peer.hub.post(c.channel, data, info=peer.info)
    _reply(peer, id, p.PublishResult())


async def _history(peer: "Peer", id: int, c: p.ReadHistory) -> None:
    limits = peer.session.options.limits
    limit = limits.recovery if c.limit < 0 else min(c.limit, limits.recovery)
    found = await peer.hub.history(c.channel, limit=limit, since=c.since, reverse=c.reverse)
    _reply(peer, id, found)


async def _refresh(peer: "Peer", id: int, token: str) -> None:
    ttl = _ttl(peer, await _ask(peer, peer.hub.door.refresh(_visitor(peer), token)))
    peer.session.refreshed(None if ttl is None else peer.hub.clock() + ttl)
    peer.hub.watch(peer)
    version = peer.session.options.version
    _reply(peer, id, p.RefreshResult(peer.client, version, ttl is not None, ttl or 0))


async def _sub_refresh(peer: "Peer", id: int, c: p.SubRefresh) -> None:
    sub = peer.session.subscriptions.get(c.channel)
    asked = peer.hub.door.sub_refresh(_visitor(peer), c.channel, c.token)
    ttl = _ttl(peer, await _ask(peer, asked))
    if sub is not None:
        sub.expires_at = None if ttl is None else peer.hub.clock() + ttl
    peer.hub.watch(peer)
    _reply(peer, id, p.SubRefreshResult(ttl is not None, ttl or 0))


async def _ask(peer: "Peer", question: Awaitable[T]) -> T:
    async with asyncio.timeout(peer.session.options.limits.handler_timeout):
        return await question


def _reply(peer: "Peer", id: int, result: p.Result) -> None:
    peer.send(peer.kind.codec.reply(id, result))


def _visitor(peer: "Peer") -> Visitor:
    assert peer.visitor is not None
    return peer.visitor


def _raw(peer: "Peer", answer: Mapping[str, Any] | bytes | None) -> bytes:
    """The door's words as a payload; bytes that need not be JSON are left alone."""
    if isinstance(answer, bytes) and (not answer or not peer.kind.codec.embeds):
        return answer
    return b"" if answer is None else payload(answer)


def _ttl(peer: "Peer", until: datetime | None) -> int | None:
    """Whole seconds until then.

    Raises:
        ClientError: it has passed.
    """
    if until is None:
        return None
    left = int((until - peer.hub.wall_clock()).total_seconds())
    if left <= 0:
        raise ClientError(codes.EXPIRED)
    return left
