"""The courier: takes what is due, posts it, and records what came of it.

A delivery is a row that is leased while it is on its way. A process that dies between sending
and recording leaves the lease to run out, and the event is sent again under the same id: it
may come twice, it is never lost. Each endpoint has a few places, so a slow one waits for
itself; those that are failing share places of their own, one each, so that a hundred dead
ones hold up nobody who lives.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from livecommerce.kernel import clock
from livecommerce.kernel.db import Database
from livecommerce.kernel.wake import Wake
from livecommerce.webhooks import actions, signing
from livecommerce.webhooks.sender import Sender

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)  # four times as long as a try may take
POLL: Final = 0.5


@dataclass(slots=True)
class Lane:
    """Places for endpoints that are well, or for those that are failing."""

    failing: bool
    most: int
    each: int
    running: set[asyncio.Task[None]] = field(default_factory=set)


_LEASE = sa.text(
    """
    WITH due AS (
      SELECT d.id FROM commerce.webhook_endpoint e
      CROSS JOIN LATERAL (
        SELECT count(*) AS busy FROM commerce.webhook_delivery
         WHERE endpoint_id = e.id AND state = 'waiting' AND locked_until > :now) b
      CROSS JOIN LATERAL (
        SELECT id, next_at FROM commerce.webhook_delivery
         WHERE endpoint_id = e.id AND state = 'waiting' AND next_at <= :now
           AND (locked_until IS NULL OR locked_until <= :now)
         ORDER BY next_at, id LIMIT greatest(:each - b.busy, 0)
         FOR UPDATE SKIP LOCKED) d
      WHERE e.state = 'on' AND (e.failing_since IS NOT NULL) = :failing
      ORDER BY d.next_at, d.id LIMIT :most),
    leased AS (
      UPDATE commerce.webhook_delivery SET locked_until = :until, tries = tries + 1
       WHERE id IN (SELECT id FROM due)
      RETURNING id, endpoint_id, event_id, tries)
    SELECT leased.id, leased.tries, leased.endpoint_id, leased.event_id,
           e.url, e.generation, e.old_until, v.body
      FROM leased
      JOIN commerce.webhook_endpoint e ON e.id = leased.endpoint_id
      JOIN commerce.webhook_event v ON v.id = leased.event_id
     ORDER BY leased.event_id
    """
)
_GIVE_BACK = sa.text(
    "UPDATE commerce.webhook_delivery SET locked_until = NULL, tries = tries - 1"
    " WHERE id = :id AND tries = :tries AND state = 'waiting'"
)


class Courier:
    """Owns the sending of one process. Any number of processes may each run one."""

    def __init__(self, db: Database, sender: Sender, *, secret: str) -> None:
        self._db = db
        self._sender = sender
        self._secret = secret
        self._lanes = (Lane(False, most=32, each=4), Lane(True, most=16, each=1))

    async def drain(self, now: datetime, *, most: int = 1000) -> int:
        """Send everything due at ``now``, to its end; how many tries that took."""
        total = 0
        while total < most:
            rows = [row for lane in self._lanes for row in await self._lease(lane, now)]
            if not rows:
                break
            await asyncio.gather(*(self._deliver(row, now) for row in rows))
            total += len(rows)
        return total

    async def run(self, wake: Wake) -> None:
        """Send until cancelled; heals by itself when the database comes back."""
        mine = wake.subscribe()
        try:
            while True:
                mine.clear()
                for lane in self._lanes:
                    for row in await self._lease_or_wait(lane):
                        self._start(lane, row, mine)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await mine.wait()
        finally:
            running = [task for lane in self._lanes for task in lane.running]
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _start(self, lane: Lane, row: Any, mine: asyncio.Event) -> None:
        task = asyncio.create_task(self._deliver(row, clock.utcnow()))
        lane.running.add(task)
        task.add_done_callback(lane.running.discard)
        task.add_done_callback(_unrecorded)
        task.add_done_callback(lambda _: mine.set())

    async def _lease_or_wait(self, lane: Lane) -> Sequence[Any]:
        try:
            return await self._lease(lane, clock.utcnow())
        except Exception as error:
            log.warning("webhooks wait: %s", type(error).__name__)
            await asyncio.sleep(POLL)
            return ()

    async def _lease(self, lane: Lane, now: datetime) -> Sequence[Any]:
        free = lane.most - len(lane.running)
        if free <= 0:
            return ()
        values = {"now": now, "until": now + LEASE, "failing": lane.failing}
        async with self._db.begin() as tx:
            return (await tx.execute(_LEASE, {**values, "each": lane.each, "most": free})).all()

    async def _deliver(self, row: Any, now: datetime) -> None:
        generations = [row.generation]
        if row.old_until is not None and row.old_until > now:
            generations.append(row.generation - 1)
        secrets = [signing.secret_of(self._secret, row.endpoint_id, g) for g in generations]
        headers = signing.signed(secrets, event=row.event_id, body=row.body, now=now)
        try:
            outcome = await self._sender.post(row.url, row.body, headers)
        except asyncio.CancelledError:
            await self._give_back(row)
            raise
        async with self._db.begin() as tx:
            await actions.record(
                tx,
                row.id,
                row.tries,
                outcome,
                chance=random.random(),  # noqa: S311
                now=now + timedelta(milliseconds=outcome.ms),
            )

    async def _give_back(self, row: Any) -> None:
        """We are being stopped: whoever comes next need not wait for the lease to run out."""
        try:
            async with asyncio.timeout(1), self._db.begin() as tx:
                await tx.execute(_GIVE_BACK, {"id": row.id, "tries": row.tries})
        except Exception as error:
            log.warning("a delivery was not given back: %s", type(error).__name__)


def _unrecorded(task: asyncio.Task[None]) -> None:
    """Nothing a task raised goes unsaid; its lease runs out and the event is sent again."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("a delivery's outcome was not recorded: %s", type(error).__name__)
