"""The relay: tells stored facts to those who react, and runs the jobs that reach outside.

A *reaction* ``(tx, event, *, now)`` runs in the transaction that marks its fact as told, so
its effect happens once. A *job* ``(resources, event, *, now)`` is leased, runs outside any
transaction, at least once, and is retried with growing pauses for three days, as long as a
provider may be away; after the last try it is parked, where staff see it. A *tick* is called
again and again by one process at a time.
"""

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from livecommerce.kernel import clock, events
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.events import Event
from livecommerce.kernel.wake import Wake

log = logging.getLogger(__name__)

Reaction = Callable[..., Awaitable[None]]
Job = Callable[..., Awaitable[None]]
Tick = tuple[float, Callable[..., Awaitable[object]]]
Reactions = Mapping[type[Event], Sequence[Reaction]]
Jobs = Mapping[type[Event], Sequence[Job]]

BATCH = 100
LEASE = timedelta(seconds=15)  # how long what a killed process was doing lies idle
TRIES = 1_200  # three days and a little
MANY = 12  # by now, after some minutes, a person should look
LONGEST = 300.0
AT_ONCE = 8
POLL = 0.5

_DUE = sa.text(
    "SELECT id, topic, body, attempts FROM kernel.outbox"
    " WHERE told_at IS NULL AND parked_at IS NULL AND (due_at IS NULL OR due_at <= :now)"
    " ORDER BY due_at NULLS FIRST, id LIMIT :most FOR UPDATE SKIP LOCKED"
)
_TOLD = sa.text("UPDATE kernel.outbox SET told_at = :now WHERE id = ANY(:ids)")
_FAILED = sa.text(
    "UPDATE kernel.outbox SET attempts = attempts + 1, due_at = :again, last_error = :error,"
    " parked_at = CASE WHEN attempts + 1 >= :tries THEN CAST(:now AS timestamptz) END"
    " WHERE id = :id"
)
_ENQUEUE = sa.text(
    "INSERT INTO kernel.job (outbox_id, listener, topic, body, run_at)"
    " SELECT o.id, :listener, o.topic, o.body, :now FROM kernel.outbox o WHERE o.id = :id"
    " ON CONFLICT (outbox_id, listener) DO NOTHING"
)
_LEASE = sa.text(
    "UPDATE kernel.job SET locked_until = :until, attempts = attempts + 1 WHERE id IN ("
    " SELECT id FROM kernel.job WHERE done_at IS NULL AND parked_at IS NULL"
    " AND run_at <= :now AND (locked_until IS NULL OR locked_until <= :now)"
    " ORDER BY run_at, id LIMIT :most FOR UPDATE SKIP LOCKED)"
    " RETURNING id, listener, topic, body, attempts"
)
_DONE = sa.text(
    "UPDATE kernel.job SET done_at = :now, locked_until = NULL"
    " WHERE id = :id AND attempts = :attempts"
)
_TRY_LOCK = sa.text("SELECT pg_try_advisory_lock(hashtextextended(:name, 1))")
_UNLOCK = sa.text("SELECT pg_advisory_unlock(hashtextextended(:name, 1))")
_RENEW = sa.text(
    "UPDATE kernel.job SET locked_until = :until WHERE id = :id AND attempts = :attempts"
    " AND done_at IS NULL"
)
_GIVE_BACK = sa.text(
    "UPDATE kernel.job SET locked_until = NULL WHERE id = :id AND attempts = :attempts"
    " AND done_at IS NULL"
)
_AGAIN = sa.text(
    "UPDATE kernel.job SET locked_until = NULL, run_at = :again, last_error = :error,"
    " parked_at = CASE WHEN attempts >= :tries THEN CAST(:now AS timestamptz) END"
    " WHERE id = :id AND attempts = :attempts"
)


