"""Answers that are dear to get and may be a moment old: got once, given to all who ask."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_MANY = 1000


@dataclass(slots=True)
class _Answer(Generic[T]):
    task: "asyncio.Task[T]"
    since: float


class Lately(Generic[T]):
    """One question under way per name, and its answer for everybody until it is too old.

    Args:
        ask: gets the answer for a name.
        lasts: for how long, in seconds from the question on, an answer is given.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        ask: Callable[[str], Awaitable[T]],
        *,
        lasts: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._lasts = lasts
        self._clock = clock
        self._known: dict[str, _Answer[T]] = {}

    async def of(self, name: str) -> T:
        """The answer.

        Raises:
            Exception: whatever the question did; the next one asks again.
        """
        now, known = self._clock(), self._known.get(name)
        if known is None or not self._holds(known, now):
            if len(self._known) >= _MANY:
                self._known = {n: a for n, a in self._known.items() if self._holds(a, now)}
            known = _Answer(asyncio.ensure_future(self._get(name)), now)
            self._known[name] = known
        # Whoever gives up waiting takes the answer away from nobody else.
        return await asyncio.shield(known.task)

    async def _get(self, name: str) -> T:
        return await self._ask(name)

    def _holds(self, known: _Answer[T], now: float) -> bool:
        task = known.task
        if not task.done():
            return True
        return (
            not task.cancelled()
            and task.exception() is None
            and now < known.since + self._lasts
        )
