"""Where a process may die between two steps, and dying there, once at each point.

A crash is no exception that anybody could catch and tidy up after: what the process held is
lost, its leases run out, and another process begins where the database stands.
"""

import functools
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from livecommerce.kernel.events import Event


class Moment(StrEnum):
    """Between which two steps."""

    NEVER = "never"
    ASKED = "asked"  # written down that we ask; the provider has not heard it
    ANSWERED = "answered"  # the provider has done it; its answer is not written down
    ARRIVED = "arrived"  # a message is here; it is not stored
    STORED = "stored"  # it is stored; nobody has told the provider that it is
    TOLD = "told"  # all that a fact means is written; the transaction has not ended
    DONE = "done"  # a job has come to its end; that is not written down


class Crash(BaseException):
    """The process is dead."""


class Dying:
    """Dies at each point of one moment, the first time that it comes by."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self.died: Counter[str] = Counter()

    def at(self, moment: str, what: str) -> bool:
        """Whether this is where it dies."""
        if moment != self.moment or self.died[what]:
            return False
        self.died[what] += 1
        return True

    def reactions(
        self, listeners: Mapping[type[Event], Sequence[Any]]
    ) -> dict[type[Event], list[Any]]:
        """The same, and after the last of each kind the process may die."""

        def last(kind: type[Event]) -> Callable[..., Awaitable[None]]:
            async def die(_tx: object, _event: Event, *, now: datetime) -> None:
                if self.at(Moment.TOLD, kind.__name__):
                    raise Crash

            return die

        return {kind: [*theirs, last(kind)] for kind, theirs in listeners.items() if theirs}

    def jobs(self, jobs: Mapping[type[Event], Sequence[Any]]) -> dict[type[Event], list[Any]]:
        """The same, and after each the process may die."""

        def deadly(job: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
            @functools.wraps(job)
            async def done(r: Any, event: Event, *, now: datetime) -> None:
                await job(r, event, now=now)
                if self.at(Moment.DONE, job.__qualname__):
                    raise Crash

            return done

        return {kind: [deadly(job) for job in theirs] for kind, theirs in jobs.items()}

    def gateway(self, gateway: Any) -> Any:
        """The same, and before and after each question the process may die."""
        return _Deadly(gateway, self)


class _Deadly:
    def __init__(self, gateway: Any, dying: Dying) -> None:
        self._gateway, self._dying = gateway, dying

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._gateway, name)
        if name in {"hear", "source", "close"} or name.startswith("_"):
            return asked

        async def ask(*args: Any, **more: Any) -> Any:
            if self._dying.at(Moment.ASKED, name):
                raise Crash
            answer = await asked(*args, **more)
            if self._dying.at(Moment.ANSWERED, name):
                raise Crash
            return answer

        return ask
