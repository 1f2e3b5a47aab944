"""How many are there: counted as they come and go, at a cost that does not grow with them."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any

import orjson
import pytest

from streams.realtime.door import Admitted, ConnectWant
from streams.realtime.gateway import PresenceStats
from streams.realtime.hub import Hub
from streams.realtime.lately import Lately
from streams.realtime.peer import Peer
from tests.room_screens import Standing
from tests.rooms_in_memory import OPTIONS, Welcoming, opened


class ByToken(Welcoming):
    """Who they are is their token."""

    async def connect(self, want: ConnectWant) -> Admitted:
        return Admitted(want.token)


async def viewer(hub: Hub, user: str) -> Peer:
    peer, _ = opened(hub)
    await peer.receive(orjson.dumps({"id": 1, "connect": {"token": user}}))
    await peer.receive(orjson.dumps({"id": 2, "subscribe": {"channel": "room:1"}}))
    return peer


async def calls(work: Coroutine[Any, Any, Any]) -> int:
    """How many functions, Python's or C's, the work called."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    gc.disable()
    sys.setprofile(note)
    try:
        await work
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


async def test_connections_and_users_are_counted_as_they_come_and_go() -> None:
    hub = Hub(OPTIONS, ByToken())
    assert await hub.presence_stats("room:1") == PresenceStats(0, 0)
    one, two, again, nobody, other = [await viewer(hub, u) for u in ("a", "b", "a", "", "")]
    assert await hub.presence_stats("room:1") == PresenceStats(5, 3)
    for peer, left in ((one, (4, 3)), (again, (3, 2)), (nobody, (2, 2)), (two, (1, 1))):
        peer.gone()
        peer.gone()
        assert await hub.presence_stats("room:1") == PresenceStats(*left)
    await other.receive(orjson.dumps({"id": 3, "unsubscribe": {"channel": "room:1"}}))
    assert await hub.presence_stats("room:1") == PresenceStats(0, 0)


async def test_the_question_costs_the_same_however_many_are_there() -> None:
    small, large = Hub(OPTIONS, ByToken()), Hub(OPTIONS, ByToken())
    await viewer(small, "u")
    for n in range(200):
        await viewer(large, f"u{n}")
    few = await calls(small.presence_stats("room:1"))
    assert await calls(large.presence_stats("room:1")) == few
    assert (await large.presence_stats("room:1")).num_users == 200


class Far:
    """An answer that takes its time, from somewhere that fails when told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.broken = False

    async def __call__(self, name: str) -> int:
        self.asked.append(name)
        await asyncio.sleep(0)
        if self.broken:
            raise ConnectionError(name)
        return len(self.asked)


async def test_one_answer_serves_everybody_who_asks_within_a_second() -> None:
    far, clock = Far(), Standing()
    lately = Lately(far, lasts=1.0, clock=clock)
    assert await asyncio.gather(*(lately.of("a") for _ in range(100))) == [1] * 100
    assert (await lately.of("a"), await lately.of("b")) == (1, 2)
    clock.now += 1.0
    assert await asyncio.gather(*(lately.of("a") for _ in range(3))) == [3] * 3
    assert far.asked == ["a", "b", "a"]


async def test_a_failure_is_nobodys_answer_for_long() -> None:
    far = Far()
    lately = Lately(far, lasts=1.0, clock=Standing())
    far.broken = True
    with pytest.raises(ConnectionError):
        await lately.of("a")
    far.broken = False
    assert await lately.of("a") == 2


async def test_who_gives_up_waiting_takes_it_from_nobody() -> None:
    lately = Lately(Far(), lasts=1.0, clock=Standing())
    hasty = asyncio.ensure_future(lately.of("a"))
    patient = asyncio.ensure_future(lately.of("a"))
    await asyncio.sleep(0)
    hasty.cancel()
    assert await patient == 1


async def test_names_that_nobody_asks_for_any_more_are_forgotten() -> None:
    clock = Standing()
    lately = Lately(Far(), lasts=1.0, clock=clock)
    for n in range(3000):
        await lately.of(str(n))
        clock.now += 0.01
    assert len(lately._known) <= 1001
