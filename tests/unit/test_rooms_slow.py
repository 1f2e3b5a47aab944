"""Many who are too slow are closed in one go: nobody's leaving flushes what closes others."""

import asyncio
from dataclasses import dataclass, replace

import orjson

from streams.realtime import codes
from streams.realtime.door import Admitted, ConnectWant
from streams.realtime.hub import Hub
from streams.realtime.options import Limits
from tests.rooms_in_memory import HELLO, OPTIONS, Line, Welcoming, opened

MANY = 400  # deeper than Python's stack, if each closed the next
QUICK = replace(OPTIONS, limits=Limits(queue_bytes=1000))


class Nobody(Welcoming):
    """Nobody has channels of their own."""

    async def connect(self, want: ConnectWant) -> Admitted:
        return Admitted("")


@dataclass(eq=False)
class Slow(Line):
    """A transport that keeps everything, once it is stuck."""

    stuck: bool = False

    def buffered(self) -> int:
        return 5000 if self.stuck else 0


async def listener(hub: Hub, line: Slow, *channels: str) -> Slow:
    peer, _ = opened(hub)
    peer._wire, peer.write, peer.buffered = line, line.write, line.buffered
    await peer.receive(HELLO)
    for n, channel in enumerate(channels):
        await peer.receive(orjson.dumps({"id": n + 2, "subscribe": {"channel": channel}}))
    await asyncio.sleep(0)
    return line


async def turns() -> None:
    """Long enough for whatever was put off to the end of a turn, or of a flush's pause."""
    for _ in range(5):
        await asyncio.sleep(0.02)


async def test_a_crowd_of_slow_listeners_is_closed_in_one_flush() -> None:
    hub = Hub(QUICK, Nobody())
    healthy = await listener(hub, Slow(), "fleeting:1")
    slow = [await listener(hub, Slow(), "fleeting:1") for _ in range(MANY)]
    await turns()
    for line in (healthy, *slow):
        line.take()
    for line in slow:
        line.stuck = True
    await hub.publish("fleeting:1", {"n": 1})
    assert [line.ended for line in slow] == [codes.SLOW] * MANY
    assert hub.figures.slow == MANY
    assert max(len(line.written) for line in slow) == 1
    await turns()
    assert len(healthy.written) <= 3  # the publication, and all the leaves
    told = [one["push"] for one in healthy.take()]
    assert [push["pub"]["data"] for push in told if "pub" in push] == [{"n": 1}]
    assert len([push for push in told if "leave" in push]) == MANY
    await hub.publish("fleeting:1", {"n": 2})
    await turns()
    assert [one["push"]["pub"]["data"] for one in healthy.take()] == [{"n": 2}]
    assert await hub.channels("fleeting:") == {"fleeting:1": 1}


async def test_slow_listeners_of_a_chain_of_rooms_do_not_topple_one_another() -> None:
    """Each hears two rooms, so that whoever goes is told of in the next one's."""
    hub = Hub(QUICK, Nobody())
    slow = [
        await listener(hub, Slow(), f"fleeting:{n}", f"fleeting:{n + 1}") for n in range(MANY)
    ]
    await turns()
    for line in slow:
        line.stuck = True
    await hub.publish("fleeting:0", {"n": 1})
    async with asyncio.timeout(20):
        while await hub.channels("fleeting:"):  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert [line.ended for line in slow] == [codes.SLOW] * MANY


async def test_who_comes_is_told_of_before_what_is_said_after() -> None:
    hub = Hub(OPTIONS, Nobody())
    first = await listener(hub, Slow(), "fleeting:1")
    await turns()
    first.take()
    peer, _ = opened(hub)
    await peer.receive(HELLO)
    await peer.receive(b'{"id":2,"subscribe":{"channel":"fleeting:1"}}')
    await hub.publish("fleeting:1", {"n": 1})  # in the same turn
    peer.gone()
    await turns()
    told = [next(iter(one["push"].keys() - {"channel"})) for one in first.take()]
    assert told == ["join", "pub", "leave"]
