"""The line of those who wait for one variant: who is next, who is told, how long it takes."""

import asyncio
import math
from collections import deque
from dataclasses import dataclass, field

from livecommerce.catalogue.errors import QueueFull
from livecommerce.catalogue.settle import Ask
from livecommerce.catalogue.wire import HoldOut
from livecommerce.kernel.errors import Problem

BATCH = 256
WEIGHT = 0.2  # of a batch that was slower than those before


@dataclass(slots=True, eq=False)
class Waiting:
    """One claim in line. A double click waits for the same answer, each click by a future of
    its own: whoever goes away takes nobody's answer along, and no shield is paid for."""

    ask: Ask
    answers: list[asyncio.Future[HoldOut]] = field(default_factory=list)
    tried: bool = False

    def asked(self) -> asyncio.Future[HoldOut]:
        """The answer, for one who asks."""
        answer: asyncio.Future[HoldOut] = asyncio.get_running_loop().create_future()
        self.answers.append(answer)
        return answer


@dataclass(slots=True)
class Line:
    """Those who wait for one variant, in order of arrival.

    ``lap``: how long a batch takes lately, in seconds; nothing until one was settled.
    """

    variant: str
    queue: deque[Waiting] = field(default_factory=deque)
    by_key: dict[str, Waiting] = field(default_factory=dict)
    flusher: asyncio.Task[None] | None = None
    sold_out_until: float = 0.0
    lap: float = 0.0

    def join(self, ask: Ask, *, most: int, within: float) -> Waiting:
        """The claim's place at the end of the line.

        Raises:
            QueueFull: ``most`` wait already, or the last of them for longer than ``within``
                seconds; with the place that it would have been and when to come back. Whoever
                would be in the very next batch is always let in.
        """
        ahead = len(self.queue)
        if ahead >= most or (ahead >= BATCH and self.wait(ahead) > within):
            seconds = self.wait(ahead)
            raise QueueFull(
                variant=self.variant,
                place=ahead + 1,
                wait_s=round(seconds, 1),
                retry_after=max(1, math.ceil(seconds)),
            )
        entry = self.by_key[ask.key] = Waiting(ask)
        self.queue.append(entry)
        return entry

    def wait(self, ahead: int) -> float:
        """Seconds until somebody with so many before them is answered, as things go."""
        return (ahead // BATCH + 1) * self.lap

    def went(self, seconds: float) -> None:
        """A batch took so long. Slow to believe the worse, quick to believe the better: while
        a crowd comes in, its first batches share the processor with everybody's arrival."""
        self.lap = min(seconds, self.lap + WEIGHT * (seconds - self.lap))

    def take(self) -> list[Waiting]:
        """The next batch; those whose buyers all went away are left out."""
        batch: list[Waiting] = []
        while self.queue and len(batch) < BATCH:
            entry = self.queue.popleft()
            if all(answer.done() for answer in entry.answers):
                self.by_key.pop(entry.ask.key, None)
            else:
                batch.append(entry)
        return batch

    def tell(self, entry: Waiting, answer: HoldOut | Problem) -> None:
        """The answer, to everybody who asked with this key."""
        self.by_key.pop(entry.ask.key, None)
        for waiting in entry.answers:
            if waiting.done():  # they went away
                continue
            if isinstance(answer, Problem):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)
