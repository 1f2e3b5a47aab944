"""A race of servers: each with its own viewers, round after round, in shuffled order."""

import asyncio
import json
import random
import statistics
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.load.room_peers import room, token
from tests.load.room_stand import Crowd, Got, Server, crowd, python, serving

SIZE = 300
PATH = "/connection/websocket"
IN = '"id":2'  # the answer to the subscribe


def greeting(n: int, channel: str, **more: Any) -> str:
    """How the nth viewer comes into a room."""
    connect = {"id": 1, "connect": {"token": token(n)}}
    subscribe = {"id": 2, "subscribe": {"channel": channel, **more}}
    return f"{json.dumps(connect)}\n{json.dumps(subscribe)}"


@dataclass(frozen=True, slots=True)
class Case:
    """A server, its viewers, and how much of what is asked of the others it is asked."""

    command: Sequence[str]
    viewers: int
    share: float = 1.0
    rooms: int = 0
    socketio: bool = False
    processes: int = 1

    def crowd(self, part: int) -> dict[str, Any]:
        """What its viewers do to come in."""
        size = self.viewers // self.processes
        if self.socketio:
            path = "/socket.io/?EIO=4&transport=websocket"
            return {"path": path, "needle": "40{", "greetings": ["40"] * size}
        if not self.rooms:
            return {}
        said = [greeting(n + part * size, room(n % self.rooms)) for n in range(size)]
        return {"path": PATH, "needle": IN, "greetings": said}


@dataclass(slots=True)
class Ran:
    """What one case came to, round by round."""

    cpu: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)
    handshakes: float = 0.0
    handshake: float = 0.0
    memory: float = 0.0

    @property
    def cost(self) -> float:
        """CPU seconds per million deliveries."""
        return statistics.median(self.cpu)

    @property
    def rate(self) -> float:
        """Deliveries per second, as fast as they were asked for."""
        return statistics.median(self.per_second)

    def latency(self, which: str) -> float:
        """Milliseconds from publish to receipt."""
        return statistics.median(getattr(got, which) for got in self.got)


class Running:
    """A case whose servers run and whose viewers are in."""

    def __init__(self, case: Case, servers: list[Server], crowds: list[Crowd]) -> None:
        self.case = case
        self.servers = servers
        self.crowds = crowds
        self.ran = Ran()
        self._said = 0
        self._empty = 0.0

    def spent(self) -> float:
        return sum(server.cpu() for server in self.servers)

    async def enter(self) -> None:
        before, self._empty = self.spent(), sum(server.rss() for server in self.servers)
        entered = await asyncio.gather(*(people.enter() for people in self.crowds))
        await asyncio.sleep(0.3)
        size = self.case.viewers
        self.ran.handshakes = size / max(one.seconds for one in entered)
        self.ran.handshake = (self.spent() - before) / size * 1000
        self.weigh()

    def weigh(self) -> None:
        """The resident memory that the viewers have added."""
        now = sum(server.rss() for server in self.servers)
        self.ran.memory = (now - self._empty) / self.case.viewers

    async def round(self, count: int, rate: float, *, kept: bool = True) -> None:
        """One round: published by the first server, received by everybody."""
        count = max(1, int(count * self.case.share))
        before = self.spent()
        took = await self.servers[0].publish(count, rate, SIZE)
        self._said += count
        got = await asyncio.gather(*(people.expect(self._said) for people in self.crowds))
        deliveries = sum(one.deliveries for one in got)
        if deliveries != count * self.case.viewers:
            raise RuntimeError(f"{deliveries} of {count * self.case.viewers} deliveries")
        if kept:
            self.ran.cpu.append((self.spent() - before) / deliveries * 1e6)
            self.ran.per_second.append(deliveries / took)
            self.ran.got += got


@asynccontextmanager
async def running(cases: dict[str, Case]) -> AsyncIterator[dict[str, Running]]:
    """All of them, side by side, each with its viewers in."""
    async with AsyncExitStack() as stack:
        found = {}
        for name, case in cases.items():
            enter = stack.enter_async_context
            servers = [await enter(serving(case.command)) for _ in range(case.processes)]
            size = case.viewers // case.processes
            crowds = [
                await enter(crowd(server.port, size, **case.crowd(part)))
                for part, server in enumerate(servers)
            ]
            found[name] = Running(case, servers, crowds)
            await found[name].enter()
        yield found


async def compete(
    cases: dict[str, Case], *, rounds: int, count: int, rate: float = 0.0
) -> dict[str, Ran]:
    """Interleaved rounds of every case, after one that warms up."""
    async with running(cases) as found:
        for one in found.values():
            await one.round(max(1, count // 5), rate, kept=False)
        for _ in range(rounds):
            for one in random.sample(list(found.values()), len(found)):
                await one.round(count, rate)
    return {name: one.ran for name, one in found.items()}


def ours(viewers: int, *, rooms: int = 1, **limits: Any) -> Case:
    """The gateway, with limits other than the default ones."""
    return Case(python("ours", rooms=rooms, **limits), viewers, rooms=rooms)
