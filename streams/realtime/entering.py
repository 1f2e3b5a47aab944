"""How a subscription comes in: listen first, then read what was missed, then merge.

Between reading and telling the client nothing may be awaited; so what is read is an
:class:`Entry`, and what the client is told is made of it in one breath.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.realtime import codes, deltas
from streams.realtime import protocol as p
from streams.realtime.broker import Broker
from streams.realtime.errors import Disconnect
from streams.realtime.options import Limits, RecoveryMode
from streams.realtime.recovery import merge, recover
from streams.realtime.session import Subscription

if TYPE_CHECKING:
    from streams.realtime.peer import Peer


@dataclass(frozen=True, slots=True)
class Entry:
    """A subscription on its way in: what history said, while news gathers in its buffer."""

    peer: "Peer"
    sub: Subscription
    asked: p.Position | None
    found: p.History
    data: bytes


async def missed(
    broker: Broker, limits: Limits, sub: Subscription, asked: p.Position | None
) -> p.History:
    """What the channel was told since the client's position; at least where it stands."""
    if not sub.positioned:
        return p.History((), 0, "")
    if asked is None:
        return await broker.history(sub.channel)
    if sub.namespace.recovery_mode is RecoveryMode.CACHE:
        return await broker.history(sub.channel, limit=1, reverse=True)
    since = p.Position(asked.offset, "")
    return await broker.history(sub.channel, limit=limits.recovery, since=since)


def outcome(entry: Entry, now: float) -> p.SubscribeResult:
    """What the client is told.

    Raises:
        Disconnect: what was heard meanwhile does not follow on what was read.
    """
    sub, found, asked = entry.sub, entry.found, entry.asked
    ttl = 0 if sub.expires_at is None else max(1, int(sub.expires_at - now))
    news, whole = merge(found.top, sub.buffer or ())
    if not whole:
        raise Disconnect(codes.INSUFFICIENT_STATE)
    sub.offset, sub.epoch = found.offset + len(news), found.epoch
    offset, said, recovered = sub.offset, list[p.Publication](), False
    if asked is not None:
        mode = sub.namespace.recovery_mode
        gap = recover(mode, asked, found)
        cached = mode is RecoveryMode.CACHE
        recovered = gap.whole or (cached and bool(news))
        if recovered:
            offset, said = asked.offset, [*gap.publications, *news]
            said = said[-1:] if cached else said
    if sub.delta:
        sub.based, sub.before = bool(said), said[-1].data if said else None
        said = deltas.recovered(said, entry.peer.kind.codec)
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
