"""Live sessions on a real database: every step once, told once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.kernel.clock import Period
from livecommerce.kernel.db import Database
from livecommerce.kernel.outbox import OutboxRow
from streams.sessions import actions, queries
from streams.sessions.errors import LiveExists, NoSuchLive, WrongLiveState
from streams.sessions.rules import State

HOUR = timedelta(hours=1)
TITLE = {"zh": "秋季家纺", "en": "Autumn textiles"}


async def scheduled(db: Database, now: datetime, reference: str = "bkg_1", **how: Any) -> str:
    async with db.begin() as tx:
        live = await actions.create(
            tx,
            reference=reference,
            host_reference="mer_1",
            title=TITLE,
            period=Period(now, now + HOUR),
            now=now,
            **how,
        )
    return live.id


async def told(db: Database) -> list[tuple[str, int]]:
    """The facts told so far, by topic and version."""
    async with db.begin() as tx:
        rows = (await tx.execute(sa.select(OutboxRow).order_by(OutboxRow.id))).scalars()
        return [
            (row.topic.removeprefix("streams.sessions."), row.body["version"]) for row in rows
        ]


async def test_the_whole_life_is_told_in_order(db: Database, now: datetime) -> None:
    live = await scheduled(db, now)
    async with db.begin() as tx:
        await actions.clear(tx, live, {"by": "usr_1", "reasons": ["checked in"]}, now=now)
    steps = (
        actions.start,
        actions.pause,
        actions.resume,
        actions.interrupt,
        actions.start,
        actions.end,
        actions.archive,
    )
    for minute, step in enumerate(steps, 1):
        async with db.begin() as tx:
            row = await step(tx, live, now=now + timedelta(minutes=minute))
            again = await step(tx, live, now=now + HOUR)
            assert (again.version, again.changed_at) == (row.version, row.changed_at)
    assert await told(db) == [
        ("LiveScheduled", 1),
        ("LiveReady", 2),
        ("LiveStarted", 3),
        ("LivePaused", 4),
        ("LiveResumed", 5),
        ("LiveInterrupted", 6),
        ("LiveStarted", 7),
        ("LiveEnded", 8),
        ("LiveArchived", 9),
    ]
    async with db.begin() as tx:
        row = await queries.get(tx, live)
        firsts = await tx.scalars(
            sa.text("SELECT body->>'first' FROM kernel.outbox WHERE topic LIKE '%Started'")
        )
        assert firsts.all() == ["true", "false"]
    assert row.started_at == now + timedelta(minutes=1)
    assert row.ended_at == now + timedelta(minutes=6)
    assert row.clearance == {"by": "usr_1", "reasons": ["checked in"]}
    assert row.title == TITLE


async def test_ending_what_is_archived_changes_nothing(db: Database, now: datetime) -> None:
    live = await scheduled(db, now)
    async with db.begin() as tx:
        await actions.clear(tx, live, {}, now=now)
        for step in (actions.start, actions.end, actions.archive):
            await step(tx, live, now=now)
        assert (await actions.end(tx, live, now=now)).state is State.ARCHIVED


async def test_steps_out_of_turn_are_refused(db: Database, now: datetime) -> None:
    live = await scheduled(db, now)
    for step in (actions.start, actions.pause, actions.interrupt, actions.end):
        with pytest.raises(WrongLiveState) as wrong:
            async with db.begin() as tx:
                await step(tx, live, now=now)
        assert wrong.value.facts["state"] == "scheduled"
    with pytest.raises(NoSuchLive):
        async with db.begin() as tx:
            await actions.end(tx, "liv_nobody", now=now)
    assert await told(db) == [("LiveScheduled", 1)]


async def test_resume_is_only_for_pauses(db: Database, now: datetime) -> None:
    live = await scheduled(db, now)
    async with db.begin() as tx:
        await actions.clear(tx, live, {}, now=now)
        await actions.start(tx, live, now=now)
        await actions.interrupt(tx, live, now=now)
    with pytest.raises(WrongLiveState):
        async with db.begin() as tx:
            await actions.resume(tx, live, now=now)


async def test_reference_has_one_session_until_it_is_cancelled(
    db: Database, now: datetime
) -> None:
    live = await scheduled(db, now)
    with pytest.raises(LiveExists) as exists:
        await scheduled(db, now)
    assert exists.value.facts == {"live": live}
    rehearsal = await scheduled(db, now, rehearsal=True)
    async with db.begin() as tx:
        assert (await queries.for_reference(tx, "bkg_1")) is not None
        await actions.cancel(tx, live, now=now)
        assert await queries.for_reference(tx, "bkg_1") is None
    assert await scheduled(db, now) not in {live, rehearsal}


async def test_pages_go_on_where_they_stopped(db: Database, now: datetime) -> None:
    made = [await scheduled(db, now + n % 2 * HOUR, f"bkg_{n}") for n in range(5)]
    await scheduled(db, now, "bkg_9", rehearsal=True)
    seen: list[str] = []
    after = None
    async with db.begin() as tx:
        while True:
            page = await queries.listed(tx, after=after, limit=2)
            seen += [live.id for live in page.items]
            if page.next is None:
                break
            after = page.next
        none = await queries.listed(tx, states=[State.LIVE])
        others = await queries.listed(tx, hosts=["mer_2"])
    assert sorted(seen) == sorted(made)
    assert len(seen) == 5
    assert not none.items
    assert not others.items
