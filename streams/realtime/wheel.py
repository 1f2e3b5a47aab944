"""Deadlines of thousands of connections in one task: a bucket per second of time."""

import math
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Wheel(Generic[T]):
    """Remembers one moment per thing. A thing comes up within a second after its moment;
    one that is set again before comes up at the earlier of both, and may be set on."""

    def __init__(self, now: float) -> None:
        self._turned_to = math.floor(now)
        self._buckets: dict[int, set[T]] = {}

    def set(self, thing: T, moment: float) -> None:
        """Bring the thing up at that moment, or at the next turn if that has passed."""
        second = max(math.ceil(moment), self._turned_to + 1)
        self._buckets.setdefault(second, set()).add(thing)

    def turn(self, now: float) -> list[T]:
        """The things whose moment has come. All of them are out of the wheel on return, so
        that whatever happens to one keeps none of the others from being set again."""
        second, due = math.floor(now), list[T]()
        while self._turned_to < second:
            self._turned_to += 1
            due.extend(self._buckets.pop(self._turned_to, ()))
        return due
