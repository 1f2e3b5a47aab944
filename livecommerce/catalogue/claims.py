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
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from livecommerce.catalogue.errors import (
    ClaimsDown,
    KeyTaken,
    QueueFull,
    SoldOut,
    SpecialGone,
    TooMany,
)
from livecommerce.catalogue.line import Line, Waiting
from livecommerce.catalogue.queries import holds_by_key
from livecommerce.catalogue.rules import HoldState, claim_key
from livecommerce.catalogue.settle import Ask, Claim, Fate, Special, lock_specials, settle
from livecommerce.catalogue.wire import HoldOut
from livecommerce.kernel.db import Database, sqlstate
from livecommerce.kernel.errors import Problem

__all__ = ["Claim", "Claims", "Special"]

log = logging.getLogger(__name__)

SEVERAL_AT_ONCE = 4
MOST_SEVERAL = 500  # claims over several variants in hand; each holds up a transaction
_BAD_INPUT = ("22", "23")  # data exceptions, integrity violations: one member's fault


class Claims:
    """Takes claims and answers with durable holds.

    Args:
        hold_lasts: how long a hold stands before it lapses.
        most_waiting: how long a line may grow before newcomers are told to come back.
        answer_within: seconds; newcomers who would wait for longer are told so instead.
        settle_within: seconds before a stuck batch is given up.
        latch: seconds for which a sold-out variant's newcomers are answered without
            touching its row; a release elsewhere is noticed after at most that long.
    """

    def __init__(
        self,
        db: Database,
        *,
        hold_lasts: timedelta = timedelta(minutes=10),
        most_waiting: int = 20_000,
        answer_within: float = 10.0,
        settle_within: float = 10.0,
        latch: float = 0.2,
    ) -> None:
        self._db = db
        self._hold_lasts = hold_lasts
        self._most_waiting = most_waiting
        self._answer_within = answer_within
        self._settle_within = settle_within
        self._latch = latch
        self._lines: dict[str, Line] = {}
        self._several = asyncio.Semaphore(SEVERAL_AT_ONCE)
        self._in_several = 0
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
            SpecialGone: the special price that it wants alone cannot be had.
            TooMany: the buyer would have more than allowed.
            KeyTaken: the key was used for something else.
            QueueFull: the line is too long; it says at which place one would have stood,
                and how long that takes.
            ClaimsDown: the database did not settle it; the same key finds out.
        """
        self._must_be_open()
        line = self._lines.get(want.variant)
        if line is None:
            line = self._lines[want.variant] = Line(want.variant)
        ask = Ask.of(want, now=now, until=now + self._hold_lasts)
        entry = line.by_key.get(ask.key)
        if entry is None:
            entry = self._enqueue(line, ask)
        elif entry.ask.claim != want:
            raise KeyTaken(key=want.key)
        return await entry.asked()

    async def claim_all(self, wants: Sequence[Claim], now: datetime) -> list[HoldOut]:
        """A hold for each of ``wants``, or for none; they share one key.

        Rows are locked in the order of their ids; lines of one variant are summed.

        Raises:
            SoldOut, TooMany, KeyTaken, QueueFull, ClaimsDown: as :meth:`claim`.
        """
        if len(wants) == 1:
            return [await self.claim(wants[0], now)]
        self._must_be_open()
        if self._in_several >= MOST_SEVERAL:
            place = self._in_several + 1
            raise QueueFull(variant=wants[0].variant, place=place, wait_s=0.0, retry_after=1)
        until = now + self._hold_lasts
        asks = [Ask.of(want, now=now, until=until, position=i) for i, want in enumerate(wants)]
        self._in_several += 1
        try:
            async with self._several, asyncio.timeout(self._settle_within):
                found = await claim_several(self._db, asks)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise _down(error) from error
        finally:
            self._in_several -= 1
        return [_same(ask, found) for ask in asks]

    def _must_be_open(self) -> None:
        if not self._open:
            raise ClaimsDown("Claims are not being taken here.")

    def _enqueue(self, line: Line, ask: Ask) -> Waiting:
        entry = line.join(ask, most=self._most_waiting, within=self._answer_within)
        if line.flusher is None:
            line.flusher = asyncio.create_task(self._flush(line))
        return entry

    async def _flush(self, line: Line) -> None:
        """Settle batch after batch until nobody waits."""
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(self._settle_within):
                    connection = await stack.enter_async_context(self._db.connection())
                while batch := line.take():
                    await self._settle_batch(connection, line, batch)
        except BaseException as error:
            log.warning("claims of %s failed: %s", line.variant, type(error).__name__)
            for entry in list(line.by_key.values()):
                line.tell(entry, _down(error))
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
        self, connection: AsyncConnection, line: Line, batch: list[Waiting]
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
                    line.tell(entry, _down(still))

    async def _try(
        self, connection: AsyncConnection, line: Line, batch: list[Waiting]
    ) -> Exception | None:
        """Decide and answer; what went wrong, if nobody could be answered."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._settle_within):
                await self._decide(connection, line, batch)
            line.went(time.monotonic() - began)
        except Problem as problem:
            for entry in batch:
                line.tell(entry, problem)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            return error
        return None

    async def _decide(
        self, connection: AsyncConnection, line: Line, batch: list[Waiting]
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
        again: list[Waiting] = []
        for entry, fate in zip(batch, fates, strict=True):
            claim = entry.ask.claim
            if fate in {Fate.MADE, Fate.SPECIAL}:
                line.tell(entry, _made(entry.ask, fate))
            elif fate is Fate.GONE:
                line.tell(entry, _gone(entry.ask))
            elif entry.ask.key in found:
                line.tell(entry, _checked(entry.ask, found[entry.ask.key]))
            elif not entry.tried and left >= claim.count and len(batch) > 1:
                entry.tried = True  # somebody before it wanted more than there was
                again.append(entry)
            elif fate is Fate.LIMITED:
                most = claim.limit_per_buyer
                line.tell(entry, TooMany(variant=claim.variant, most=most))
            else:
                line.tell(entry, SoldOut(variant=claim.variant, left=left))
        line.queue.extendleft(reversed(again))


async def claim_several(db: Database, asks: Sequence[Ask]) -> dict[str, HoldOut]:
    """Holds for all of them in one transaction, or the ones their key already has.

    Raises:
        SoldOut, TooMany: one of them cannot be met, so none is.
    """
    first = asks[0].claim
    beyond = claim_key(first.buyer, first.key, len(asks), ours=first.ours)
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
            fates: dict[str, Fate] = {}
            async with connection.begin():
                await lock_specials(connection, asks)
                for variant, members in by_variant.items():
                    fates |= await _all_or_raise(connection, variant, members)
        except _Known:
            async with connection.begin():
                return await holds_by_key(connection, keys)
    return {ask.key: _made(ask, fates[ask.key]) for ask in asks}


class _Known(Exception):
    """Another process has just settled the same key."""


async def _all_or_raise(
    connection: AsyncConnection, variant: str, asks: list[Ask]
) -> dict[str, Fate]:
    settled = await settle(connection, variant, asks)
    for ask, fate in zip(asks, settled.fates, strict=True):
        if fate is Fate.KNOWN:
            raise _Known
        if fate is Fate.GONE:
            raise _gone(ask)
        if fate is Fate.LIMITED:
            raise TooMany(variant=variant, most=ask.claim.limit_per_buyer)
        if fate is Fate.SHORT:
            raise SoldOut(variant=variant, wanted=sum(ask.claim.count for ask in asks))
    return {ask.key: fate for ask, fate in zip(asks, settled.fates, strict=True)}


def _same(ask: Ask, found: dict[str, HoldOut]) -> HoldOut:
    hold = found.get(ask.key)
    answer = KeyTaken(key=ask.claim.key) if hold is None else _checked(ask, hold)
    if isinstance(answer, Problem):
        raise answer
    return answer


def _gone(ask: Ask) -> SpecialGone:
    special = ask.claim.special
    return SpecialGone(variant=ask.claim.variant, offer=special.id if special else None)


def _made(ask: Ask, fate: Fate) -> HoldOut:
    claim = ask.claim
    special = claim.special if fate is Fate.SPECIAL else None
    return HoldOut(
        id=ask.hold,
        variant=claim.variant,
        merchant=claim.merchant,
        live=claim.live,
        card=claim.card,
        count=claim.count,
        price=special.price if special else claim.price,
        state=HoldState.HELD,
        hold_until=ask.until,
        offer=special.id if special else None,
        normal=claim.price if special else None,
    )


def _checked(ask: Ask, hold: HoldOut) -> HoldOut | KeyTaken:
    """The stored hold, if it is for what is now asked."""
    same = hold.variant == ask.claim.variant and hold.count == ask.claim.count
    return hold if same else KeyTaken(key=ask.claim.key)


def _is_bad_input(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and (sqlstate(error) or "").startswith(_BAD_INPUT)


def _down(error: BaseException) -> ClaimsDown:
    return ClaimsDown(cause=type(error).__name__, retry_after=1)
