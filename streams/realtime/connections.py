"""The connections of this process: how many may come, who they are, how they are sent away."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from streams.realtime import codes
from streams.realtime.errors import Disconnect
from streams.realtime.options import Limits
from streams.realtime.rates import Bucket

if TYPE_CHECKING:
    from streams.realtime.peer import Peer

_BATCH = 200
_BREATH = 0.01
_WAIT = 2.0


class Connections:
    """Everyone connected here, by what they are asked for by."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.draining = False
        self.refused = 0
        self.users: dict[str, list[Peer]] = {}
        self._limits = limits
        self._clock = clock
        self._accepts = Bucket(limits.accepts_per_second, limits.accepts_burst, clock())
        self._all: set[Peer] = set()
        self._coming: Counter[str] = Counter()  # places kept for those who are let in just now
        self._sessions: dict[str, Peer] = {}
        self._addresses: Counter[str] = Counter()
        self._somebody_left = asyncio.Event()

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator["Peer"]:
        return iter(self._all)

    def accepts(self, address: str = "") -> bool:
        """Whether another connection may come in now, and from there."""
        most = self._limits.connections_per_address
        crowded = most and address and self._addresses[address] >= most
        if crowded or self.draining or not self._accepts.take(self._clock()):
            self.refused += 1
            return False
        return True

    @contextlib.contextmanager
    def arriving(self, address: str) -> Iterator[None]:
        """A connection is about to be opened from there: it counts from now on, and not only
        when the client has said all that it has to."""
        self._addresses[address] += 1
        try:
            yield
        finally:
            self._one_less(address)

    def opened(self, peer: "Peer") -> None:
        """A connection has been accepted."""
        self._all.add(peer)
        self._addresses[peer.address] += 1
        if peer.secret:
            self._sessions[peer.secret] = peer

    @contextlib.contextmanager
    def place(self, user: str) -> Iterator[None]:
        """One of the user's places is taken while the block runs, in which the connection is
        to be registered; what waits in it (the broker, say) lets no other in on the same.

        Raises:
            Disconnect: the user has as many connections here as they may.
        """
        most = self._limits.connections_per_user
        if not most or not user:
            yield
            return
        if len(self.users.get(user, ())) + self._coming[user] >= most:
            raise Disconnect(codes.CONNECTION_LIMIT)
        self._coming[user] += 1
        try:
            yield
        finally:
            self._coming[user] -= 1
            if not self._coming[user]:
                del self._coming[user]

    def register(self, peer: "Peer") -> None:
        """It is known by its user from now on."""
        self.users.setdefault(peer.info.user, []).append(peer)

    def of(self, user: str) -> list["Peer"]:
        """The connections of a user that are in."""
        return list(self.users.get(user, ())) if user else []

    @property
    def entered(self) -> int:
        """How many are in."""
        return sum(map(len, self.users.values()))

    def by_session(self, secret: str) -> "Peer | None":
        """The connection whose client knows this secret."""
        return self._sessions.get(secret) if secret else None

    def forget(self, peer: "Peer") -> None:
        """It takes no more part, though it may still be open. Repeating it is harmless."""
        self._sessions.pop(peer.secret, None)
        known = self.users.get(peer.info.user, [])
        if peer in known:
            known.remove(peer)
            if not known:
                del self.users[peer.info.user]

    def ended(self, peer: "Peer") -> None:
        """Its transport has ended. Repeating it is harmless."""
        if peer not in self._all:
            return
        self._all.discard(peer)
        self._one_less(peer.address)
        self._somebody_left.set()

    def _one_less(self, address: str) -> None:
        self._addresses[address] -= 1
        if not self._addresses[address]:
            del self._addresses[address]

    async def drain(self) -> None:
        """Send everybody away to come back elsewhere, a batch at a time over
        ``limits.drain`` seconds, and wait a little until they have hung up. May be
        repeated."""
        self.draining = True
        staying = [peer for peer in self._all if not peer.over]
        batches = [staying[i : i + _BATCH] for i in range(0, len(staying), _BATCH)]
        for batch in batches:
            for peer in batch:
                peer.close(codes.SHUTDOWN)
            if batch is not batches[-1]:
                await asyncio.sleep(max(_BREATH, self._limits.drain / len(batches)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_WAIT):
                while self._all:
                    self._somebody_left.clear()
                    await self._somebody_left.wait()
