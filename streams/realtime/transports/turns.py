"""Work that a crowd brings, done a little in every turn of the loop, so that whoever else asks
for something has their turn between.

When thousands come back at once, or are cut off at once, asyncio would do all that is ready in
one turn, and a purchase that needs ten turns would wait ten times for all of it. So that work
waits in line here. How much of it is done in a turn follows from the processor time that turns
take; by the clock on the wall, a machine busy with others would let in one at a time.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from weakref import WeakKeyDictionary

log = logging.getLogger(__name__)

TURN = 0.005
"""Seconds of processor time that a turn of the loop may take while there is a line."""
MOST = 64

Work = Callable[[], None]

_LINES: "WeakKeyDictionary[asyncio.AbstractEventLoop, Turns]" = WeakKeyDictionary()


def line() -> "Turns":
    """The line of this loop: who leaves and who comes share a turn."""
    loop = asyncio.get_running_loop()
    found = _LINES.get(loop)
    if found is None:
        found = _LINES[loop] = Turns()
    return found


class Turns:
    """A line of work. What is put first is done first.

    Args:
        clock: seconds of processor time.
    """

    def __init__(self, clock: Callable[[], float] = time.thread_time) -> None:
        self._clock = clock
        self._line: deque[Work] = deque()
        self._share = 4
        self._before = 0.0

    def __len__(self) -> int:
        return len(self._line)

    def put(self, work: Work) -> None:
        """Do it when its turn has come: in the next turn of the loop, if there is no line."""
        if not self._line:
            self._before = self._clock()
            asyncio.get_running_loop().call_soon(self._turn)
        self._line.append(work)

    def _turn(self) -> None:
        """A share of the line; a smaller one where the last turn took long, a larger one
        where it did not."""
        now = self._clock()
        long = now - self._before > TURN
        self._share = max(1, self._share // 2) if long else min(MOST, self._share + 1)
        self._before = now
        for _ in range(min(self._share, len(self._line))):
            work = self._line.popleft()
            try:
                work()
            except Exception:
                log.exception("a piece of a crowd's work failed")
        if self._line:
            asyncio.get_running_loop().call_soon(self._turn)
