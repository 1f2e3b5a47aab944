"""Whoever joined before something happened sees what somebody who joins after it sees: once
for every kind of frame that a room can hear."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from livecommerce.kernel.db import Database
from livecommerce.live import actions, room
from streams.chat.rules import Speaker
from streams.sessions import actions as sessions
from tests.room_screens import Screen, Stage, fresh, set_up, visible


async def speak(stage: Stage) -> None:
    for text in ("你好", "How big is it?"):
        await stage.say(text)


async def delete(stage: Stage) -> None:
    message = await stage.say("wrong")
    await stage.say("right")
    await stage.chat.delete(stage.live, message["id"], by="usr_host", now=stage.tick())


async def flood(stage: Stage) -> None:
    await stage.chat.set_rules(stage.live, {"shown": 2}, by="usr_host", now=stage.tick())
    for n in range(6):
        await stage.say(f"line {n}", Speaker(f"gst_{n}", "Lin"))
    await stage.chat.tell_more()


async def reprice(stage: Stage) -> None:
    await stage.add(2)
    card = (await stage.snapshot())["cards"][0]
    prices = {variant["id"]: 4200 for variant in card["variants"]}
    await stage.shelf(actions.price_card, card["id"], prices)


async def explain(stage: Stage) -> None:
    first, second = [card["id"] for card in (await stage.snapshot())["cards"]]
    for card in (first, second, first):
        await stage.shelf(actions.explain, card)


async def explain_nothing(stage: Stage) -> None:
    await explain(stage)
    await stage.shelf(actions.stop_explaining)


async def move_stock(stage: Stage) -> None:
    await stage.move_stock(0, -3)
    await stage.move_stock(1, 5)


async def pause(stage: Stage) -> None:
    await stage.become(sessions.pause)


async def change_rules(stage: Stage) -> None:
    for changes in ({"slow": 10, "approve": True}, {"slow": 0}):
        await stage.chat.set_rules(stage.live, changes, by="usr_host", now=stage.tick())


async def announce(stage: Stage) -> None:
    for text in ("8 点抽奖", "Draw at 8"):
        await stage.chat.announce(stage.live, text, by="usr_host", now=stage.tick())


async def another_comes(stage: Stage) -> None:
    await Screen.join(stage, "gst_another")
    await stage.viewers.count()


async def end_with_replay(stage: Stage) -> None:
    await explain(stage)
    await stage.become(sessions.end)
    await stage.tell()
    await stage.replay()


async def sell(stage: Stage) -> None:
    await stage.sell()


KINDS: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "chat": speak,
    "del": delete,
    "more": flood,
    "shelf": reprice,
    "card": explain,
    "card, none": explain_nothing,
    "stock": move_stock,
    "state": pause,
    "settings": change_rules,
    "announcement": announce,
    "stats": another_comes,
    "replay": end_with_replay,
    "sold": sell,
}


@pytest.fixture
async def stage(db: Database, now: datetime) -> Stage:
    return await set_up(db, now)


@pytest.mark.parametrize("kind", KINDS)
async def test_state_before_and_frames_are_the_state_after(stage: Stage, kind: str) -> None:
    before = await Screen.join(stage, "gst_before")
    stood = await room.stands(stage.r, stage.live)
    await stage.viewers.count()
    await KINDS[kind](stage)
    between = await Screen.join(stage, "gst_between", stood)  # positions old, state new
    await stage.tell()
    await asyncio.sleep(0.3)  # what was conflated comes a quarter of a second later
    await stage.viewers.count()
    after = fresh(await stage.snapshot())
    for screen in (before, between):
        await screen.catch_up()
        assert screen.shown() == visible(after)
    assert kind.partition(",")[0] in before.heard


async def test_without_the_positions_something_is_missed(stage: Stage) -> None:
    """The control: a screen that listens only from the moment it subscribes is wrong."""
    found = await stage.snapshot()
    await stage.say("between")
    late = Screen(stage, {**found, "positions": {}})
    late.state = fresh(found)
    await late.catch_up()
    assert late.shown() != visible(fresh(await stage.snapshot()))


async def test_what_the_archive_has_not_written_yet_is_in_the_snapshot(stage: Stage) -> None:
    await stage.say("a moment ago")
    stood = await room.stands(stage.r, stage.live)
    assert [line["text"] for line in (await stage.snapshot(stood))["chat"]] == ["a moment ago"]
    blind = room.Stood(stood.positions, [])
    assert (await stage.snapshot(blind))["chat"] == []  # the control: it is nowhere else
    await stage.chat.archive.flush()
    assert len((await stage.snapshot(blind))["chat"]) == 1
