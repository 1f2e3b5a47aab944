"""One client's conversation by the protocol's rules. No socket, no clock, no task.

Feed it frames with :meth:`Session.receive` and the passing of time with
:meth:`Session.on_time`; it says what to do, and is told how it went. Decisions come one at
a time and the next is only made when the last was performed, because clients send connect
and all their subscribes in one frame. Any bytes in any order are answered, never raised.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from streams.realtime import codes
from streams.realtime import protocol as p
from streams.realtime.codec import Codec
from streams.realtime.codes import Close
from streams.realtime.errors import ClientError, Undecodable
from streams.realtime.options import Namespace, Options
from streams.realtime.rates import Bucket


@dataclass(frozen=True, slots=True)
class Do:
    """Carry out the command, and reply under its number."""

    id: int
    request: p.Request


@dataclass(frozen=True, slots=True)
class Refuse:
    """Reply with the error."""

    id: int
    error: ClientError


@dataclass(frozen=True, slots=True)
class SendPing:
    """Ask whether the client is still there."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """The subscription has run out: tell the client, and take it out."""

    channel: str


Verdict = Close | int | None
BAD = codes.MALFORMED

Decision = Do | Refuse | SendPing | Lapse | Close


class Phase(Enum):
    """How far the conversation has got. ``UNUSABLE``: the connect was answered with an
    error, and the client has to come again on a new connection."""

    OPEN = "open"
    CONNECTED = "connected"
    UNUSABLE = "unusable"
    CLOSED = "closed"


class Subscription:
    """One channel that one client hears. Compared by identity: a client that leaves and
    comes back while we wait has a new one."""

    __slots__ = (
        "announced",
        "based",
        "before",
        "buffer",
        "channel",
        "delta",
        "epoch",
        "expires_at",
        "info",
        "namespace",
        "offset",
        "positioned",
        "presence",
        "recoverable",
        "server_side",
        "tells_joins",
    )

    def __init__(self, channel: str, namespace: Namespace, *, server_side: bool) -> None:
        self.channel = channel
        self.namespace = namespace
        self.server_side = server_side
        self.info = b""
        self.positioned = False
        self.recoverable = False
        self.tells_joins = namespace.force_push_join_leave
        self.announced = namespace.join_leave
        self.presence = namespace.presence
        self.delta = False
        self.based = False  # whether it has what the next patch is of
        self.before: bytes | None = None  # that, while it comes in
        self.offset = 0
        self.epoch = ""
        self.expires_at: float | None = None
        self.buffer: list[tuple[p.Publication, str]] | None = None


class Session:
    """The rules of one conversation."""

    __slots__ = (
        "_bucket",
        "_expires_at",
        "_ping_at",
        "_pong_by",
        "_refused",
        "_stale_at",
        "codec",
        "options",
        "phase",
        "pings",
        "subscriptions",
    )

    def __init__(
        self, codec: Codec, options: Options, now: float, *, pings: bool = True
    ) -> None:
        limits = options.limits
        self.codec = codec
        self.options = options
        self.pings = pings
        self.phase = Phase.OPEN
        self.subscriptions: dict[str, Subscription] = {}
        self._bucket = Bucket(limits.commands_per_second, limits.commands_burst, now)
        self._refused = 0
        self._stale_at = now + limits.stale
        self._ping_at: float | None = None
        self._pong_by: float | None = None
        self._expires_at: float | None = None

    # What arrives.

    def receive(self, frame: bytes, now: float) -> Iterator[Decision]:
        """What to do about a frame, one thing after the other."""
        if self.closed:
            return
        try:
            commands = self.codec.commands(frame)
        except Undecodable:
            yield self.close(codes.MALFORMED)
            return
        for command in commands:
            decision = self._decide(command, now)
            if decision is not None:
                yield decision
            if self.closed:
                return

    def _decide(self, command: p.Command, now: float) -> Decision | None:
        request = command.request
        if isinstance(request, p.Pong):
            if self._pong_by is None:
                return self.close(codes.MALFORMED)
            self._pong_by = None
            return None
        if command.id == 0 and not isinstance(request, p.Send):
            return self.close(codes.MALFORMED)
        connecting = isinstance(request, p.Connect)
        if connecting is not (self.phase is Phase.OPEN) or self.phase is Phase.UNUSABLE:
            return self.close(codes.MALFORMED)
        if isinstance(request, p.Send):  # which has no number that a refusal could name
            return self.close(codes.UNSUPPORTED)
        if not self._bucket.take(now):
            self._refused += 1
            if self._refused > self.options.limits.refusals or connecting:
                return self.close(codes.TOO_MANY)
            return Refuse(command.id, ClientError(codes.TOO_MANY_REQUESTS))
        return self._judge(command)

    def _judge(self, command: p.Command) -> Decision:
        match self._verdict(command.request):
            case Close() as close:
                return self.close(close)
            case int(code):
                return Refuse(command.id, ClientError(code))
            case None:
                return Do(command.id, command.request)

    def _verdict(self, request: p.Request) -> Verdict:
        """What the protocol itself says about it, before anybody is asked."""
        match request:
            case p.Connect():
                return self._on_connect(request)
            case p.Subscribe():
                return self._on_subscribe(request)
            case p.Unsubscribe(text) | p.Refresh(text):
                return None if text else codes.MALFORMED
            case p.SubRefresh(channel):
                known = channel in self.subscriptions
                return (None if known else codes.PERMISSION_DENIED) if channel else BAD
            case p.Publish() | p.Presence() | p.PresenceStats() | p.ReadHistory():
                return self._on_channel(request)
            case p.Ping():
                return codes.NOT_AVAILABLE
            case p.Illegible():
                return codes.BAD_REQUEST
            case p.Rpc() | p.Pong() | p.Send():
                return None

    def _on_connect(self, c: p.Connect) -> Verdict:
        if len(c.subs) > self.options.limits.channels_per_client:
            return codes.CHANNEL_LIMIT
        return BAD if len(c.name) > 16 or len(c.version) > 64 else None

    def _on_subscribe(self, c: p.Subscribe) -> Verdict:
        limits = self.options.limits
        rules: tuple[tuple[bool, Verdict], ...] = (
            (not c.channel, BAD),
            (c.type != 0, codes.NOT_AVAILABLE),
            (c.delta not in {"", "fossil"}, BAD),
            (not self.options.nameable(c.channel), codes.BAD_REQUEST),
            (c.channel in self.subscriptions, codes.ALREADY_SUBSCRIBED),
            (len(self.subscriptions) >= limits.channels_per_client, codes.LIMIT_EXCEEDED),
            (self.options.namespace(c.channel) is None, codes.UNKNOWN_CHANNEL),
        )
        return next((verdict for applies, verdict in rules if applies), None)

    def _on_channel(
        self, c: p.Publish | p.Presence | p.PresenceStats | p.ReadHistory
    ) -> Verdict:
        namespace = self.options.namespace(c.channel)
        if not c.channel:
            return BAD
        if not self.options.nameable(c.channel):
            return codes.BAD_REQUEST
        if namespace is None:
            return codes.UNKNOWN_CHANNEL
        anyone = False
        match c:
            case p.Publish(data=data):
                return None if data else BAD
            case p.Presence():
                anyone = namespace.presence_for_client
                known, allowed = namespace.presence, namespace.presence_for_subscriber
            case p.PresenceStats():
                anyone = namespace.presence_for_client
                allowed = namespace.presence_for_subscriber or namespace.stats_for_subscriber
                known = namespace.counted
            case p.ReadHistory():
                anyone = namespace.history_for_client
                known, allowed = namespace.keeps, namespace.history_for_subscriber
                if c.reverse and c.since is not None and not c.since.offset:
                    return codes.BAD_REQUEST
        if not known:
            return codes.NOT_AVAILABLE
        heard = allowed and c.channel in self.subscriptions
        return None if anyone or heard else codes.PERMISSION_DENIED

    # What became of it.

    @property
    def closed(self) -> bool:
        """Whether the conversation is over."""
        return self.phase is Phase.CLOSED

    def connected(self, now: float, jitter: float, expires_at: float | None) -> None:
        """The connect was accepted; the first ping goes out after that share of a period."""
        self.phase = Phase.CONNECTED
        self._expires_at = expires_at
        if self.pings:
            self._ping_at = now + jitter * self.options.limits.ping_interval

    def refused(self) -> None:
        """The connect was answered with an error."""
        self.phase = Phase.UNUSABLE

    def refreshed(self, expires_at: float | None) -> None:
        """The client brought a newer token."""
        self._expires_at = expires_at

    def close(self, close: Close) -> Close:
        """The conversation is over; nothing more is decided."""
        self.phase = Phase.CLOSED
        return close

    # What time brings.

    def on_time(self, now: float) -> list[Decision]:
        """What is due by now."""
        limits = self.options.limits
        if self.phase is Phase.CLOSED:
            return []
        if self.phase is not Phase.CONNECTED:
            return [self.close(codes.STALE)] if now >= self._stale_at else []
        if self._pong_by is not None and now >= self._pong_by:
            return [self.close(codes.NO_PONG)]
        if self._expires_at is not None and now >= self._expires_at + limits.expiry_grace:
            return [self.close(codes.CONNECTION_EXPIRED)]
        due: list[Decision] = [
            Lapse(sub.channel)
            for sub in self.subscriptions.values()
            if sub.expires_at is not None and now >= sub.expires_at + limits.expiry_grace
        ]
        if self._ping_at is not None and now >= self._ping_at:
            self._ping_at = now + limits.ping_interval
            self._pong_by = None if self.codec.one_way else now + limits.pong_timeout
            due.append(SendPing())
        return due

    @property
    def next_time(self) -> float | None:
        """When to call :meth:`on_time` again; none when the conversation is over."""
        if self.phase is Phase.CLOSED:
            return None
        if self.phase is not Phase.CONNECTED:
            return self._stale_at
        grace = self.options.limits.expiry_grace
        moments = [m for m in (self._ping_at, self._pong_by) if m is not None]
        if self._expires_at is not None:
            moments.append(self._expires_at + grace)
        moments += [
            sub.expires_at + grace
            for sub in self.subscriptions.values()
            if sub.expires_at is not None
        ]
        return min(moments, default=None)
