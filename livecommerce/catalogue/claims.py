"""The coalescer: buyers of one variant are settled together, in the order they came.

One flusher per process and variant takes everything that waits, settles it in one
transaction and answers after the commit. There is no timer: the next batch is whatever came
while the last one was on its way, so a lone buyer waits for nobody and a thousand share one
lock and one fsync. Other processes may do the same on the same rows; SQL keeps it right,
batching keeps it fast.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from livecommerce.catalogue.errors import ClaimsDown, KeyTaken, QueueFull, SoldOut, TooMany
from livecommerce.catalogue.queries import holds_by_key
from livecommerce.catalogue.rules import HoldState, claim_key
from livecommerce.catalogue.settle import Ask, Claim, Fate, settle
from livecommerce.catalogue.wire import HoldOut
from livecommerce.kernel.db import Database, sqlstate
from livecommerce.kernel.errors import Problem

__all__ = ["Claim", "Claims"]

log = logging.getLogger(__name__)

BATCH = 256
_BAD_INPUT = ("22", "23")  # data exceptions, integrity violations: one member's fault


@dataclass(slots=True, eq=False)
class _Waiting:
    """One claim in line; a double click waits for the same answer."""

    ask: Ask
    answer: asyncio.Future[HoldOut]
    askers: int = 0
    tried: bool = False


@dataclass(slots=True)
class _Line:
    """Those who wait for one variant."""

    variant: str
    queue: deque[_Waiting] = field(default_factory=deque)
    by_key: dict[str, _Waiting] = field(default_factory=dict)
    flusher: asyncio.Task[None] | None = None
    sold_out_until: float = 0.0


class Claims:
    """Takes claims and answers with durable holds.

    Args:
        hold_lasts: how long a hold stands before it lapses.
        most_waiting: how long a line may grow before newcomers are told to come back.
        settle_within: seconds before a stuck batch is given up.
        latch: seconds for which a sold-out variant's newcomers are answered without
            touching its row; a release elsewhere is noticed after at most that long.
    """

    def __init__(
        self,
        db: Database,
        *,
        hold_lasts: timedelta = timedelta(minutes=10),
        most_waiting: int = 10_000,
        settle_within: float = 10.0,
        latch: float = 0.2,
    ) -> None:
        self._db = db
        self._hold_lasts = hold_lasts
        self._most_waiting = most_waiting
        self._settle_within = settle_within
        self._latch = latch
        self._lines: dict[str, _Line] = {}
        self._several = asyncio.Semaphore(4)
        self._open = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Claims"]:
        """Take claims inside the block; on leaving it, settle what waits, then close."""
        self._open = True
        try:
            yield self
        finally:
            self._open = False
            await self._finish()

    async def _finish(self) -> None:
        try:
            async with asyncio.timeout(self._settle_within):
                while tasks := self._flushers():
                    await asyncio.wait(tasks)
        except TimeoutError:
            for task in (tasks := self._flushers()):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _flushers(self) -> list[asyncio.Task[None]]:
        return [line.flusher for line in self._lines.values() if line.flusher is not None]

    def waiting(self, variant: str) -> int:
        """How many are in line for the variant."""
        line = self._lines.get(variant)
        return len(line.queue) if line else 0

    def reopen(self, variant: str) -> None:
        """Goods came back: look at the row again."""
        if line := self._lines.get(variant):
            line.sold_out_until = 0.0

    async def claim(self, want: Claim, now: datetime) -> HoldOut:
        """A durable hold for ``want``; the first answer again, if the key is known.

        Raises:
            SoldOut: fewer are left than wanted.
            TooMany: the buyer would have more than allowed.
            KeyTaken: the key was used for something else.
            QueueFull: the line is too long.
            ClaimsDown: the database did not settle it; the same key finds out.
        """
        self._must_be_open()
        line = self._lines.get(want.variant)
        if line is None:
            line = self._lines[want.variant] = _Line(want.variant)
        ask = Ask.of(want, now=now, until=now + self._hold_lasts)
        entry = line.by_key.get(ask.key)
        if entry is None:
            entry = self._enqueue(line, ask)
        elif entry.ask.claim != want:
            raise KeyTaken(key=want.key)
        entry.askers += 1
        try:
            return await asyncio.shield(entry.answer)
        finally:
            entry.askers -= 1

    async def claim_all(self, wants: Sequence[Claim], now: datetime) -> list[HoldOut]:
        """A hold for each of ``wants``, or for none; they share one key.

        Rows are locked in the order of their ids; lines of one variant are summed.

        Raises:
            SoldOut, TooMany, KeyTaken, ClaimsDown: as :meth:`claim`.
        """
        if len(wants) == 1:
            return [await self.claim(wants[0], now)]
        self._must_be_open()
        until = now + self._hold_lasts
        asks = [Ask.of(want, now=now, until=until, position=i) for i, want in enumerate(wants)]
        try:
            async with self._several, asyncio.timeout(self._settle_within):
                found = await claim_several(self._db, asks)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise _down(error) from error
        return [_same(ask, found) for ask in asks]

    def _must_be_open(self) -> None:
        if not self._open:
            raise ClaimsDown("Claims are not being taken here.")

    def _enqueue(self, line: _Line, ask: Ask) -> _Waiting:
        if len(line.queue) >= self._most_waiting:
            raise QueueFull(variant=line.variant, waiting=len(line.queue), retry_after=1)
        answer: asyncio.Future[HoldOut] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda told: told.cancelled() or told.exception())
        entry = line.by_key[ask.key] = _Waiting(ask, answer)
        line.queue.append(entry)
        if line.flusher is None:
            line.flusher = asyncio.create_task(self._flush(line))
        return entry

    async def _flush(self, line: _Line) -> None:
        """Settle batch after batch until nobody waits."""
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(self._settle_within):
                    connection = await stack.enter_async_context(self._db.connection())
                while batch := _take(line):
                    await self._settle_batch(connection, line, batch)
        except BaseException as error:
            log.warning("claims of %s failed: %s", line.variant, type(error).__name__)
            for entry in list(line.by_key.values()):
                _tell(line, entry, _down(error))
            line.queue.clear()
            if not isinstance(error, Exception):
                raise
        finally:
            line.flusher = None
            if line.queue:  # somebody came while the connection was being given back
                line.flusher = asyncio.create_task(self._flush(line))
            elif line.sold_out_until <= time.monotonic():
                self._lines.pop(line.variant, None)

    async def _settle_batch(
        self, connection: AsyncConnection, line: _Line, batch: list[_Waiting]
    ) -> None:
        """Settle and answer. After a failure once more: singly, if one of them is at fault,
        and together if the server is, since then all would fail or all succeed."""
        failed = await self._try(connection, line, batch)
        if failed is None:
            return
        log.warning("a batch of %d failed: %s", len(batch), type(failed).__name__)
        for again in [[entry] for entry in batch] if _is_bad_input(failed) else [batch]:
            if (still := await self._try(connection, line, again)) is not None:
                for entry in again:
                    _tell(line, entry, _down(still))

    async def _try(
        self, connection: AsyncConnection, line: _Line, batch: list[_Waiting]
    ) -> Exception | None:
        """Decide and answer; what went wrong, if nobody could be answered."""
        try:
            async with asyncio.timeout(self._settle_within):
                await self._decide(connection, line, batch)
        except Problem as problem:
            for entry in batch:
                _tell(line, entry, problem)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            return error
        return None

    async def _decide(
        self, connection: AsyncConnection, line: _Line, batch: list[_Waiting]
    ) -> None:
        latched = line.sold_out_until > time.monotonic()
        if latched:
            fates, left = [Fate.KNOWN] * len(batch), 0
        else:
            async with connection.begin():
                settled = await settle(connection, line.variant, [e.ask for e in batch])
            fates, left = settled.fates, settled.left
            if left == 0:
                line.sold_out_until = time.monotonic() + self._latch
        known = [e.ask.key for e, fate in zip(batch, fates, strict=True) if fate is Fate.KNOWN]
        found: dict[str, HoldOut] = {}
        if known:
            async with connection.begin():
                found = await holds_by_key(connection, known)
        again: list[_Waiting] = []
        for entry, fate in zip(batch, fates, strict=True):
            claim = entry.ask.claim
            if fate is Fate.MADE:
                _tell(line, entry, _made(entry.ask))
            elif entry.ask.key in found:
                _tell(line, entry, _checked(entry.ask, found[entry.ask.key]))
            elif not entry.tried and left >= claim.count and len(batch) > 1:
                entry.tried = True  # somebody before it wanted more than there was
                again.append(entry)
            elif fate is Fate.LIMITED:
                most = claim.limit_per_buyer
                _tell(line, entry, TooMany(variant=claim.variant, most=most))
            else:
                _tell(line, entry, SoldOut(variant=claim.variant, left=left))
        line.queue.extendleft(reversed(again))


async def claim_several(db: Database, asks: Sequence[Ask]) -> dict[str, HoldOut]:
    """Holds for all of them in one transaction, or the ones their key already has.

    Raises:
        SoldOut, TooMany: one of them cannot be met, so none is.
    """
    beyond = claim_key(asks[0].claim.buyer, asks[0].claim.key, len(asks))
    keys = [*(ask.key for ask in asks), beyond]
    by_variant: dict[str, list[Ask]] = {}
    for ask in sorted(asks, key=lambda ask: ask.claim.variant):
        by_variant.setdefault(ask.claim.variant, []).append(ask)
    async with db.connection() as connection:
        async with connection.begin():
            found = await holds_by_key(connection, keys)
        if found:
            return found
        try:
            async with connection.begin():
                for variant, members in by_variant.items():
                    await _all_or_raise(connection, variant, members)
        except _Known:
            async with connection.begin():
                return await holds_by_key(connection, keys)
    return {ask.key: _made(ask) for ask in asks}


class _Known(Exception):
    """Another process has just settled the same key."""


async def _all_or_raise(connection: AsyncConnection, variant: str, asks: list[Ask]) -> None:
    settled = await settle(connection, variant, asks)
    for ask, fate in zip(asks, settled.fates, strict=True):
        if fate is Fate.KNOWN:
            raise _Known
        if fate is Fate.LIMITED:
            raise TooMany(variant=variant, most=ask.claim.limit_per_buyer)
        if fate is Fate.SHORT:
            raise SoldOut(variant=variant, wanted=sum(ask.claim.count for ask in asks))


def _same(ask: Ask, found: dict[str, HoldOut]) -> HoldOut:
    hold = found.get(ask.key)
    answer = KeyTaken(key=ask.claim.key) if hold is None else _checked(ask, hold)
    if isinstance(answer, Problem):
        raise answer
    return answer


def _take(line: _Line) -> list[_Waiting]:
    """The next batch; those whose buyers all went away are left out."""
    batch: list[_Waiting] = []
    while line.queue and len(batch) < BATCH:
        entry = line.queue.popleft()
        if entry.askers:
            batch.append(entry)
        else:
            line.by_key.pop(entry.ask.key, None)
            entry.answer.cancel()
    return batch


def _tell(line: _Line, entry: _Waiting, answer: HoldOut | Problem) -> None:
    line.by_key.pop(entry.ask.key, None)
    if entry.answer.done():
        return
    if isinstance(answer, Problem):
        entry.answer.set_exception(answer)
    else:
        entry.answer.set_result(answer)


def _made(ask: Ask) -> HoldOut:
    claim = ask.claim
    return HoldOut(
        id=ask.hold,
        variant=claim.variant,
        merchant=claim.merchant,
        live=claim.live,
        card=claim.card,
        count=claim.count,
        price=claim.price,
        state=HoldState.HELD,
        hold_until=ask.until,
    )


def _checked(ask: Ask, hold: HoldOut) -> HoldOut | KeyTaken:
    """The stored hold, if it is for what is now asked."""
    same = hold.variant == ask.claim.variant and hold.count == ask.claim.count
    return hold if same else KeyTaken(key=ask.claim.key)


def _is_bad_input(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and (sqlstate(error) or "").startswith(_BAD_INPUT)


def _down(error: BaseException) -> ClaimsDown:
    return ClaimsDown(cause=type(error).__name__, retry_after=1)
