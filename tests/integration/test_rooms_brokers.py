"""What a broker promises, promised by each: in memory, and in Redis."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest

from streams.realtime.broker import Broker, Post
from streams.realtime.door import Grant, Visitor
from streams.realtime.errors import ClientError
from streams.realtime.hub import Hub
from streams.realtime.options import Limits, Namespace
from streams.realtime.protocol import NOWHERE, ClientInfo, Position, Publication
from streams.realtime.redis_rooms import redis_rooms
from tests.redis_server import RedisServer
from tests.rooms import OpenDoor, Raw, options, serving

KEPT = Namespace(history_size=5, history_ttl=60, force_recovery=True)
LISTED = Namespace(
    history_size=5,
    history_ttl=60,
    presence=True,
    presence_for_subscriber=True,
    join_leave=True,
    force_push_join_leave=True,
)
OPTIONS = options(Limits(idempotency_ttl=300), kept=KEPT, listed=LISTED)

MakeHub = Callable[[], Awaitable[Hub]]


@pytest.fixture(params=["memory", "redis"])
async def make_hub(request: pytest.FixtureRequest) -> AsyncIterator[MakeHub]:
    """Makes hubs that share their rooms; in memory there is only one."""
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            hub = Hub(OPTIONS)

            async def same() -> Hub:
                return hub

            yield same
            return
        server: RedisServer = request.getfixturevalue("redis")
        prefix = f"test-{secrets.token_hex(4)}"

        async def another() -> Hub:
            return await stack.enter_async_context(
                redis_rooms(server.url, OPTIONS, prefix=prefix)
            )

        yield another


@pytest.fixture
async def broker(make_hub: MakeHub) -> Broker:
    return (await make_hub()).broker


def post(n: int = 0, **more: Any) -> Post:
    return Post(orjson.dumps({"n": n}), **{"history_size": 5, "history_ttl": 60.0, **more})


def numbers(publications: Any) -> list[int]:
    return [orjson.loads(p.data)["n"] for p in publications]


async def heard_by(broker: Broker, channel: str) -> list[tuple[Any, str]]:
    """What is told on the channel from now on."""
    told: list[tuple[Any, str]] = []
    broker.attach(lambda name, push, epoch: told.append((push, epoch)))
    await broker.listen(channel)
    return told


async def until(there: Callable[[], Any], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not there():  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.01)


class TestStreams:
    async def test_positions_count_from_one_in_one_epoch(self, broker: Broker) -> None:
        at = [await broker.publish("kept:1", post(n)) for n in range(3)]
        assert [p.offset for p in at] == [1, 2, 3]
        assert len({p.epoch for p in at}) == 1
        assert at[0].epoch
        other = await broker.publish("kept:2", post())
        assert other.offset == 1
        assert other.epoch != at[0].epoch

    async def test_no_more_than_the_last_are_kept(self, broker: Broker) -> None:
        for n in range(1, 9):
            at = await broker.publish("kept:1", post(n))
        found = await broker.history("kept:1", limit=-1)
        assert numbers(found.publications) == [4, 5, 6, 7, 8]
        assert found.top == at

    @pytest.mark.parametrize(
        ("limit", "since", "reverse", "expected"),
        [
            (0, None, False, []),
            (-1, None, False, [1, 2, 3, 4, 5]),
            (2, None, False, [1, 2]),
            (2, None, True, [5, 4]),
            (-1, 3, False, [4, 5]),
            (1, 3, False, [4]),
            (-1, 3, True, [2, 1]),
            (-1, 1, True, []),
            (-1, 5, False, []),
            (-1, 9, False, []),
            (-1, 0, False, [1, 2, 3, 4, 5]),
            (-1, 0, True, []),
            (-1, 2**64 - 1, False, []),
            (-1, 2**64 - 1, True, [5, 4, 3, 2, 1]),
            (2, 2**70, False, []),
            (2, 2**70, True, [5, 4]),
        ],
    )
    async def test_history(
        self, broker: Broker, limit: int, since: int | None, reverse: bool, expected: list[int]
    ) -> None:
        for n in range(1, 6):
            at = await broker.publish("kept:1", post(n))
        start = None if since is None else Position(since, at.epoch)
        found = await broker.history("kept:1", limit=limit, since=start, reverse=reverse)
        assert numbers(found.publications) == expected
        assert found.top == at

    async def test_another_life_is_told_apart(self, broker: Broker) -> None:
        await broker.publish("kept:1", post())
        with pytest.raises(ClientError) as refused:
            await broker.history("kept:1", since=Position(0, "another"))
        assert refused.value.code == 112

    async def test_reading_an_unknown_channel_begins_it(self, broker: Broker) -> None:
        first = await broker.history("kept:new")
        assert (first.offset, list(first.publications)) == (0, [])
        assert first.epoch
        at = await broker.publish("kept:new", post())
        assert at == Position(1, first.epoch)

    async def test_what_is_forgotten_leaves_its_position(self, broker: Broker) -> None:
        for n in range(3):
            at = await broker.publish("kept:1", post(n))
        await broker.forget("kept:1")
        found = await broker.history("kept:1", limit=-1)
        assert (list(found.publications), found.top) == ([], at)
        assert (await broker.publish("kept:1", post())).offset == 4

    async def test_time_takes_what_is_kept_and_not_the_position(self, broker: Broker) -> None:
        at = await broker.publish("kept:1", post(history_ttl=0.05))
        await asyncio.sleep(0.1)
        found = await broker.history("kept:1", limit=-1)
        assert (list(found.publications), found.top) == ([], at)


class TestPublishing:
    async def test_it_is_told_in_order_with_all_that_belongs_to_it(
        self, broker: Broker
    ) -> None:
        told = await heard_by(broker, "kept:1")
        info = ClientInfo("u1", "c1", b'{"name":"\xe4\xb8\x96"}', b'{"x":[1,2]}')
        await broker.publish("kept:1", post(1, info=info, tags={"a": "世"}))
        for n in range(2, 300):
            await broker.publish("kept:1", post(n))
        await until(lambda: len(told) == 299)
        said = [push for push, _ in told]
        assert numbers(said) == list(range(1, 300))
        first = said[0]
        assert isinstance(first, Publication)
        assert (first.info, first.tags, first.offset) == (info, {"a": "世"}, 1)
        epochs = {epoch for _, epoch in told}
        assert epochs == {first.epoch}
        kept = await broker.history("kept:1", limit=-1)
        assert list(kept.publications) == said[-5:]

    async def test_what_is_not_kept_has_no_position(self, broker: Broker) -> None:
        told = await heard_by(broker, "react:1")
        assert await broker.publish("react:1", Post(b'{"n":1}')) == NOWHERE
        await until(lambda: told)
        assert told == [(Publication(b'{"n":1}'), "")]

    async def test_any_bytes_come_through(self, broker: Broker) -> None:
        data = bytes(range(256)) + b"\n:\n{"
        told = await heard_by(broker, "kept:1")
        await broker.publish("kept:1", Post(data, history_size=5, history_ttl=60))
        await until(lambda: told)
        (kept,) = (await broker.history("kept:1", limit=-1)).publications
        assert kept.data == data
        assert told[0][0] == kept

    async def test_a_repeated_key_publishes_once(self, broker: Broker) -> None:
        told = await heard_by(broker, "kept:1")
        at = [
            await broker.publish("kept:1", post(1, idempotency_key=key))
            for key in ("a", "a", "b", "a")
        ]
        assert [p.offset for p in at] == [1, 1, 2, 1]
        for _ in range(2):
            await broker.publish("react:1", Post(b"1", idempotency_key="x"))
        await broker.publish("kept:1", post(2))
        await until(lambda: len([1 for push, _ in told if push.offset]) == 3)
        assert [push.offset for push, _ in told if push.offset] == [1, 2, 3]

    async def test_late_state_undoes_nothing(self, broker: Broker) -> None:
        told = await heard_by(broker, "kept:1")
        huge = 2**60
        tried = [
            (3, "e"),
            (2, "e"),
            (3, "e"),
            (10, "e"),
            (9, "e"),
            (huge, "e"),
            (huge - 1, "e"),
        ]
        tried += [(huge + 1, "e"), (1, "f"), (1, "f"), (5, "")]
        for version, epoch in tried:
            await broker.publish("kept:1", post(version, version=version, version_epoch=epoch))
        await broker.publish("kept:1", post(0))
        said = [3, 10, huge, huge + 1, 1, 5, 0]
        await until(lambda: len(told) == len(said))
        assert numbers(push for push, _ in told) == said
        assert (await broker.history("kept:1")).offset == len(said)

    async def test_nobody_hears_what_they_do_not_listen_to(self, broker: Broker) -> None:
        told = await heard_by(broker, "kept:1")
        for _ in range(20):  # leaving and coming back at once, in any order
            broker.ignore("kept:1")
            await broker.listen("kept:1")
        await broker.publish("kept:1", post(1))
        await until(lambda: told)
        assert numbers(push for push, _ in told) == [1]

    async def test_many_listen_at_once(self, broker: Broker) -> None:
        told = await heard_by(broker, "kept:0")
        await asyncio.gather(*(broker.listen(f"kept:{n}") for n in range(500)))
        for n in range(500):
            await broker.publish(f"kept:{n}", post(n))
        await until(lambda: len(told) == 500)
        assert numbers(push for push, _ in told) == list(range(500))


class TestRooms:
    """Two viewers, each on a node of its own where there can be several."""

    async def test_everyone_hears_and_is_counted_once(self, make_hub: MakeHub) -> None:
        async with AsyncExitStack() as stack:
            hubs = [await make_hub(), await make_hub()]
            served = [await stack.enter_async_context(serving(hub=hub)) for hub in hubs]
            viewers = [
                await stack.enter_async_context(Raw.to(one.url)) for one in (*served, served[0])
            ]
            for viewer, user in zip(viewers, ("u1", "u2", "u2"), strict=True):
                await viewer.enter(user)
                await viewer.ask(subscribe={"channel": "kept:1"})
            for hub in hubs:
                await until_counted(hub, "kept:1", (3, 2))
                assert (await hub.channels("kept:"))["kept:1"] == 3
            for n, hub in enumerate(hubs):
                await hub.publish("kept:1", {"n": n})
            for viewer in viewers:
                heard = [(await viewer.next())["push"]["pub"]["data"]["n"] for _ in range(2)]
                assert heard == [0, 1]
            await viewers[2].socket.close()
            for hub in hubs:
                await until_counted(hub, "kept:1", (2, 2))
            nodes = await hubs[0].processes()
            assert {node.uid for node in nodes} == {hub.node for hub in hubs}

    async def test_who_is_there_is_known_everywhere(self, make_hub: MakeHub) -> None:
        async with AsyncExitStack() as stack:
            hubs = [await make_hub(), await make_hub()]
            served = [await stack.enter_async_context(serving(hub=hub)) for hub in hubs]
            one, two = [await stack.enter_async_context(Raw.to(s.url)) for s in served]
            first = (await one.enter("u1"))["client"]
            await one.ask(subscribe={"channel": "listed:1"})
            assert (await one.next())["push"]["join"]["info"]["user"] == "u1"
            second = (await two.enter("u2"))["client"]
            await two.ask(subscribe={"channel": "listed:1"})
            for viewer in (one, two):
                assert (await viewer.next())["push"]["join"]["info"]["client"] == second
            for hub in hubs:
                await until_counted(hub, "listed:1", (2, 2))
            there = (await one.ask(presence={"channel": "listed:1"}))["presence"]["presence"]
            assert set(there) == {first, second}
            assert there[second] == {
                "user": "u2",
                "client": second,
                "conn_info": {"name": "u2"},
            }
            await two.socket.close()
            assert (await one.next())["push"]["leave"]["info"]["client"] == second
            await until_counted(hubs[0], "listed:1", (1, 1))

    async def test_who_is_not_to_be_listed_is_not(self, make_hub: MakeHub) -> None:
        async with AsyncExitStack() as stack:
            hub = await make_hub()
            served = await stack.enter_async_context(serving(hub=hub))
            hub.door = Hiding()
            shy, open_ = [await stack.enter_async_context(Raw.to(served.url)) for _ in "12"]
            await shy.enter("shy")
            client = (await open_.enter("open"))["client"]
            for viewer in (shy, open_):
                for channel in ("kept:1", "listed:1"):
                    await viewer.ask(subscribe={"channel": channel})
                    if channel == "listed:1" and viewer is open_:
                        assert "join" in (await viewer.next())["push"]
            await until_counted(hub, "listed:1", (2, 2))
            assert list(await hub.present("listed:1")) == [client]
            await until_counted(hub, "kept:1", (2, 2))
            assert await hub.present("kept:1") == {}
            counted = (await open_.ask(presence_stats={"channel": "listed:1"}))[
                "presence_stats"
            ]
            assert counted == {"num_clients": 2, "num_users": 2}

    async def test_who_claims_to_be_far_ahead_is_told_so(self, make_hub: MakeHub) -> None:
        hub = await make_hub()
        async with serving(hub=hub) as served, Raw.to(served.url) as viewer:
            await viewer.enter("u1")
            at = await hub.publish("kept:1", {"n": 1})
            far = {"recover": True, "offset": 2**64 - 1, "epoch": at.epoch}
            told = (await viewer.ask(subscribe={"channel": "kept:1", **far}))["subscribe"]
            assert (told["was_recovering"], told.get("recovered", False)) == (True, False)
            assert told["offset"] == 1

    async def test_orders_reach_every_node(self, make_hub: MakeHub) -> None:
        async with AsyncExitStack() as stack:
            hubs = [await make_hub(), await make_hub()]
            served = [await stack.enter_async_context(serving(hub=hub)) for hub in hubs]
            viewers = [await stack.enter_async_context(Raw.to(s.url)) for s in served]
            for viewer in viewers:
                await viewer.enter("u1")
                await viewer.ask(subscribe={"channel": "kept:1"})
            await hubs[0].unsubscribe("u1", "kept:1")
            for viewer in viewers:
                assert (await viewer.next())["push"]["unsubscribe"]["code"] == 2000
            await hubs[1].disconnect("u1", code=4003, reason="go")
            for viewer in viewers:
                assert await viewer.closed() == (4003, "go")


class Hiding(OpenDoor):
    """Lists nobody who is shy."""

    async def subscribe(self, visitor: Visitor, channel: str, data: bytes, token: str) -> Grant:
        if visitor.user == "shy":
            return Grant(presence=False, join_leave=False)
        return Grant()


async def until_counted(hub: Hub, channel: str, expected: tuple[int, int]) -> None:
    async with asyncio.timeout(5):
        while True:
            stats = await hub.presence_stats(channel)
            if (stats.num_clients, stats.num_users) == expected:
                return
            await asyncio.sleep(0.02)
