"""Hears topics over one connection, which it keeps; and what was said while that was away.

One command per topic is under way at a time, so what the server confirms is what was asked
last. After a lost connection every topic is subscribed to anew, then asked for what was
missed; what is heard meanwhile waits behind that. So nobody sees a gap that could be closed.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

from redis.asyncio.connection import AbstractConnection

from streams.realtime.redis_link import FAILURES, RedisAway, ended

log = logging.getLogger(__name__)

_SILENCE = 10.0
_LONGEST_PAUSE = 1.0
_AT_ONCE = 32
_STARTS_WITHIN = 5.0

Connect = Callable[[], AbstractAsyncContextManager[AbstractConnection]]


class State(Enum):
    """How a topic stands with the server."""

    ABSENT = auto()
    ASKED = auto()
    HEARD = auto()
    LEAVING = auto()


@dataclass(eq=False, slots=True)
class Topic:
    """One topic. ``held`` is what waits until we have caught up; ``missed``, that we must."""

    wanted: bool = True
    state: State = State.ABSENT
    missed: bool = False
    held: list[bytes] | None = None
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def settle(self, error: Exception | None = None) -> None:
        """Tell those who wait that it is heard, or why not."""
        waiting, self.waiting = self.waiting, []
        for future in waiting:
            if not future.done():
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)


class Ear:
    """Topics of one process.

    Args:
        connect: makes a connection.
        heard: takes what is said, in order. Never waits.
        catch_up: asked after a lost connection, before anything later is handed over; it
            hands over itself what was missed.
    """

    def __init__(
        self,
        connect: Connect,
        heard: Callable[[bytes, bytes], None],
        catch_up: Callable[[bytes], Awaitable[None]],
    ) -> None:
        self._connect = connect
        self._heard = heard
        self._catch_up = catch_up
        self._topics: dict[bytes, Topic] = {}
        self._up = asyncio.Event()
        self._asks: list[tuple[str, bytes]] = []
        self._asked = asyncio.Event()
        self._catching: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listens while the block runs.

        Raises:
            RedisAway: there was nothing to listen to at the start.
        """
        task = asyncio.create_task(self._run(), name="redis ear")
        try:
            try:
                async with asyncio.timeout(_STARTS_WITHIN):
                    await self._up.wait()
            except TimeoutError:
                raise RedisAway() from None
            yield
        finally:
            await ended(task, *self._catching)

    async def listen(self, name: bytes) -> None:
        """From the return on, nothing said there is missed.

        Raises:
            RedisAway: it cannot be had now.
        """
        topic = self._topics.setdefault(name, Topic())
        topic.wanted = True
        if topic.state is State.HEARD and topic.held is None:
            return
        if not self._up.is_set():
            if not topic.missed:
                self._topics.pop(name, None)
            raise RedisAway()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        topic.waiting.append(future)
        if topic.state is State.ABSENT:
            self._ask("SUBSCRIBE", name, topic, State.ASKED)
        await future

    def ignore(self, name: bytes) -> None:
        """Nobody wants to hear it any more."""
        topic = self._topics.get(name)
        if topic is None:
            return
        topic.wanted = topic.missed = False
        topic.held = None
        if topic.state is State.HEARD:
            self._ask("UNSUBSCRIBE", name, topic, State.LEAVING)
        elif topic.state is State.ABSENT:
            del self._topics[name]

    def _ask(self, what: str, name: bytes, topic: Topic, state: State) -> None:
        topic.state = state
        self._asks.append((what, name))
        self._asked.set()

    async def _run(self) -> None:
        pause = 0.0
        while True:
            try:
                async with self._connect() as connection:
                    pause = 0.0
                    self._begin()
                    await self._hear_out(connection)
            except FAILURES as error:
                if self._up.is_set():
                    log.warning("redis is away: %s", type(error).__name__)
            finally:
                self._end()
            pause = min(_LONGEST_PAUSE, max(0.05, pause * 2))
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311

    def _begin(self) -> None:
        """Everything is to be heard again."""
        self._asks.clear()
        for name, topic in self._topics.items():
            self._ask("SUBSCRIBE", name, topic, State.ASKED)
        self._up.set()

    def _end(self) -> None:
        self._up.clear()
        for task in self._catching:
            task.cancel()
        for name, topic in list(self._topics.items()):
            topic.missed = topic.missed or (topic.state is State.HEARD and topic.wanted)
            topic.state, topic.held = State.ABSENT, None
            topic.settle(RedisAway())
            if not topic.missed:
                del self._topics[name]

    async def _hear_out(self, connection: AbstractConnection) -> None:
        """Read and write until the connection fails; a silent one is asked for a sign."""
        writing = asyncio.create_task(self._write(connection), name="redis ear writes")
        silent = False
        try:
            while True:
                said = await connection.read_response(timeout=_SILENCE)
                if writing.done():
                    writing.result()
                if said is None:
                    if silent:
                        raise TimeoutError
                    await connection.send_command("PING", check_health=False)
                silent = said is None
                if said is not None:
                    self._take(said)
        finally:
            await ended(writing)

    async def _write(self, connection: AbstractConnection) -> None:
        try:
            while True:
                await self._asked.wait()
                self._asked.clear()
                asks, self._asks = self._asks, []
                while asks:
                    what = asks[0][0]
                    some = [name for verb, name in asks if verb == what]
                    # Of one topic only one command is under way: the order of others is free.
                    asks = [ask for ask in asks if ask[0] != what]
                    await connection.send_command(what, *some, check_health=False)
        except FAILURES:
            await connection.disconnect(nowait=True)  # wakes the reader
            raise

    def _take(self, said: list[bytes]) -> None:
        kind, name = said[0], said[1]
        topic = self._topics.get(name)
        if topic is None:
            return
        if kind == b"message":
            if topic.state is State.HEARD and topic.wanted:
                if topic.held is None:
                    self._heard(name, said[2])
                else:
                    topic.held.append(said[2])
        elif kind == b"subscribe":
            topic.state = State.HEARD
            if not topic.wanted:
                topic.settle(RedisAway())
                self._ask("UNSUBSCRIBE", name, topic, State.LEAVING)
            elif topic.missed:
                topic.held = []
                task = asyncio.create_task(self._close_gap(name, topic))
                self._catching.add(task)
                task.add_done_callback(self._catching.discard)
            else:
                topic.settle()
        elif kind == b"unsubscribe":
            if topic.wanted:
                self._ask("SUBSCRIBE", name, topic, State.ASKED)
            else:
                del self._topics[name]

    async def _close_gap(self, name: bytes, topic: Topic) -> None:
        while topic.held is not None:
            try:
                async with self._room:
                    await self._catch_up(name)
                break
            except RedisAway:
                await asyncio.sleep(_LONGEST_PAUSE)
        held, topic.held = topic.held, None
        if held is None:
            return  # nobody wants it any more
        topic.missed = False
        for payload in held:
            self._heard(name, payload)
        topic.settle()
