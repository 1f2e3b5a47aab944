"""Work that repeats, owned by whoever runs it: it is restarted after a failure, never lost.

Monotonic time only; what is due at a wall-clock moment is not decided here.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

log = logging.getLogger(__name__)

Step = Callable[[], Awaitable[None]]


async def every(seconds: float, step: Step, name: str) -> None:
    """Take the step again and again; a step that fails is logged and the next one comes."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await step()
        except Exception:
            log.exception("a repeated step failed", extra={"step": name})


@asynccontextmanager
async def repeating(*steps: tuple[float, Step, str]) -> AsyncIterator[None]:
    """All the steps go on while the block runs, and have ended when it is left."""
    tasks = [
        asyncio.create_task(every(seconds, step, name), name=name)
        for seconds, step, name in steps
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
