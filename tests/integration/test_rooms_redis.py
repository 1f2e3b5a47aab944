"""Rooms over Redis when things go wrong: a node is killed, Redis is killed, the network blinks.
And the other ways to reach a Redis: Sentinel, Cluster."""

import asyncio
import contextlib
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from streams.realtime.gateway import PresenceStats
from streams.realtime.hub import Hub
from streams.realtime.redis_link import NotARedisUrl, RedisAway, RedisLink
from streams.realtime.redis_rooms import redis_rooms
from tests.product import free_port
from tests.redis_server import RedisServer, redis_server
from tests.room_node import OPTIONS
from tests.rooms import Heard, Link, Raw, Served, sdk, serving, token
from tests.rooms_over_http import both_ways, http, say

LEASE = 3.0
FOREVER = 600.0  # so that nothing is repaired by a beat


@pytest.fixture
def prefix() -> str:
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture
async def own_redis() -> AsyncIterator[RedisServer]:
    """A Redis that this test may kill."""
    with contextlib.ExitStack() as stack:
        yield await asyncio.to_thread(stack.enter_context, redis_server())


@asynccontextmanager
async def node(url: str, prefix: str, lease: float = LEASE) -> AsyncIterator[Served]:
    async with (
        redis_rooms(url, OPTIONS, prefix=prefix, lease=lease) as hub,
        serving(hub=hub) as served,
    ):
        yield served


@asynccontextmanager
async def node_to_kill(
    url: str, prefix: str
) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.room_node", url, prefix, str(LEASE)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        yield int(await asyncio.wait_for(process.stdout.readline(), 30)), process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def audience(stack: AsyncExitStack, url: str, users: int) -> list[Heard]:
    """Viewers of the official SDK in ``long:1``."""
    viewers = []
    for n in range(users):
        client, heard = await stack.enter_async_context(sdk(url, f"u{n}")), Heard()
        sub = client.new_subscription("long:1", heard)
        await sub.subscribe()
        await sub.ready()
        viewers.append(heard)
    return viewers


async def talk(hub: Hub, numbers: range) -> None:
    """Say the numbers, a few in every breath."""
    for n in numbers:
        await hub.publish("long:1", {"n": n})
        if n % 4 == 0:
            await asyncio.sleep(0.004)


