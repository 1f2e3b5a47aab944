"""Deltas in a room: made once, told to those who asked, in both encodings, never of nothing."""

from typing import Any

import orjson
import pytest
from centrifuge.fossil import apply_delta

from streams.realtime.hub import Hub
from streams.realtime.options import Limits, Options
from streams.realtime.peer import Peer
from streams.realtime.protobuf_codec import SCHEMA
from streams.realtime.protobuf_wire import framed
from tests.rooms_in_memory import (
    HELLO,
    HELLO_MESSAGE,
    LINES,
    MESSAGES,
    NAMESPACES,
    Line,
    Welcoming,
    opened,
)

DELTA = {"channel": "room:1", "delta": "fossil"}


def goods(stock: int) -> dict[str, Any]:
    return {"sku": "A1", "name": "羊绒围巾", "price": "129.00", "stock": stock}


class Taker:
    """A client that takes deltas, and puts them together."""

    def __init__(self, hub: Hub, kind: Any = LINES) -> None:
        self.peer: Peer
        self.line: Line
        self.peer, self.line = opened(hub, kind)
        self.seen: list[Any] = []
        self.patched = 0
        self._before = b""

    async def enter(self, **more: Any) -> Any:
        subscribe = {"id": 2, "subscribe": {**DELTA, **more}}
        if self.line.kind is LINES:
            await self.peer.receive(HELLO + b"\n" + orjson.dumps(subscribe))
        else:
            command = framed(SCHEMA.write("Command", subscribe))
            await self.peer.receive(HELLO_MESSAGE + command)
        (result,) = [one["subscribe"] for one in self.line.take() if "subscribe" in one]
        assert result["delta"] is True
        for pub in result.get("publications", ()):
            self._hear(pub)
        return result

    def look(self) -> list[Any]:
        for told in self.line.take():
            self._hear(told["push"]["pub"])
        return self.seen

    def _hear(self, pub: Any) -> None:
        data = pub["data"]
        raw = data.encode() if isinstance(data, str) else data
        if pub.get("delta"):
            self.patched += 1
            raw = bytes(apply_delta(self._before, raw))
        self._before = raw
        self.seen.append(orjson.loads(raw))


def rooms(window: float = 0.0) -> Hub:
    gathers = Limits(window=window, window_share=1e6, window_floor=0.0)
    return Hub(Options(namespaces=NAMESPACES, limits=gathers), Welcoming())


async def say(hub: Hub, *stocks: int) -> None:
    for stock in stocks:
        await hub.publish("room:1", goods(stock))


@pytest.mark.parametrize("kind", [LINES, MESSAGES])
async def test_the_first_is_whole_and_then_come_patches(kind: Any) -> None:
    hub = rooms()
    taker, plain = Taker(hub, kind), opened(hub)
    await taker.enter()
    await plain[0].receive(HELLO + b'\n{"id":2,"subscribe":{"channel":"room:1"}}')
    plain[1].take()
    await say(hub, 3, 2, 1)
    assert taker.look() == [goods(3), goods(2), goods(1)]
    assert taker.patched == 2
    told = [one["push"]["pub"] for one in plain[1].take()]
    assert [pub["data"] for pub in told] == [goods(3), goods(2), goods(1)]
    assert not any("delta" in pub for pub in told)
    late = Taker(hub, kind)
    await late.enter()
    await say(hub, 0, -1)
    assert late.look() == [goods(0), goods(-1)]
    assert late.patched == 1
    assert taker.look()[-2:] == [goods(0), goods(-1)]
    assert taker.patched == 4


async def test_what_is_recovered_goes_on_in_patches() -> None:
    hub = rooms()
    await say(hub, 9, 8, 7)
    back = Taker(hub)
    result = await back.enter(recover=True, offset=1, epoch="")
    assert result["recovered"]
    assert (back.seen, back.patched) == ([goods(8), goods(7)], 1)
    await say(hub, 6)  # of what was recovered
    await say(hub, 5)
    assert back.look()[2:] == [goods(6), goods(5)]
    assert back.patched == 3
    again = Taker(hub)
    await again.enter(recover=True, offset=4, epoch="")
    await say(hub, 4)
    assert again.look() == [goods(5), goods(4)]
    assert again.patched == 1


async def test_who_missed_nothing_begins_whole() -> None:
    hub = rooms()
    first = Taker(hub)
    await first.enter()
    await say(hub, 9)
    same = Taker(hub)
    await same.enter(recover=True, offset=1, epoch="")
    await say(hub, 8)
    assert (same.look(), same.patched) == ([goods(8)], 0)
    assert (first.look(), first.patched) == ([goods(9), goods(8)], 1)


async def test_a_patch_is_made_once_for_everybody_who_asks() -> None:
    hub = rooms()
    peer, _ = opened(hub)
    await peer.receive(HELLO + b'\n{"id":2,"subscribe":{"channel":"room:1"}}')
    await say(hub, 9, 8)
    assert hub.figures.patches == 0
    takers = [Taker(hub, kind) for kind in (LINES, MESSAGES) * 10]
    for taker in takers:
        await taker.enter()
    await say(hub, 3, 2, 1)
    assert hub.figures.patches == 3
    assert all(taker.look() == [goods(3), goods(2), goods(1)] for taker in takers)
    assert sum(taker.patched for taker in takers) == 20 * 2


async def test_where_deltas_are_not_allowed_nothing_changes() -> None:
    hub = rooms()
    peer, line = opened(hub)
    await peer.receive(HELLO + b'\n{"id":2,"subscribe":{"channel":"cache:1","delta":"fossil"}}')
    assert "delta" not in line.take()[1]["subscribe"]
