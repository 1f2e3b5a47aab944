"""A budget of requests per endpoint, so that we wait here instead of being refused there."""

import asyncio
from collections import deque
from time import monotonic


class Budget:
    """At most ``per_second`` requests of each endpoint in any second, in order of asking.

    A sliding window rather than a bucket that refills: a bucket of n with n per second lets
    2n - 1 through in its first second, which is what the provider's limit forbids. The
    window is a little longer than a second, because requests bunch up on their way.
    """

    def __init__(self, per_second: int, *, window: float = 1.05) -> None:
        if per_second < 1:
            raise ValueError("a budget allows at least one request per second")
        self._size = per_second
        self._window = window
        self._sent: dict[str, deque[float]] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def take(self, endpoint: str) -> None:
        """Wait for our turn at ``endpoint``; those who came first go first."""
        sent = self._sent.setdefault(endpoint, deque(maxlen=self._size))
        async with self._turns.setdefault(endpoint, asyncio.Lock()):
            if len(sent) == self._size:
                wait = sent[0] + self._window - monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
            sent.append(monotonic())

    def refused(self, endpoint: str) -> None:
        """The provider counts otherwise and has refused one: the budget is spent as of now."""
        self._sent.setdefault(endpoint, deque(maxlen=self._size)).extend(
            [monotonic()] * self._size
        )