class Relay:
    """Owns the telling of facts in one process. Any number of processes may each run one."""

    def __init__(self, db: Database, reactions: Reactions, jobs: Jobs, resources: Any) -> None:
        self._db = db
        self._reactions = reactions
        self._resources = resources
        self._jobs: dict[type[Event], dict[str, Job]] = defaultdict(dict)
        for kind, listeners in jobs.items():
            for job in listeners:
                self._jobs[kind][f"{job.__module__}.{job.__qualname__}"] = job

    async def drain(self, now: datetime, *, most: int = 1000) -> int:
        """Tell and do everything due at ``now``, and what comes of it; how much it was."""
        total = 0
        while total < most:
            done = await self.tell(now) + await self.work(now)
            if not done:
                break
            total += done
        return total

    async def tell(self, now: datetime) -> int:
        """Tell one batch of facts; returns how many."""
        async with self._db.begin() as tx:
            rows = (await tx.execute(_DUE, {"now": now, "most": BATCH})).all()
            told = [row.id for row in rows if await self._tell_one(tx, row, now)]
            if told:
                await tx.execute(_TOLD, {"now": now, "ids": told})
        return len(rows)

    async def _tell_one(self, tx: Tx, row: Any, now: datetime) -> bool:
        kind = events.of_topic(row.topic)
        try:
            if kind is None:
                raise LookupError(f"no such topic: {row.topic}")
            if not self._reactions.get(kind) and not self._jobs.get(kind):
                return True  # nobody listens (yet): told all the same
            event = kind.model_validate(row.body)
            async with tx.begin_nested():
                for reaction in self._reactions.get(kind, ()):
                    await reaction(tx, event, now=now)
                for listener in self._jobs.get(kind, ()):
                    values = {"id": row.id, "listener": listener, "now": now}
                    await tx.execute(_ENQUEUE, values)
        except Exception as error:
            log.exception("reaction failed", extra={"topic": row.topic, "outbox_id": row.id})
            values = {
                "id": row.id,
                "now": now,
                "again": now + _pause(row.attempts + 1),
                "error": type(error).__name__,
                "tries": TRIES,
            }
            await tx.execute(_FAILED, values)
            return False
        return True

    async def work(self, now: datetime, *, at_once: int = AT_ONCE) -> int:
        """Run one batch of jobs, several at a time, to their end; returns how many."""
        rows = await self._lease(now, at_once)
        await asyncio.gather(*(self._work_one(row, now) for row in rows))
        return len(rows)

    async def _lease(self, now: datetime, most: int) -> list[Any]:
        leased = {"now": now, "until": now + LEASE, "most": most}
        async with self._db.begin() as tx:
            return list((await tx.execute(_LEASE, leased)).all())

    async def _work_one(self, row: Any, now: datetime) -> None:
        kind = events.of_topic(row.topic)
        job = self._jobs[kind].get(row.listener) if kind is not None else None
        same = {"id": row.id, "attempts": row.attempts, "now": now}
        renewing = asyncio.create_task(self._renew(row))
        try:
            if kind is None or job is None:
                raise LookupError(f"nobody does {row.listener}")
            await job(self._resources, kind.model_validate(row.body), now=now)
        except asyncio.CancelledError:
            await self._give_back(row)
            raise
        except Exception as error:
            level = logging.ERROR if row.attempts >= MANY else logging.WARNING
            facts = {"listener": row.listener, "job_id": row.id, "attempts": row.attempts}
            log.log(level, "job failed: %s", row.listener, exc_info=True, extra=facts)
            again = now + _pause(row.attempts)
            values = {**same, "again": again, "error": type(error).__name__, "tries": TRIES}
            async with self._db.begin() as tx:
                await tx.execute(_AGAIN, values)
            return
        finally:
            renewing.cancel()
        async with self._db.begin() as tx:
            await tx.execute(_DONE, same)

    async def _renew(self, row: Any) -> None:
        """Keep the lease of a long job (making a replay) while this process lives."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            values = {"id": row.id, "attempts": row.attempts, "until": clock.utcnow() + LEASE}
            try:
                async with self._db.begin() as tx:
                    await tx.execute(_RENEW, values)
            except Exception as error:
                log.warning("a lease was not renewed: %s", type(error).__name__)

    async def _give_back(self, row: Any) -> None:
        """We are being stopped: whoever comes next need not wait for the lease to run out."""
        try:
            async with asyncio.timeout(1), self._db.begin() as tx:
                await tx.execute(_GIVE_BACK, {"id": row.id, "attempts": row.attempts})
        except Exception as error:
            log.warning("a lease was not given back: %s", type(error).__name__)

    async def run(self, wake: Wake, ticks: Sequence[Tick] = ()) -> None:
        """Tell and work until cancelled; heals by itself when the database comes back."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell_always(wake))
            group.create_task(self._work_always(wake))
            for seconds, tick in ticks:
                group.create_task(self._tick(seconds, tick))

    async def _tell_always(self, wake: Wake) -> None:
        mine = wake.subscribe()
        while True:
            mine.clear()
            try:
                while await self.tell(clock.utcnow()):
                    wake.now()  # telling a fact may have queued jobs
            except Exception as error:
                log.warning("relay waits: %s", type(error).__name__)
                await asyncio.sleep(POLL)
            await _woken(mine)

    async def _work_always(self, wake: Wake) -> None:
        """Keep up to AT_ONCE jobs running; a slow one does not hold up the others."""
        mine = wake.subscribe()
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                mine.clear()
                rows: list[Any] = []
                try:
                    if len(running) < AT_ONCE:
                        rows = await self._lease(clock.utcnow(), AT_ONCE - len(running))
                except Exception as error:
                    log.warning("jobs wait: %s", type(error).__name__)
                    await asyncio.sleep(POLL)
                for row in rows:
                    task = asyncio.create_task(self._work_one(row, clock.utcnow()))
                    running.add(task)
                    task.add_done_callback(running.discard)
                    task.add_done_callback(_told)
                    task.add_done_callback(lambda _: mine.set())
                await _woken(mine)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _tick(self, seconds: float, tick: Callable[..., Awaitable[object]]) -> None:
        name = f"{tick.__module__}.{tick.__qualname__}"
        while True:
            await asyncio.sleep(seconds * random.uniform(0.9, 1.1))  # noqa: S311
            try:
                await self.tick_once(name, tick, clock.utcnow())
            except Exception as error:
                log.warning("%s failed: %s", name, type(error).__name__, exc_info=True)

    async def tick_once(
        self, name: str, tick: Callable[..., Awaitable[object]], now: datetime
    ) -> None:
        """Call the tick, unless another process is at it."""
        # A lock of the session, not of a transaction: a tick may reach outside.
        async with self._db.connection() as connection:
            held = await connection.execution_options(isolation_level="AUTOCOMMIT")
            if not await held.scalar(_TRY_LOCK, {"name": name}):
                return
            try:
                await tick(self._resources, now=now)
            finally:
                await held.execute(_UNLOCK, {"name": name})


async def _woken(mine: asyncio.Event) -> None:
    """Until there may be news, or it is time to look anyway. Not by ``wait_for``: before
    Python 3.12 that forgets a cancellation which comes together with the news."""
    with suppress(TimeoutError):
        async with asyncio.timeout(POLL):
            await mine.wait()


def _told(task: asyncio.Task[None]) -> None:
    """Nothing a task raised goes unsaid; its lease runs out and the job is taken again."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("a job's outcome was not recorded: %s", type(error).__name__)


def _pause(attempts: int) -> timedelta:
    longest = min(2.0 ** min(attempts, 11) * 0.25, LONGEST)
    return timedelta(seconds=random.uniform(longest / 2, longest))  # noqa: S311