async def until_counted(hub: Hub, expected: PresenceStats, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while (stats := await hub.presence_stats("long:1")) != expected:
        assert time.monotonic() < deadline, stats
        await asyncio.sleep(0.1)


@pytest.mark.timeout(90)
async def test_a_node_killed_in_a_flood_loses_nobody_anything(
    redis: RedisServer, prefix: str
) -> None:
    async with (
        AsyncExitStack() as stack,
        node(redis.url, prefix) as other,
        node_to_kill(redis.url, prefix) as (port, process),
        Link(port).open() as link,
    ):
        viewers = await audience(stack, link.url, 10)
        await until_counted(other.hub, PresenceStats(10, 10))
        talking = asyncio.create_task(talk(other.hub, range(400)))
        await viewers[0].until(lambda: len(viewers[0].data) > 50)
        process.kill()
        link.cut()
        link.leads_to(other.port)
        link.mend()
        await talking
        for heard in viewers:
            await heard.until(lambda h=heard: len(h.data) >= 400, 20)
            assert [d["n"] for d in heard.data] == list(range(400))
            assert heard.subscribed[-1].recovered
        # Once its lease has run out, nobody counts those it had.
        await until_counted(other.hub, PresenceStats(10, 10))
        assert len(await other.hub.processes()) == 1


async def test_a_blink_of_the_connection_is_healed_before_anybody_notices(
    redis: RedisServer, prefix: str
) -> None:
    async with (
        AsyncExitStack() as stack,
        node(redis.url, prefix) as one,
        node(redis.url, prefix) as two,
    ):
        viewers = await audience(stack, one.url, 3)
        talking = asyncio.create_task(talk(two.hub, range(300)))
        with redis.client() as client:
            for _ in range(4):
                await asyncio.sleep(0.03)
                client.execute_command("CLIENT", "KILL", "TYPE", "PUBSUB")
        await talking
        for heard in viewers:
            await heard.until(lambda h=heard: len(h.data) >= 300, 20)
            assert [d["n"] for d in heard.data] == list(range(300))
            assert len(heard.subscribed) == 1


@pytest.mark.timeout(90)
async def test_redis_killed_and_back_with_nothing_in_it(
    own_redis: RedisServer, prefix: str
) -> None:
    """Rooms go on, and everybody is told to reload: nobody believes to have heard it all."""
    async with (
        AsyncExitStack() as stack,
        node(own_redis.url, prefix, FOREVER) as one,
        node(own_redis.url, prefix, FOREVER) as two,
    ):
        viewers = await audience(stack, one.url, 3)
        await talk(two.hub, range(10))
        for heard in viewers:
            await heard.until(lambda h=heard: len(h.data) == 10)
        own_redis.kill()
        with pytest.raises(RedisAway):
            await two.hub.publish("long:1", {"n": -1})
        async with Raw.to(one.url) as newcomer:  # refused for now, and told to try again
            refused = await newcomer.ask(connect={"token": token("u9")})
            assert refused["error"]["temporary"]
        assert one.hub.open == 3  # those who are in stay
        await asyncio.to_thread(own_redis.start)
        for heard in viewers:
            await heard.until(lambda h=heard: len(h.subscribed) == 2, 20)
            assert heard.subscribed[1].was_recovering
            assert not heard.subscribed[1].recovered
        await talk(two.hub, range(10, 20))
        for heard in viewers:
            await heard.until(lambda h=heard: len(h.data) == 20)
            assert [d["n"] for d in heard.data] == list(range(20))
        await until_counted(two.hub, PresenceStats(3, 3), seconds=2)
        assert len(await one.hub.processes()) == 2


@pytest.mark.timeout(90)
async def test_redis_killed_and_back_with_what_it_had(prefix: str) -> None:
    """Nobody is told to reload, and nobody misses anything."""
    kept = redis_server(arguments=("--appendonly", "yes", "--appendfsync", "always"))
    with contextlib.ExitStack() as holding:
        server = await asyncio.to_thread(holding.enter_context, kept)
        async with (
            AsyncExitStack() as stack,
            node(server.url, prefix, FOREVER) as one,
            node(server.url, prefix, FOREVER) as two,
        ):
            viewers = await audience(stack, one.url, 3)
            await talk(two.hub, range(10))
            await asyncio.to_thread(server.kill)
            with pytest.raises(RedisAway):
                await two.hub.publish("long:1", {"n": -1})
            await asyncio.to_thread(server.start)
            for n in range(10, 20):
                await insist(two.hub, n)
            for heard in viewers:
                await heard.until(lambda h=heard: len(h.data) >= 20)
                assert [d["n"] for d in heard.data] == list(range(20))
                assert all(again.recovered for again in heard.subscribed[1:])


async def insist(hub: Hub, n: int) -> None:
    """Publish until it is taken; the key makes a second one harmless."""
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(RedisAway):
                await hub.publish("long:1", {"n": n}, idempotency_key=str(n))
                return
            await asyncio.sleep(0.05)


async def test_a_stream_is_spoken_to_through_any_process(
    redis: RedisServer, prefix: str
) -> None:
    async with (
        node(redis.url, prefix) as one,
        node(redis.url, prefix) as two,
        http() as session,
    ):
        stream, known = await both_ways(one, session, "http_stream")
        for n in range(2, 12):
            asked = {"id": n, "subscribe": {"channel": f"long:{n}"}}
            assert await say(two, session, known, asked) == 204
            assert (await stream.next())["id"] == n  # one after the other
        for unknown in ("nobody", "n" * 1000):
            assert await say(two, session, known, asked, node=unknown) == 404


async def test_redis_that_hangs_is_away(own_redis: RedisServer, prefix: str) -> None:
    async with node(own_redis.url, prefix) as one, Raw.to(one.url) as viewer:
        await viewer.enter("u1")
        await viewer.ask(subscribe={"channel": "long:1"})
        with own_redis.client() as client:
            client.execute_command("CLIENT", "PAUSE", "300", "WRITE")
        at = await one.hub.publish("long:1", {"n": 1})
        assert at.offset == 1
        assert (await viewer.next())["push"]["pub"]["data"] == {"n": 1}


async def test_no_redis_at_the_start_is_said_at_once(own_redis: RedisServer) -> None:
    own_redis.kill()
    with pytest.raises(RedisAway):
        async with redis_rooms(own_redis.url, OPTIONS):
            pass


async def conversation(url: str, prefix: str) -> None:
    """Two nodes, many channels."""
    async with node(url, prefix) as one, node(url, prefix) as two, Raw.to(one.url) as viewer:
        await viewer.enter("u1")
        for n in range(12):
            await viewer.ask(subscribe={"channel": f"long:{n}"})
        for n in range(12):
            at = await two.hub.publish(f"long:{n}", {"n": n}, idempotency_key="k")
            assert at == await two.hub.publish(f"long:{n}", {"n": n}, idempotency_key="k")
            assert (await viewer.next())["push"]["pub"]["data"] == {"n": n}
            assert (await one.hub.history(f"long:{n}", limit=-1)).top == at
        deadline = time.monotonic() + 5
        while len(found := await two.hub.channels("long:")) < 12:
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.05)
        assert await two.hub.presence_stats("long:3") == PresenceStats(1, 1)
        assert len(await one.hub.processes()) == 2
        await two.hub.disconnect("u1", code=4001, reason="done")
        assert await viewer.closed() == (4001, "done")


