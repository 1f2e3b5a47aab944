"""The door for webhooks: what comes at once is stored together, and answered once it is kept.

A transaction per message costs a flush of the log each, and telling the relay of it takes a
lock that all such transactions share: on a machine with a slow disk a provider that sends a
burst is answered too late and sends it again. Here one flusher per process takes whatever
waits, stores it in one transaction and answers after the commit. There is no timer: a lone
message waits for nobody.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from livecommerce.kernel.db import Database, sqlstate
from livecommerce.kernel.errors import Unavailable
from payments import inbox
from payments.gateway import Heard, PaymentGateway
from payments.inbox import Received

log = logging.getLogger(__name__)

_BAD_INPUT = ("22", "23")  # data exceptions, integrity violations: one member's fault


class IntakeFull(Unavailable):
    """Too many messages wait to be stored; send it again later."""


class NotStored(Unavailable):
    """The message could not be stored; send it again later."""


@dataclass(slots=True)
class _Waiting:
    heard: Heard
    at: datetime
    answer: "asyncio.Future[Received]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def tell(self, answer: Received | Exception) -> None:
        """Answer it, unless its sender has gone or has been answered."""
        if self.answer.done():
            return
        if isinstance(answer, Exception):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


class Intake:
    """Checks, stores and answers webhooks.

    Args:
        most_at_once: messages in one transaction.
        most_waiting: messages in hand before further ones are refused.
        store_within: seconds before a stuck transaction is given up.
    """

    def __init__(
        self,
        db: Database,
        gateway: PaymentGateway,
        *,
        most_at_once: int = 256,
        most_waiting: int = 5_000,
        store_within: float = 10.0,
    ) -> None:
        self._db = db
        self._gateway = gateway
        self._most_at_once = most_at_once
        self._most_waiting = most_waiting
        self._store_within = store_within
        self._queue: deque[_Waiting] = deque()
        self._flusher: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Intake"]:
        """Take messages inside the block; on leaving it, store what waits."""
        try:
            yield self
        finally:
            if self._flusher is not None:
                await asyncio.wait([self._flusher], timeout=2 * self._store_within)

    async def receive(
        self, raw: bytes, signature: str, *, now: datetime, connected: bool = False
    ) -> Received:
        """Check a webhook, and return when it is durably stored. A repeat is stored no second
        time, and not told again.

        Args:
            connected: it came by the endpoint of connected accounts.

        Raises:
            EndpointOff: no secret is set.
            Forged, Stale, Foreign: it is not to be believed.
            Unreadable: it is signed and still no event.
            IntakeFull, NotStored: it may come again.
        """
        heard = self._gateway.hear(raw, signature, now=now, connected=connected)
        if len(self._queue) >= self._most_waiting:
            raise IntakeFull(waiting=len(self._queue), retry_after=1)
        one = _Waiting(heard, now)
        self._queue.append(one)
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        return await one.answer

    async def _flush(self) -> None:
        batch: list[_Waiting] = []
        try:
            while self._queue:
                batch = [
                    self._queue.popleft()
                    for _ in range(min(len(self._queue), self._most_at_once))
                ]
                await self._store_batch(batch)
        finally:  # whatever ends us, nobody waits for ever
            self._flusher = None
            for one in (*batch, *self._queue):
                one.tell(NotStored(retry_after=1))
            self._queue.clear()

    async def _store_batch(self, batch: Sequence[_Waiting]) -> None:
        """Store together; after a failure that one of them may be guilty of, singly."""
        failed = await self._try(batch)
        if failed is None:
            return
        log.warning("storing %d messages failed: %s", len(batch), type(failed).__name__)
        alone = len(batch) > 1 and _is_bad_input(failed)
        for some in [[one] for one in batch] if alone else [batch]:
            still = await self._try(some) if alone else failed
            if still is not None:
                for one in some:
                    one.tell(NotStored(cause=type(still).__name__, retry_after=1))

    async def _try(self, batch: Sequence[_Waiting]) -> Exception | None:
        """Store and answer; what went wrong, if nobody could be answered."""
        try:
            async with asyncio.timeout(self._store_within), self._db.begin() as tx:
                stored = await inbox.store(tx, [(one.heard, one.at) for one in batch])
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            return error
        for one, received in zip(batch, stored, strict=True):
            one.tell(received)
        return None


def _is_bad_input(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and (sqlstate(error) or "").startswith(_BAD_INPUT)
