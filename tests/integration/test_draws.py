"""Draws on a room: conditions, an end that only the clock brings, an audit, prizes in time."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from livecommerce.kernel.db import Database
from livecommerce.live.offers.draws import actions, queries, rules
from livecommerce.live.offers.draws.errors import (
    DrawOver,
    DrawRunning,
    NoSuchPrize,
    NotEntitled,
    PrizeLapsed,
    WatchTooLong,
)
from livecommerce.live.offers.draws.tables import Draw
from livecommerce.live.offers.draws.wire import OpenDraw, PrizeAddress
from livecommerce.web.principal import Principal
from livecommerce.web.wire import Both
from streams.chat.rules import Speaker
from tests.room_screens import Stage, set_up

HOME = PrizeAddress(name="Lin", lines=["1 Road"], country="CN", phone="+86 513 000000")


@pytest.fixture
async def stage(db: Database, now: datetime) -> Stage:
    return await set_up(db, now)


async def opened(stage: Stage, **more: Any) -> Draw:
    want = OpenDraw(prize=Both(zh="抱枕", en="Cushion"), **more)
    row: Draw = await stage.shelf(actions.start, want)
    return row


async def enter(
    stage: Stage, row: Draw, who: str, watched_s: float = 0, now: datetime | None = None
) -> int:
    async with stage.db.begin() as tx:
        return await actions.enter(
            tx,
            stage.live,
            row.id,
            viewer=Principal(id=who, name=f"{who} Lin"),
            watched_s=watched_s,
            now=now or stage.now,
        )


async def test_a_draw_is_drawn_by_the_clock_and_anybody_can_check_it(stage: Stage) -> None:
    row = await opened(stage, prizes=2)
    for n in range(7):
        await enter(stage, row, f"gst_{n}")
    assert await enter(stage, row, "gst_0") == 7
    with pytest.raises(DrawRunning):
        await opened(stage)
    async with stage.db.begin() as tx:
        before = await queries.audit(tx, row.id)
    assert (before.seed, before.entries, before.verified) == (None, [], None)
    with pytest.raises(DrawOver):
        await enter(stage, row, "gst_9", now=row.closes_at)
    await stage.relay.drain(row.closes_at)
    async with stage.db.begin() as tx:
        after = await queries.audit(tx, row.id)
        shown = await queries.shown(tx, stage.live)
        prizes = await queries.prizes(tx, live=stage.live)
    assert after.verified
    assert after.seed is not None
    assert after.seed_hash == before.seed_hash == rules.seed_hash(after.seed)
    assert after.entries == [rules.mark(row.id, f"gst_{n}") for n in range(7)]
    assert after.winners == rules.winners(after.seed, after.entries, 2)
    assert shown is not None
    assert shown.winners == ["g***", "g***"]
    winner = f"gst_{after.winners[0]}"
    (prize,) = [p for p in prizes if p.name.startswith(winner)]

    async def claim(who: str, at: datetime) -> None:
        async with stage.db.begin() as tx:
            await actions.claim(tx, prize.id, HOME, by=Principal(id=who), now=at)

    with pytest.raises(NoSuchPrize):
        await claim("gst_stranger", stage.now)
    await claim(winner, stage.now)
    with pytest.raises(PrizeLapsed):
        await claim(winner, prize.claim_by)
    await stage.relay.drain(prize.claim_by)
    async with stage.db.begin() as tx:
        states = {p.state: p.address for p in await queries.prizes(tx, live=stage.live)}
    assert states == {"claimed": HOME, "lapsed": None}


async def test_conditions(stage: Stage) -> None:
    with pytest.raises(WatchTooLong):
        await opened(stage, condition="watch", watch_s=1, lasts_s=120)
    watch = await opened(stage, condition="watch", watch_s=60, lasts_s=180)
    with pytest.raises(NotEntitled):
        await enter(stage, watch, "gst_a", 59)
    assert await enter(stage, watch, "gst_a", 60) == 1
    await stage.relay.drain(watch.closes_at)
    stage.now = watch.closes_at

    comment = await opened(stage, condition="comment")
    with pytest.raises(NotEntitled):
        await enter(stage, comment, "gst_a")
    stage.clock.now += 10
    await stage.say("我要抱枕", Speaker("gst_a", "Lin"))
    await stage.chat.archive.flush()
    assert await enter(stage, comment, "gst_a") == 1
    await stage.relay.drain(comment.closes_at)
    stage.now = comment.closes_at + timedelta(seconds=1)

    follow = await opened(stage, condition="follow")
    with pytest.raises(NotEntitled):
        await enter(stage, follow, "gst_a")
    merchant = stage.products[0].merchant
    for on in (True, True, False, True):
        async with stage.db.begin() as tx:
            await actions.follow(tx, merchant, viewer="gst_a", on=on, now=stage.now)
    assert await enter(stage, follow, "gst_a") == 1


async def test_nobody_enters_and_nobody_wins(stage: Stage) -> None:
    row = await opened(stage)
    await stage.relay.drain(row.closes_at)
    async with stage.db.begin() as tx:
        found = await queries.audit(tx, row.id)
    assert (found.winners, found.verified) == ([], True)
