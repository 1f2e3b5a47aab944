"""What a viewer has seen, after any losses, is what was said; and state never goes back."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from centrifuge.fossil import apply_delta
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.realtime import protocol as p
from streams.realtime.broker import Post
from streams.realtime.errors import ClientError
from streams.realtime.hub import Hub
from streams.realtime.memory_broker import MemoryBroker
from streams.realtime.options import Limits, Options
from streams.realtime.peer import Peer
from tests.rooms_in_memory import HELLO, NAMESPACES, Line, Welcoming, opened


class Distant(MemoryBroker):
    """A broker across a network: every answer takes a while, and deliveries lag behind what
    history already knows, as with a real one."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance
        self._lagging: list[tuple[str, p.Publication, str]] = []
        self._heard: set[str] = set()

    async def _elsewhere(self) -> None:
        for _ in range(self._chance.randrange(6)):
            await asyncio.sleep(0)

    async def listen(self, channel: str) -> None:
        await self._elsewhere()
        self._heard.add(channel)
        await self._elsewhere()

    def ignore(self, channel: str) -> None:
        self._heard.discard(channel)

    async def publish(self, channel: str, post: Post) -> p.Position:
        await self._elsewhere()
        return await super().publish(channel, post)

    async def history(self, channel: str, **asked: Any) -> p.History:
        await self._elsewhere()
        found = await super().history(channel, **asked)
        await self._elsewhere()
        return found

    def _tell(self, channel: str, publication: p.Publication, epoch: str) -> None:
        self._lagging.append((channel, publication, epoch))

    def deliver(self, most: int) -> None:
        for channel, publication, epoch in self._lagging[:most]:
            if channel in self._heard:
                super()._tell(channel, publication, epoch)
        del self._lagging[:most]


GOODS = {"name": "羊绒围巾 / cashmere scarf", "price": "129.00", "state": "on the shelf"}


@dataclass(eq=False)
class Viewer:
    """Believes what it is told, and notices when it does not fit. One that takes deltas
    patches only what it was told since it last subscribed."""

    hub: Hub
    truth: list[int]
    delta: bool = False
    before: str | None = None
    peer: Peer | None = None
    line: Line | None = None
    seen: list[int] | None = None
    epoch: str = ""
    asked: int = 1
    reloads: int = 0

    async def arrive(self) -> None:
        if self.peer is not None:
            return
        self.peer, self.line = opened(self.hub)
        await self.peer.receive(HELLO)
        await self.subscribe()

    async def subscribe(self) -> None:
        asked: dict[str, Any] = {"channel": "room:1"}
        if self.delta:
            asked["delta"] = "fossil"
        if self.seen is not None:
            asked |= {"recover": True, "offset": len(self.seen), "epoch": self.epoch}
        assert self.peer is not None
        self.asked += 1
        await self.peer.receive(orjson.dumps({"id": self.asked, "subscribe": asked}))
        await self.look()

    async def look(self) -> None:
        if self.peer is None or self.line is None:
            return
        lost = False
        for told in self.line.take():
            if "subscribe" in told:
                self.entered(told["subscribe"])
            elif told.get("push", {}).get("channel") == "room:1":
                lost = lost or "unsubscribe" in told["push"]
                if "pub" in told["push"]:
                    self.hear(told["push"]["pub"])
        if self.line.ended is not None:
            self.leave()
        elif lost:
            await self.subscribe()

    def entered(self, result: Any) -> None:
        offset = result.get("offset", 0)
        if not result.get("recovered"):
            assert "publications" not in result
            self.seen = self.truth[:offset]  # loads its state anew
            self.reloads += 1
        self.epoch, self.before = result["epoch"], None
        assert result.get("delta", False) is self.delta
        assert self.seen is not None
        assert len(self.seen) == offset
        for pub in result.get("publications", ()):
            self.hear(pub)

    def hear(self, pub: Any) -> None:
        assert self.seen is not None
        assert pub["offset"] == len(self.seen) + 1, "a gap or a repetition"
        data = self.patched(pub) if self.delta else pub["data"]
        assert data == {"n": len(self.seen), **GOODS}
        self.seen.append(data["n"])

    def patched(self, pub: Any) -> Any:
        text = pub["data"]
        if pub.get("delta"):
            assert self.before is not None, "a patch of nothing"
            text = bytes(apply_delta(self.before.encode(), text.encode())).decode()
        self.before = text
        return orjson.loads(text)

    def leave(self) -> None:
        if self.peer is not None:
            self.peer.gone()
        self.peer = self.line = None


WHAT = {"publish": 30, "deliver": 35, "arrive": 25, "leave": 10, "look": 10, "lose": 2}


def story_of(chance: random.Random) -> list[tuple[str, int]]:
    """Something happens, sixty times; hearing usually keeps up with saying."""
    kinds = chance.choices(list(WHAT), list(WHAT.values()), k=60)
    return [(kind, chance.randrange(3)) for kind in kinds]


