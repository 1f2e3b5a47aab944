"""Whoever joined before something happened sees what somebody who joins after it sees: once
for every kind of frame that a room can hear."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path

import orjson
import pytest

from livecommerce.catalogue.editing.actions import edit_product
from livecommerce.catalogue.editing.wire import EditProduct
from livecommerce.catalogue.wire import ProductWords
from livecommerce.crossborder.rates import Rates
from livecommerce.kernel.db import Database
from livecommerce.live import actions, room
from streams.chat import queries
from streams.chat.rules import Speaker
from streams.sessions import actions as sessions
from tests import room_offers
from tests.room_screens import Screen, Stage, set_up
from tests.room_states import fresh, visible

_TOLD = re.compile(r'"t": "(\w+)"')


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


async def ask_for_a_card(stage: Stage) -> None:
    await room_offers.ask(stage, "gst_a")


async def sell(stage: Stage) -> None:
    await stage.sell()


KINDS: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "chat": speak,
    "del": delete,
    "more": flood,
    "shelf": reprice,
    "price": reprice,
    "card": explain,
    "card, none": explain_nothing,
    "stock": move_stock,
    "state": pause,
    "settings": change_rules,
    "announcement": announce,
    "stats": another_comes,
    "replay": end_with_replay,
    "sold": sell,
    "offers": ask_for_a_card,
}


ELSEWHERE = {
    "react": "shown for a moment, part of no state",
    "held": "the moderators' queue: below",
    "decided": "the moderators' queue: below",
    "payment": "one buyer's own channel: tests/journeys",
    "order": "one buyer's own channel: tests/journeys",
    "won": "one buyer's own channel: tests/browser",
    "prize": "one buyer's own channel",
    "turn": "one buyer's own channel",
    "cart": "one buyer's own channel: tests/journeys",
    "message": "one person's own channel: tests/integration/test_messages.py",
}
"""Frames of other channels, or of no state; a new kind of frame belongs here or into KINDS."""


def test_every_kind_of_frame_is_among_them() -> None:
    root = Path(__file__).parents[2]
    sources = [*root.glob("streams/**/*.py"), *root.glob("livecommerce/**/*.py")]
    told = {kind for file in sources for kind in _TOLD.findall(file.read_text())}
    assert told == {kind.partition(",")[0] for kind in KINDS} | set(ELSEWHERE)


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


async def test_the_moderators_queue_is_what_waited_and_what_came(stage: Stage) -> None:
    """Whoever subscribed, and then read what waits, knows what waits now."""
    mods, live = f"mod:{stage.live}", stage.live
    await stage.chat.set_rules(live, {"approve": True}, by="usr_host", now=stage.tick())
    first = [await stage.say(f"early {n}", Speaker(f"gst_{n}", "L")) for n in range(2)]
    stood = (await stage.hub.history(mods)).top
    waits = await waiting(stage)
    assert waits == [one["id"] for one in first]
    later = [await stage.say(f"late {n}", Speaker(f"gst_9{n}", "L")) for n in range(3)]
    for approve, one in ((True, first[0]), (False, later[1])):
        await stage.chat.decide(
            live, [one["id"]], approve=approve, by="usr_host", now=stage.tick()
        )
    for said in (await stage.hub.history(mods, limit=-1, since=stood)).publications:
        frame = orjson.loads(said.data)
        if frame["t"] == "held":
            waits.append(frame["id"])
        else:
            waits = [id for id in waits if id not in frame["ids"]]
    assert waits == await waiting(stage)
    assert len(waits) == 3


async def waiting(stage: Stage) -> list[str]:
    await stage.chat.archive.flush()
    async with stage.db.begin() as tx:
        return [row.id for row in await queries.waiting(tx, stage.live)]


async def test_what_the_archive_has_not_written_yet_is_in_the_snapshot(stage: Stage) -> None:
    await stage.say("a moment ago")
    stood = await room.stands(stage.r, stage.live)
    assert [line["text"] for line in (await stage.snapshot(stood))["chat"]] == ["a moment ago"]
    blind = room.Stood(stood.positions, [])
    assert (await stage.snapshot(blind))["chat"] == []  # the control: it is nowhere else
    await stage.chat.archive.flush()
    assert len((await stage.snapshot(blind))["chat"]) == 1


async def test_a_first_card_without_a_picture_has_no_cover_and_shows_the_rest(
    stage: Stage,
) -> None:
    assert (await stage.snapshot())["live"]["cover"] == "/media/duvet.webp"  # the control
    bare = stage.products[0]
    words = bare.model_dump(include=set(ProductWords.model_fields))
    want = EditProduct.model_validate({**words, "pictures": [], "alts": {}, "version": 1})
    async with stage.db.begin() as tx:
        await edit_product(tx, bare.id, want, by=stage.host)
    found = await stage.snapshot()
    assert [len(card["pictures"]) for card in found["cards"]] == [0, 1]
    assert found["live"]["cover"] is None


@pytest.mark.parametrize("pinned", [None, date(2026, 10, 23)])
async def test_prices_in_the_viewers_currency_name_the_rates_day_and_whether_it_is_pinned(
    stage: Stage, pinned: date | None
) -> None:
    stage.r.add(Rates(pinned=pinned))
    found = await stage.snapshot(currency="EUR")
    assert found["cards"][0]["variants"][0]["shown"]["currency"] == "EUR"
    assert (found["rates"]["pinned"], found["rates"]["on"]) == (
        (False, "2026-10-30") if pinned is None else (True, "2026-10-23")
    )
    same = await stage.snapshot(currency="CNY")  # nothing was converted
    assert (same["rates"], (await stage.snapshot())["rates"]) == (None, None)