@pytest.fixture
async def sentinel(own_redis: RedisServer) -> AsyncIterator[str]:
    watched = f"sentinel monitor rooms 127.0.0.1 {own_redis.port} 1\n"
    with contextlib.ExitStack() as stack:
        watching = redis_server(config=watched, arguments=("--sentinel",))
        server = await asyncio.to_thread(stack.enter_context, watching)
        yield f"redis+sentinel://127.0.0.1:{server.port}/rooms"


@pytest.fixture
async def cluster() -> AsyncIterator[str]:
    """Two servers that share the slots."""
    with contextlib.ExitStack() as stack:
        servers = []
        for _ in range(2):
            bus = free_port()
            apart = ("--cluster-enabled", "yes", "--cluster-port", str(bus))
            starting = redis_server(arguments=apart)
            servers.append((await asyncio.to_thread(stack.enter_context, starting), bus))
        first, bus = servers[0]
        for (server, _), slots in zip(servers, ((0, 8191), (8192, 16383)), strict=True):
            with server.client() as client:
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", *slots)
                if server is not first:
                    client.execute_command("CLUSTER", "MEET", "127.0.0.1", first.port, bus)
        deadline = time.monotonic() + 20
        for server, _ in servers:
            with server.client() as client:
                while not await asyncio.to_thread(_whole, client):
                    assert time.monotonic() < deadline
                    await asyncio.sleep(0.1)
        yield f"redis+cluster://127.0.0.1:{first.port},127.0.0.1:{server.port}"


def _whole(client: Any) -> bool:
    state = str(client.execute_command("CLUSTER INFO"))
    return "ok" in state and len(client.execute_command("CLUSTER SLOTS")) == 2


async def test_by_sentinel(sentinel: str, prefix: str) -> None:
    await conversation(sentinel, prefix)


async def test_by_cluster(cluster: str, prefix: str) -> None:
    await conversation(cluster, prefix)


@pytest.mark.parametrize("url", ["http://x", "redis+sentinel://h:1", "redis+ring://h", ""])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(NotARedisUrl):
        RedisLink(url)
