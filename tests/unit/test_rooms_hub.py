"""The hub, with transports that are lists and a clock that stands still."""

import asyncio
from typing import Any

import orjson
import pytest

from streams.realtime import codes
from streams.realtime.broker import Post
from streams.realtime.door import Admitted, ConnectWant
from streams.realtime.errors import NotJson
from streams.realtime.hub import Hub
from streams.realtime.memory_broker import MemoryBroker
from streams.realtime.options import Limits, Namespace, Options
from streams.realtime.peer import Peer
from tests.rooms_in_memory import HELLO, NAMESPACES, OPTIONS, Line, Welcoming, opened


class Stopped:
    """Monotonic seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Anonymous(Welcoming):
    """Nobody has channels of their own."""

    async def connect(self, want: ConnectWant) -> Admitted:
        return Admitted("")


async def viewer(hub: Hub, channel: str = "room:1") -> tuple[Peer, Line]:
    """Somebody who has come in and listens; what was said to that end is thrown away."""
    peer, line = opened(hub)
    await peer.receive(HELLO)
    await peer.receive(orjson.dumps({"id": 2, "subscribe": {"channel": channel}}))
    line.take()
    return peer, line


def data(line: Line) -> list[Any]:
    return [told["push"]["pub"]["data"] for told in line.take()]


async def test_the_first_goes_out_at_once_and_a_flood_in_few_writes() -> None:
    gathers = Limits(window=0.02, window_share=1e9, window_floor=0)
    hub = Hub(Options(namespaces=NAMESPACES, limits=gathers), Welcoming())
    _, line = await viewer(hub)
    for n in range(10):
        await hub.publish("room:1", {"n": n})
    assert len(line.written) == 1  # nobody waited for it
    await asyncio.sleep(0.05)
    assert len(line.written) == 2
    assert len(data(line)) == 10


async def test_who_comes_in_while_news_gathers_hears_all_of_it_once() -> None:
    gathers = Limits(window=0.02, window_share=1e9, window_floor=0)
    hub = Hub(Options(namespaces=NAMESPACES, limits=gathers), Welcoming())
    _, first = await viewer(hub)
    for n in range(3):
        await hub.publish("room:1", {"n": n})
    _, second = await viewer(hub)  # its position is after the three, two of them unsent
    await hub.publish("room:1", {"n": 3})
    await asyncio.sleep(0.05)
    assert [d["n"] for d in data(first)] == [0, 1, 2, 3]
    assert [d["n"] for d in data(second)] == [3]


async def test_a_conflated_channel_tells_the_newest() -> None:
    calm = Namespace(history_size=1, history_ttl=60, force_recovery=True, conflate=0.02)
    hub = Hub(Options(namespaces={**NAMESPACES, "calm": calm}), Welcoming())
    _, line = await viewer(hub, "calm:1")
    for n in range(9):
        await hub.publish("calm:1", {"n": n})
    await asyncio.sleep(0.05)
    assert [d["n"] for d in data(line)] == [0, 8]


async def test_a_stream_that_begins_anew_sends_everybody_back() -> None:
    clock = Stopped()
    plain = Options(namespaces=NAMESPACES)
    hub = Hub(plain, Anonymous(), broker=MemoryBroker(meta_ttl=50, clock=clock))
    await hub.publish("room:1", {"n": 0})
    old, line = await viewer(hub)
    clock.now += 100
    new, other = await viewer(hub)
    (told,) = line.take()
    lost = codes.LOST_POSITION
    assert told["push"]["unsubscribe"] == {"code": lost.code, "reason": lost.reason}
    assert "room:1" not in old.session.subscriptions
    await hub.publish("room:1", {"n": 1})
    assert data(other) == [{"n": 1}]
    assert new.session.subscriptions["room:1"].offset == 0


async def test_a_subscription_of_ours_that_lost_its_place_ends_the_connection() -> None:
    clock = Stopped()
    hub = Hub(OPTIONS, Welcoming(), broker=MemoryBroker(meta_ttl=50, clock=clock))
    _, line = await viewer(hub)
    clock.now += 100
    await viewer(hub)
    assert line.ended == codes.INSUFFICIENT_STATE


async def test_quiet_channels_are_compared_with_their_streams() -> None:
    class Deaf(MemoryBroker):
        """Keeps everything and tells nobody, as after a lost subscription."""

        def _tell(self, *told: object) -> None:
            pass

    checks = Limits(position_check=-1)
    broker = Deaf()
    hub = Hub(Options(namespaces=NAMESPACES, limits=checks), Welcoming(), broker=broker)
    _, line = await viewer(hub)
    await hub._check_positions()
    assert line.take() == []  # nothing is missing
    await broker.publish("room:1", Post(b"1", history_size=5, history_ttl=60))
    await hub._check_positions()
    assert line.take() == []  # it may still be on its way
    await hub._check_positions()
    (told,) = line.take()
    assert told["push"]["unsubscribe"]["code"] == 2500


async def test_what_is_published_must_be_json() -> None:
    hub = Hub(OPTIONS, Welcoming())
    with pytest.raises(NotJson):
        await hub.publish("room:1", b"{")
    positions = await hub.broadcast(["room:1", "room:2"], {"a": 1})
    assert [p.offset for p in positions] == [1, 1]
    assert (await hub.history("room:2", limit=-1)).publications[0].data == b'{"a":1}'


async def test_time_closes_who_says_nothing() -> None:
    clock = Stopped()
    hub = Hub(OPTIONS, Welcoming(), clock=clock)
    silent, line = opened(hub)
    clock.now += 12
    await hub._pass_time()
    assert line.ended == codes.STALE
    polite, other = await viewer(hub)
    clock.now += 26
    await hub._pass_time()
    assert other.take() == [{}]
    await polite.receive(b"{}")
    clock.now += 26
    await hub._pass_time()
    assert other.take() == [{}]
    clock.now += 9
    await hub._pass_time()
    assert other.ended == codes.NO_PONG
    assert silent.over
    assert polite.over
