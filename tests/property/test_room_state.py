"""Whatever happens in a room in whatever order: state before + events == state after.

Screens join at any time (the positions they join from may be older than the state they read),
catch up at any time, and what was committed is told at any time later. In the end each shows
what somebody who joins then is shown.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from livecommerce.catalogue.errors import StockShort
from livecommerce.embedded.server import Server
from livecommerce.kernel.db import Database, open_database
from livecommerce.kernel.errors import Conflict
from livecommerce.live import actions, room
from livecommerce.live.errors import NoSuchCard, NotOnAir, OnShelfAlready, OverAlready
from livecommerce.live.offers.flash.errors import BelowFloor, NotBelowRecent
from streams.chat.rules import Speaker
from streams.sessions import actions as sessions
from streams.sessions.errors import WrongLiveState
from tests import database, room_offers
from tests.room_screens import Screen, Stage, set_up
from tests.room_states import fresh, visible

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
EXAMPLES = 12
STEPS = 25
HEARD: set[str] = set()

STEPS_OF_A_SESSION = [sessions.pause, sessions.resume, sessions.interrupt, sessions.end]


class Room(RuleBasedStateMachine):
    """A room on air, a moderator with busy fingers, and screens that come and lag."""

    loop: asyncio.AbstractEventLoop
    db: Database
    rooms = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).rooms += 1
        self.stage: Stage = self._do(set_up(self.db, NOW, type(self).rooms))
        self.screens: list[Screen] = []
        self.stood: list[room.Stood] = []
        self.said: list[str] = []
        self.held: list[str] = []
        self.join()

    def _do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def _try(self, work: Any) -> Any:
        refused = (
            *(NotOnAir, OverAlready, OnShelfAlready, WrongLiveState, StockShort),
            *(Conflict, NoSuchCard, NotBelowRecent, BelowFloor),
        )
        with suppress(*refused):
            return self._do(work)

    @rule()
    def join(self) -> None:
        self.screens.append(self._do(self._joined()))

    @rule()
    def begin_to_join(self) -> None:
        self.stood.append(self._do(room.stands(self.stage.r, self.stage.live)))

    @rule()
    def go_on_to_join(self) -> None:
        if self.stood:
            self.screens.append(self._do(self._joined(self.stood.pop())))

    async def _joined(self, stood: room.Stood | None = None) -> Screen:
        return await Screen.join(self.stage, f"gst_{len(self.screens)}", stood)

    @rule(which=st.integers(0, 20))
    def catch_up(self, which: int) -> None:
        self._do(self.screens[which % len(self.screens)].catch_up())

    @rule()
    def tell(self) -> None:
        self._do(self.stage.tell())

    @rule()
    def keep(self) -> None:
        self._do(self.stage.chat.archive.flush())

    @rule()
    def count(self) -> None:
        self._do(self.stage.viewers.count())

    @rule(texts=st.lists(st.sampled_from(["好", "how much?", "👍"]), min_size=1, max_size=3))
    def the_host_speaks(self, texts: list[str]) -> None:
        for text in texts:
            self.said.append(self._do(self.stage.say(text))["id"])

    @rule(n=st.integers(1, 14))
    def viewers_speak(self, n: int) -> None:
        self.stage.clock.now += 10

        async def run() -> None:
            for k in range(n):
                frame = await self.stage.say("多少钱", Speaker(f"gst_v{k}", "Lin"))
                (self.held if frame.get("held") else self.said).append(frame["id"])
            await self.stage.chat.tell_more()

        self._do(run())

    @rule(which=st.integers(0, 50))
    def delete(self, which: int) -> None:
        if self.said:
            id_ = self.said[which % len(self.said)]
            now = self.stage.tick()
            self._do(self.stage.chat.delete(self.stage.live, id_, by="usr_h", now=now))

    @rule(n=st.integers(1, 5), approve=st.booleans())
    def decide(self, n: int, approve: bool) -> None:
        some, self.held = self.held[:n], self.held[n:]
        decided = self.stage.chat.decide(
            self.stage.live, some, approve=approve, by="usr_h", now=self.stage.tick()
        )
        self.said += self._do(decided)

    @rule(approve=st.booleans(), slow=st.sampled_from([0, 0, 5]), shown=st.sampled_from([3, 9]))
    def change_rules(self, approve: bool, slow: int, shown: int) -> None:
        changes = {"approve": approve, "slow": slow, "shown": shown}
        chat, now = self.stage.chat, self.stage.tick()
        self._do(chat.set_rules(self.stage.live, changes, by="usr_h", now=now))

    @rule(text=st.sampled_from(["", "8 点抽奖", "Draw at 8"]))
    def announce(self, text: str) -> None:
        chat, now = self.stage.chat, self.stage.tick()
        self._do(chat.announce(self.stage.live, text, by="usr_h", now=now))

    @rule(product=st.integers(0, 3))
    def put_on_shelf(self, product: int) -> None:
        self._try(self.stage.add(product))

    @rule(data=st.data())
    def change_shelf(self, data: st.DataObject) -> None:
        cards = self._do(self.stage.snapshot())["cards"]
        if not cards:
            return
        ids = [card["id"] for card in cards]
        card = data.draw(st.sampled_from(cards))
        what = data.draw(st.sampled_from(["explain", "stop", "remove", "price", "order"]))
        if what == "explain":
            self._try(self.stage.shelf(actions.explain, card["id"]))
        elif what == "stop":
            self._try(self.stage.shelf(actions.stop_explaining))
        elif what == "remove":
            self._try(self.stage.shelf(actions.remove_card, card["id"]))
        elif what == "price":
            prices = {v["id"]: data.draw(st.integers(1, 9)) * 100 for v in card["variants"]}
            self._try(self.stage.shelf(actions.price_card, card["id"], prices))
        else:
            self._try(self.stage.shelf(actions.order_cards, ids[::-1]))

    @rule(product=st.integers(0, 3), change=st.integers(-4, 4).filter(bool))
    def move_stock(self, product: int, change: int) -> None:
        self._try(self.stage.move_stock(product, change))

    @rule(step=st.sampled_from(room_offers.STEPS), who=st.sampled_from(["gst_a", "gst_bb"]))
    def offer(self, step: room_offers.Step, who: str) -> None:
        self._try(step(self.stage, who))

    @rule()
    def sell(self) -> None:
        self._do(self.stage.sell())

    @rule(step=st.sampled_from(STEPS_OF_A_SESSION[:3]))
    def change_state(self, step: Any) -> None:
        self._try(self.stage.become(step))

    @rule(ends=st.integers(0, 5).map(lambda n: n == 0))
    def end(self, ends: bool) -> None:
        if ends:
            self._try(self.stage.become(sessions.end))

    def teardown(self) -> None:
        async def finish() -> None:
            with suppress(WrongLiveState):
                await self.stage.become(sessions.end)
            await self.stage.replay()
            await self.stage.tell()
            await asyncio.sleep(0.3)
            await self.stage.tell()
            await self.stage.viewers.count()
            for screen in self.screens:
                await screen.catch_up()
            after = visible(fresh(await self.stage.snapshot()))
            for screen in self.screens:
                assert screen.shown() == after
                HEARD.update(screen.heard)

        self._do(finish())


@contextmanager
def own_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    try:
        yield loop
    finally:
        loop.close()


@pytest.mark.timeout(240)
def test_screens_show_what_newcomers_are_shown(postgres: Server) -> None:
    with own_loop() as loop:
        clone = database.clone(postgres)
        url = loop.run_until_complete(clone.__aenter__())
        db = open_database(url)
        try:
            machine = type("OneRoom", (Room,), {"loop": loop, "db": db})
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            loop.run_until_complete(db.close())
            loop.run_until_complete(clone.__aexit__(None, None, None))
    assert len(HEARD) >= 5, f"too little was tried to mean anything: {HEARD}"