@example(8536, 0.0, 4)  # one read history before the other, and came in after it
@given(st.integers(0, 2**32), st.sampled_from([0.0, 10.0]), st.sampled_from([4, 100]))
@settings(deadline=None, max_examples=300)
def test_state_at_a_position_and_what_follows_is_the_state_now(
    seed: int, window: float, kept: int
) -> None:
    """Publishing, arriving, leaving and delivering run concurrently over a distant broker,
    with and without a window that gathers; some deliveries are lost on the way."""
    chance = random.Random(seed)
    story = story_of(chance)

    async def scene() -> None:
        broker = Distant(chance)
        gathers = Limits(window=window, window_share=1e6, window_floor=0.0)
        options = Options(namespaces=NAMESPACES, limits=gathers)
        hub, truth = Hub(options, Welcoming(), broker=broker), []
        viewers = [Viewer(hub, truth, delta=n > 0) for n in range(3)]
        running: list[Awaitable[Any]] = []

        async def publish(count: int) -> None:
            for _ in range(count):
                truth.append(len(truth))
                said = orjson.dumps({"n": truth[-1], **GOODS})
                post = Post(said, history_size=kept, history_ttl=60)
                await MemoryBroker.publish(broker, "room:1", post)

        async def settle() -> None:
            await asyncio.gather(*running)
            running.clear()
            broker.deliver(1000)
            for local in list(hub._channels.values()):
                local.flush()
            for viewer in viewers:
                await viewer.look()

        def begin(work: Callable[[], Awaitable[Any]]) -> None:
            running.append(asyncio.ensure_future(work()))

        arriving: set[int] = set()

        async def arrive(n: int) -> None:
            if n not in arriving:
                arriving.add(n)
                await viewers[n].arrive()
                arriving.discard(n)

        for what, n in story:
            match what:
                case "publish":
                    await publish(n + 1)
                case "arrive":
                    begin(lambda n=n: arrive(n))
                case "leave" if n not in arriving:
                    await viewers[n].look()
                    viewers[n].leave()
                case "look" if n not in arriving:
                    await viewers[n].look()
                case "deliver":
                    broker.deliver(n + 2)
                case "lose":
                    del broker._lagging[:1]
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
        await settle()
        await publish(1)  # shows what was lost
        await settle()
        await settle()
        for viewer in viewers:
            await viewer.arrive()
        await settle()
        for viewer in viewers:
            assert viewer.seen == truth

    asyncio.run(scene())


def state(version: int, epoch: str) -> Post:
    data = b"%d" % version
    return Post(data, None, None, 1, 60.0, version=version, version_epoch=epoch)


@given(st.permutations(range(1, 8)), st.booleans())
def test_a_late_state_undoes_nothing(order: list[int], other_life: bool) -> None:
    async def scene() -> None:
        told: list[int] = []
        broker = MemoryBroker()
        broker.attach(lambda channel, pub, epoch: told.append(orjson.loads(pub.data)))
        for version in order:
            await broker.publish("stock:1", state(version, "a"))
        assert told == sorted(told)
        assert told[-1] == 7
        if other_life:  # another source of versions begins anew
            await broker.publish("stock:1", state(1, "b"))
            assert told[-1] == 1
        kept = await broker.history("stock:1", limit=-1)
        assert [orjson.loads(pub.data) for pub in kept.publications] == told[-1:]

    asyncio.run(scene())


@given(st.lists(st.sampled_from("abc"), max_size=20))
def test_a_repeated_key_publishes_once(keys: list[str]) -> None:
    async def scene() -> None:
        broker, answers = MemoryBroker(), {}
        for key in keys:
            post = Post(b"1", history_size=50, history_ttl=60.0, idempotency_key=key)
            answer = await broker.publish("room:1", post)
            assert answers.setdefault(key, answer) == answer
        assert (await broker.history("room:1")).offset == len(set(keys))

    asyncio.run(scene())


def test_time_takes_away_what_is_kept_but_not_the_position() -> None:
    async def scene() -> None:
        now = 0.0
        broker = MemoryBroker(meta_ttl=1000, idempotency_ttl=5, clock=lambda: now)
        post = Post(b"1", history_size=9, history_ttl=10, idempotency_key="k")
        first = await broker.publish("room:1", post)
        now = 6
        assert (await broker.publish("room:1", post)).offset == 2  # the key is forgotten
        now = 17
        broker.sweep()
        found = await broker.history("room:1", limit=-1)
        assert (list(found.publications), found.top) == ([], p.Position(2, first.epoch))
        now = 2000
        broker.sweep()
        assert (await broker.history("room:1")).epoch != first.epoch
        with pytest.raises(ClientError):
            await broker.history("room:1", since=first)

    asyncio.run(scene())
