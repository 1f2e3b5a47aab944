"""A user has so many places, however many of their connections ask at the same moment."""

import asyncio
from dataclasses import replace

from streams.realtime import codes
from streams.realtime.errors import ClientError
from streams.realtime.hub import Hub
from streams.realtime.memory_broker import MemoryBroker
from streams.realtime.options import Limits
from tests.rooms_in_memory import HELLO, OPTIONS, Line, Welcoming, opened

FIVE = replace(OPTIONS, limits=Limits(connections_per_user=5))


class Distant(MemoryBroker):
    """Takes a moment to listen, as one does that is reached over the network."""

    broken = False

    async def listen(self, channel: str) -> None:
        await asyncio.sleep(0.01)
        if self.broken:
            raise ClientError(codes.INTERNAL)


async def enter(hub: Hub) -> Line:
    peer, line = opened(hub)
    await peer.receive(HELLO)
    return line


async def test_so_many_are_let_in_when_all_ask_at_once() -> None:
    hub = Hub(FIVE, Welcoming(), broker=Distant())
    lines = await asyncio.gather(*(enter(hub) for _ in range(20)))
    assert [line.ended for line in lines].count(codes.CONNECTION_LIMIT) == 15
    assert len(hub.connections("u")) == 5
    hub.connections("u")[0].gone()
    lines = await asyncio.gather(*(enter(hub) for _ in range(3)))
    assert [line.ended for line in lines].count(None) == 1


async def test_who_fails_to_come_in_gives_the_place_back() -> None:
    broker = Distant()
    hub = Hub(FIVE, Welcoming(), broker=broker)
    broker.broken = True
    await asyncio.gather(*(enter(hub) for _ in range(20)))
    leaving = [opened(hub)[0] for _ in range(5)]
    broker.broken = False
    coming = [asyncio.create_task(peer.receive(HELLO)) for peer in leaving]
    await asyncio.sleep(0)
    for peer in leaving:
        peer.gone()  # before the broker has answered
    await asyncio.gather(*coming)
    assert hub.connections("u") == []
    lines = await asyncio.gather(*(enter(hub) for _ in range(5)))
    assert [line.ended for line in lines] == [None] * 5
    assert not hub.connected._coming


async def test_nobody_in_particular_has_any_number_of_places() -> None:
    connected = Hub(FIVE, Welcoming()).connected
    with connected.place(""), connected.place(""), connected.place("v"):
        assert connected._coming == {"v": 1}
