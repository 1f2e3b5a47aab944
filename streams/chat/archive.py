"""Keeps what is said, behind the room: gathered in memory, written in batches.

The room never waits for the database. The queue is bounded: when the database has been away
for so long that it is full, nothing more is said rather than said and lost.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby, islice

from sqlalchemy.dialects.postgresql import insert

from livecommerce.kernel.db import Database
from streams.chat.errors import ArchiveFull
from streams.chat.tables import ChatMessage, ChatReview
from streams.ticks import repeating

log = logging.getLogger(__name__)

Row = ChatMessage | ChatReview


class Archive:
    """What was said on its way to ``streams.chat_message``, and what waits or was refused to
    ``streams.chat_review``.

    Args:
        db: where they are kept.
        bound: how many may wait.
        batch: how many are written in one transaction.
        seconds: how long they wait at most while all is well.
    """

    def __init__(
        self, db: Database, *, bound: int = 20_000, batch: int = 500, seconds: float = 0.5
    ) -> None:
        self._db = db
        self._bound = bound
        self._batch = batch
        self._seconds = seconds
        self._waiting: deque[Row] = deque()
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Archive"]:
        """Messages are written while the block runs, and the last of them when it ends."""
        async with repeating((self._seconds, self.flush, "chat: archive")):
            try:
                yield self
            finally:
                await self.flush()

    def add(self, row: Row) -> None:
        """Take a message.

        Raises:
            ArchiveFull: too many wait already.
        """
        if len(self._waiting) >= self._bound:
            log.error("the chat archive is full", extra={"waiting": len(self._waiting)})
            raise ArchiveFull()
        self._waiting.append(row)

    async def flush(self) -> None:
        """Return when everything taken so far is kept. What fails stays and comes again;
        a row that was written after all is not written twice."""
        async with self._writing:
            while self._waiting:
                rows = list(islice(self._waiting, self._batch))
                async with self._db.begin() as tx:
                    for table, alike in groupby(rows, type):
                        values = [row.model_dump() for row in alike]
                        await tx.execute(insert(table).on_conflict_do_nothing(), values)
                for _ in rows:
                    self._waiting.popleft()

    @property
    def waiting(self) -> int:
        """How many are not kept yet."""
        return len(self._waiting)
