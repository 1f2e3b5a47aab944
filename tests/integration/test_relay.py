"""Facts are told after they are true, have their effect once, and are never lost."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.events import Event
from livecommerce.kernel.outbox import emit
from livecommerce.kernel.relay import LEASE, TRIES, Relay


class TowelWoven(Event):
    towel: int


class TowelSold(Event):
    towel: int


async def count(db: Database, table: str, where: str = "true") -> int:
    async with db.begin() as tx:
        return int(await tx.scalar(sa.text(f"SELECT count(*) FROM {table} WHERE {where}")))


@pytest.fixture
async def heard(db: Database) -> Database:
    async with db.begin() as tx:
        await tx.execute(sa.text("CREATE TABLE heard (towel int)"))
    return db


async def note(tx: Tx, event: TowelWoven, *, now: datetime) -> None:
    await tx.execute(sa.text("INSERT INTO heard VALUES (:towel)"), {"towel": event.towel})


async def test_what_is_rolled_back_is_not_told(heard: Database, now: datetime) -> None:
    async def regretted() -> None:
        async with heard.begin() as tx:
            await emit(tx, TowelWoven(towel=1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await regretted()
    assert await Relay(heard, {TowelWoven: [note]}, {}, None).drain(now) == 0


async def test_nothing_is_told_before_its_time(heard: Database, now: datetime) -> None:
    async with heard.begin() as tx:
        await emit(tx, TowelWoven(towel=1), at=now + timedelta(minutes=5))
    relay = Relay(heard, {TowelWoven: [note]}, {}, None)
    await relay.drain(now)
    assert await count(heard, "heard") == 0
    await relay.drain(now + timedelta(minutes=5))
    assert await count(heard, "heard") == 1


async def test_many_relays_tell_each_fact_once(heard: Database, now: datetime) -> None:
    async with heard.begin() as tx:
        await emit(tx, *(TowelWoven(towel=i) for i in range(350)))
    relays = [Relay(heard, {TowelWoven: [note]}, {}, None) for _ in range(4)]
    await asyncio.gather(*(r.drain(now) for r in relays))
    assert await count(heard, "heard") == 350
    assert await count(heard, "kernel.outbox", "told_at IS NULL") == 0


async def test_telling_without_the_lock_tells_twice(heard: Database, now: datetime) -> None:
    """The twin: reading what is due without claiming it lets two relays tell the same fact."""
    async with heard.begin() as tx:
        await emit(tx, TowelWoven(towel=1))
    due = sa.text("SELECT id, body FROM kernel.outbox WHERE told_at IS NULL")
    both_read = asyncio.Barrier(2)

    async def careless() -> None:
        async with heard.begin() as tx:
            rows = (await tx.execute(due)).all()
            await both_read.wait()
            for row in rows:
                await note(tx, TowelWoven.model_validate(row.body), now=now)

    await asyncio.gather(careless(), careless())
    assert await count(heard, "heard") == 2


async def test_a_failing_reaction_stops_no_other_and_is_tried_again(
    heard: Database, now: datetime
) -> None:
    broken = True

    async def moody(tx: Tx, event: TowelWoven, *, now: datetime) -> None:
        await note(tx, event, now=now)
        if broken and event.towel == 1:
            raise RuntimeError

    async with heard.begin() as tx:
        await emit(tx, TowelWoven(towel=1), TowelWoven(towel=2))
    relay = Relay(heard, {TowelWoven: [moody]}, {}, None)
    await relay.drain(now)
    assert await count(heard, "heard") == 1, "the failed one left nothing behind"
    broken = False
    await relay.drain(now + timedelta(minutes=5))
    assert await count(heard, "heard") == 2


async def test_what_never_works_is_parked_where_it_is_seen(
    heard: Database, now: datetime
) -> None:
    async def never(tx: Tx, event: TowelWoven, *, now: datetime) -> None:
        raise RuntimeError

    async with heard.begin() as tx:
        await emit(tx, TowelWoven(towel=1))
    relay = Relay(heard, {TowelWoven: [never]}, {}, None)
    await relay.drain(now)
    async with heard.begin() as tx:
        nearly = sa.text("UPDATE kernel.outbox SET attempts = :tries")
        await tx.execute(nearly, {"tries": TRIES - 1})
    for day in (1, 2):
        await relay.drain(now + timedelta(days=day))
    assert await count(heard, "kernel.outbox", f"parked_at IS NOT NULL AND attempts = {TRIES}")


async def test_jobs_run_outside_and_again_until_they_work(
    heard: Database, now: datetime
) -> None:
    runs: list[int] = []

    async def job(resources: Any, event: TowelSold, *, now: datetime) -> None:
        assert resources == "resources"
        runs.append(event.towel)
        if len(runs) < 3:
            raise ConnectionError

    async with heard.begin() as tx:
        await emit(tx, TowelSold(towel=7))
    relay = Relay(heard, {}, {TowelSold: [job]}, "resources")
    for minutes in range(0, 30, 5):
        await relay.drain(now + timedelta(minutes=minutes))
    assert runs == [7, 7, 7]
    assert await count(heard, "kernel.job", "done_at IS NOT NULL") == 1


async def test_whoever_is_away_for_two_days_is_asked_when_they_are_back(
    heard: Database, now: datetime
) -> None:
    back, served = now + timedelta(days=2), list[datetime]()

    async def job(resources: Any, event: TowelSold, *, now: datetime) -> None:
        if now < back:
            raise ConnectionError
        served.append(now)

    async with heard.begin() as tx:
        await emit(tx, TowelSold(towel=7))
    relay = Relay(heard, {}, {TowelSold: [job]}, None)
    moment = now
    while not served:
        await relay.drain(moment)
        moment += timedelta(minutes=30)
    assert served[0] - back <= timedelta(minutes=30)
    assert await count(heard, "kernel.job", "parked_at IS NOT NULL") == 0


async def test_a_job_whose_worker_died_is_taken_over(heard: Database, now: datetime) -> None:
    runs: list[str] = []

    async def job(resources: str, event: TowelSold, *, now: datetime) -> None:
        runs.append(resources)

    async with heard.begin() as tx:
        await emit(tx, TowelSold(towel=7))
    dead, other = (Relay(heard, {}, {TowelSold: [job]}, name) for name in ("dead", "other"))
    await dead.tell(now)
    await dead._lease(now, 8)  # and then the process is killed
    await other.drain(now + LEASE / 2)
    assert runs == [], "the lease still runs"
    await other.drain(now + LEASE + timedelta(seconds=1))
    assert runs == ["other"]


async def test_a_job_that_was_stopped_is_taken_over_at_once(
    heard: Database, now: datetime
) -> None:
    runs: list[str] = []
    began = asyncio.Event()

    async def job(resources: str, event: TowelSold, *, now: datetime) -> None:
        runs.append(resources)
        if resources == "stopped":
            began.set()
            await asyncio.Event().wait()

    async with heard.begin() as tx:
        await emit(tx, TowelSold(towel=7))
    stopped, other = (Relay(heard, {}, {TowelSold: [job]}, n) for n in ("stopped", "other"))
    await stopped.tell(now)
    working = asyncio.create_task(stopped.work(now))
    await began.wait()
    working.cancel()
    await asyncio.wait([working])
    await other.drain(now)
    assert runs == ["stopped", "other"]


async def test_a_tick_is_run_by_one_process_at_a_time(heard: Database, now: datetime) -> None:
    running, most = 0, 0

    async def tick(resources: Any, *, now: datetime) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1

    relays = [Relay(heard, {}, {}, None) for _ in range(4)]
    await asyncio.gather(*(r.tick_once("sweep", tick, now) for r in relays))
    assert most == 1
