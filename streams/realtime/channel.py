"""A channel as this process knows it: who listens, and how they are told.

A publication is encoded once per encoding and written to every listener without waiting.
The first one after a quiet while goes out at once. While a flush took long (many listeners),
what follows is gathered for about as long again and goes out in one write per listener; so
idle rooms pay no delay and floods pay one system call for many messages. Who comes and goes
is told when the loop's turn is over: whoever is closed in the midst of a flush leaves the
channel, and that must not flush it again, nor make hundreds of frames of hundreds of leaves.

All positioned listeners share the channel's position, so nothing is compared per delivery.
Whoever joined ahead of it (history runs ahead of delivery in a distributed broker) waits in
``ahead`` until the others have caught up.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.realtime import codes
from streams.realtime.codes import Close
from streams.realtime.deltas import in_sequence, patches
from streams.realtime.errors import Untellable
from streams.realtime.figures import Spread
from streams.realtime.listeners import Group, Kind, Listener
from streams.realtime.options import Limits, Namespace
from streams.realtime.protocol import Join, Leave, Position, Publication, Push
from streams.realtime.session import Subscription


@dataclass(slots=True)
class Figures:
    """What has been done so far, for whoever watches."""

    deliveries: int = 0
    frames: int = 0
    bytes: int = 0
    flushes: int = 0
    publications: int = 0
    patches: int = 0
    slow: int = 0
    put_off: int = 0
    latency: Spread = field(default_factory=Spread)


class Way(NamedTuple):
    """How a group is told: who shares it is sent the very same bytes.

    ``delta``: it takes patches; ``based``: it has what the next patch is of.
    """

    kind: Kind
    tells_joins: bool
    delta: bool
    based: bool


_COMINGS = (Join, Leave)  # a union would be made anew for each question
Patches = list[bytes | None]
Ending = list[tuple[Listener, Close]]


class Channel:
    """The local side of one channel."""

    __slots__ = (
        "_before",
        "_limits",
        "_pending",
        "_since",
        "_soon",
        "_timer",
        "ahead",
        "epoch",
        "figures",
        "groups",
        "heard_at",
        "joining",
        "name",
        "namespace",
        "offset",
        "suspect",
        "told",
        "users",
    )

    def __init__(
        self, name: str, namespace: Namespace, limits: Limits, figures: Figures
    ) -> None:
        self.name = name
        self.namespace = namespace
        self.figures = figures
        self.groups: dict[Way, Group] = {}
        self.joining: set[Subscription] = set()
        self.users: dict[str, int] = {}  # who has come in, how often
        self.ahead: dict[Listener, Subscription] = {}
        self.offset: int | None = None  # what was last received
        self.told = 0  # what was last written to the groups
        self.epoch = ""
        self.heard_at = time.monotonic()
        self.suspect: Position | None = None
        self._limits = limits
        self._before: bytes | None = None  # what the next patch is of
        self._pending: list[Push] = []
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._soon: asyncio.Handle | None = None  # while nothing but comings is pending

    # Who listens.

    def listeners(self) -> Iterator[tuple[Listener, Subscription]]:
        """Everyone who has come in."""
        for group in self.groups.values():
            yield from group.items()
        yield from self.ahead.items()

    @property
    def empty(self) -> bool:
        """Whether nobody listens and nobody is about to."""
        return not (self.joining or self.ahead or any(self.groups.values()))

    def __len__(self) -> int:
        return sum(map(len, self.groups.values())) + len(self.ahead)

    def add(self, listener: Listener, sub: Subscription) -> bool:
        """It is told everything after its position; it was told everything before. Whether
        that can be promised: not if the others were let in further on, with what lies
        between still to come."""
        if sub.positioned and self.offset is not None and sub.epoch != self.epoch:
            self.lose()
            self.offset = self._before = None
        self.joining.discard(sub)
        sub.buffer = None
        if sub.positioned:
            if self.offset is None:
                self.offset = self.told = sub.offset
                self.epoch, self._before = sub.epoch, sub.before
            sub.before = None
            if sub.offset < self.offset:
                return False
        told_in_time = self._soon is not None or not self._pending
        if sub.positioned and not (told_in_time and sub.offset <= self.told):
            sub.based = False
            self.ahead[listener] = sub
        else:
            self._group(listener, sub).put(listener, sub)
        return True

    def remove(self, listener: Listener, sub: Subscription) -> bool:
        """It is told nothing more. Whether it had come in."""
        self.joining.discard(sub)
        if self.ahead.get(listener) is sub:
            del self.ahead[listener]
            return True
        group = self._group(listener, sub)
        if group.get(listener) is not sub:
            return False
        group.drop(listener)
        return True

    def came(self, user: str) -> None:
        """One more of the user's connections has come in."""
        self.users[user] = self.users.get(user, 0) + 1

    def went(self, user: str) -> None:
        """One of them has gone."""
        left = self.users[user] - 1
        if left:
            self.users[user] = left
        else:
            del self.users[user]

    def redirect(self, listener: Listener, sub: Subscription) -> None:
        """Its socket may be written to from now on, or no more."""
        group = self._group(listener, sub)
        if group.get(listener) is sub:
            group.put(listener, sub)

    def _group(self, listener: Listener, sub: Subscription) -> Group:
        way = Way(listener.kind, sub.tells_joins, sub.delta, sub.based)
        return self._told(way)

    def _told(self, way: Way) -> Group:
        group = self.groups.get(way)
        if group is None:
            group = self.groups[way] = Group()
        return group

    # What they are told.

    def receive(self, publication: Publication, epoch: str) -> None:
        """A publication from the broker, in order; a repeated one is dropped, and after a
        missing one everybody is told to recover."""
        offset = publication.offset
        if offset:
            if self.offset is not None:
                same_life = epoch == self.epoch or not self.epoch
                if same_life and offset <= self.offset:
                    return
                if not same_life or offset != self.offset + 1:
                    self.lose()
                    self._before = None
            self.offset, self.epoch = offset, epoch
            self.heard_at = time.monotonic()
        for sub in self.joining:
            if sub.buffer is not None:
                sub.buffer.append((publication, epoch))
        self.tell(publication)

    def tell(self, push: Push) -> None:
        """Write it at once, or with what else gathers until the next flush; a coming or
        going not before the caller is done."""
        if self.namespace.conflate and isinstance(push, Publication):
            self._pending = [p for p in self._pending if not isinstance(p, Publication)]
        if not self._pending:
            self._since = time.monotonic()
        self._pending.append(push)
        if self._timer is not None:
            return
        if isinstance(push, Publication):
            self.flush()
        elif self._soon is None:
            self._soon = asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Write what has gathered, then leave a pause in proportion to what it took."""
        if self._timer is not None or self._soon is not None:
            self._unset()
        pending, self._pending = self._pending, []
        if not pending:
            return
        started = time.monotonic()
        ending: Ending = []
        made = self._patches(pending) if self.namespace.delta else None
        for way, group in self.groups.items():
            if group:
                self._write(way, group, pending, made, ending)
        if self.namespace.delta:
            self._regroup()
        if self.offset is not None:
            self.told = self.offset
        if self.ahead:
            self._catch_up(pending, made, ending)
        for listener, close in ending:
            self.figures.slow += close is codes.SLOW
            listener.close(close)
        ended = time.monotonic()
        self._account(pending, ended)
        limits = self._limits
        pause = min(limits.window, (ended - started) * limits.window_share)
        if pause < limits.window_floor:
            pause = 0.0
        pause = max(pause, self.namespace.conflate)
        if pause:
            self._unset()  # who has just been closed leaves in the next flush, too
            self._timer = asyncio.get_running_loop().call_later(pause, self.flush)

    def _account(self, pending: Sequence[Push], ended: float) -> None:
        figures, last, said = self.figures, None, 0
        for push in pending:
            if isinstance(push, Publication):
                last, said = push, said + 1
        if last is not None:
            figures.publications += said
            figures.latency.add(ended - self._since)
            self._before = last.data if self.namespace.delta and last.offset else None
        figures.flushes += 1

    def _patches(self, pending: Sequence[Push]) -> Patches:
        taken = any(group for way, group in self.groups.items() if way.delta)
        taken = taken or any(sub.delta for sub in self.ahead.values())
        if not taken:
            return [None] * len(pending)
        made = patches(pending, self._before)
        self.figures.patches += len(made) - made.count(None)
        return made

    def _regroup(self) -> None:
        """Who has been told a whole publication can take patches from now on."""
        for way, group in list(self.groups.items()):
            if way.delta and not way.based and any(sub.based for sub in group.values()):
                group.move_to(self._told(way._replace(based=True)))

    def _write(
        self,
        way: Way,
        group: Group,
        pushes: Sequence[Push],
        made: Patches | None,
        ending: Ending,
    ) -> None:
        """The same bytes to each, waiting for none; who has to go is noted. ``made``: the
        patches of the pushes, where there are any."""
        codec, name = way.kind.codec, self.name
        if way.delta and made is not None:
            told = zip(pushes, made, strict=True)
            pushes = list(in_sequence(told, codec, based=way.based))
        if not way.tells_joins:
            pushes = [push for push in pushes if not isinstance(push, _COMINGS)]
        if not pushes:
            return
        try:
            frame = way.kind.frame(codec.join([codec.push(name, push) for push in pushes]))
        except Untellable:
            ending += [(listener, codes.INAPPROPRIATE_PROTOCOL) for listener in group]
            return
        for listener in group.write(frame, self._limits.queue_bytes):
            ending.append((listener, codes.SLOW))
        figures, count = self.figures, len(group)
        figures.frames += count
        figures.deliveries += count * len(pushes)
        figures.bytes += count * len(frame)
        if way.delta and not way.based and any(isinstance(p, Publication) for p in pushes):
            for sub in group.values():
                sub.based = True

    def _catch_up(self, pending: Sequence[Push], made: Patches | None, ending: Ending) -> None:
        """Let in those ahead of the others, now that the others have been told."""
        for listener, sub in list(self.ahead.items()):
            if sub.offset <= self.told:
                del self.ahead[listener]
                new = [i for i, push in enumerate(pending) if not _known(push, sub.offset)]
                news = [pending[i] for i in new]
                short = None if made is None else [made[i] for i in new]
                way = Way(listener.kind, sub.tells_joins, sub.delta, sub.based)
                alone = Group()
                alone.put(listener, sub)
                self._write(way, alone, news, short, ending)
                self._group(listener, sub).put(listener, sub)

    def behind(self, top: Position) -> bool:
        """Whether the stream went on without us: in another life, or for so long that what
        was missing at the last check has still not come."""
        missed, self.suspect = self.suspect, None
        if self.offset is None or top.epoch != self.epoch:
            return self.offset is not None
        if top.offset <= self.offset:
            self.heard_at = time.monotonic()
            return False
        self.suspect = top
        return missed is not None and missed.offset > self.offset

    def lose(self) -> None:
        """Something is missing: everybody who counts on positions has to recover."""
        self.flush()
        for listener, sub in list(self.listeners()):
            if sub.positioned:
                listener.lost(sub)

    def stop(self) -> None:
        """Nobody listens any more."""
        self._unset()
        self._pending.clear()

    def _unset(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None


def _known(push: Push, offset: int) -> bool:
    return isinstance(push, Publication) and 0 < push.offset <= offset
