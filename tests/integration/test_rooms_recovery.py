"""Lost connections, with the official Python SDK on the other end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import centrifuge
import pytest

from streams.realtime.hub import Hub
from streams.realtime.options import LATEST, Limits, Namespace
from tests.rooms import Heard, Link, Raw, Served, farewell, options, sdk, serving, token

LONG = Namespace(history_size=300, history_ttl=60, force_recovery=True)
SHORT = Namespace(history_size=5, history_ttl=60, force_recovery=True)


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[Served, Link]]:
    async with (
        serving(options(long=LONG, short=SHORT)) as served,
        Link(served.port).open() as link,
    ):
        yield served, link


async def talk(hub: Hub, channel: str, numbers: range) -> None:
    """Say the numbers, a few in every breath."""
    for n in numbers:
        await hub.publish(channel, {"n": n})
        if n % 3 == 0:
            await asyncio.sleep(0.005)


async def test_two_viewers_chat_by_rpc() -> None:
    async with serving() as served, sdk(served.url, "u1") as one, sdk(served.url, "u2") as two:
        heard = [Heard(), Heard()]
        for client, events in zip((one, two), heard, strict=True):
            await client.new_subscription("room:1", events).subscribe()
        for events in heard:
            await events.until(lambda e=events: e.subscribed)
        asked = {"channel": "room:1", "text": "你好", "key": "k1"}
        for _ in range(2):  # a repeated call says nothing twice
            answer = await one.rpc("say", asked)
            assert answer.data == {"ok": True}
        await two.rpc("say", {"channel": "room:1", "text": "hi"})
        for events in heard:
            await events.until(lambda e=events: len(e.data) == 2)
            assert [d["text"] for d in events.data] == ["你好", "hi"]
            assert events.data[0]["user"] == "u1"
        stats = await served.hub.presence_stats("room:1")
        assert (stats.num_clients, stats.num_users) == (2, 2)


async def test_a_dropped_viewer_hears_everything_once_while_messages_flow() -> None:
    async with linked() as (served, link), sdk(link.url, "u1") as client:
        heard = Heard()
        sub = client.new_subscription("long:1", heard)
        await sub.subscribe()
        await sub.ready()
        talking = asyncio.create_task(talk(served.hub, "long:1", range(240)))
        for wait in (0.05, 0.1):
            await asyncio.sleep(wait)
            link.cut()
            link.mend()
        await talking
        await heard.until(lambda: len(heard.data) >= 240)
        assert [d["n"] for d in heard.data] == list(range(240))
        again = heard.subscribed[1:]
        assert again
        assert all(ctx.was_recovering and ctx.recovered for ctx in again)


async def test_a_viewer_away_for_too_long_is_told_to_reload() -> None:
    async with linked() as (served, link), sdk(link.url, "u1") as client:
        heard = Heard()
        sub = client.new_subscription("short:1", heard)
        await sub.subscribe()
        await sub.ready()
        await talk(served.hub, "short:1", range(3))
        await heard.until(lambda: len(heard.data) == 3)
        link.cut()
        await talk(served.hub, "short:1", range(3, 20))
        link.mend()
        await heard.until(lambda: len(heard.subscribed) == 2)
        assert heard.subscribed[1].was_recovering
        assert not heard.subscribed[1].recovered
        await talk(served.hub, "short:1", range(20, 22))
        await heard.until(lambda: len(heard.data) == 5)
        assert [d["n"] for d in heard.data] == [0, 1, 2, 20, 21]  # nothing partial


async def test_the_personal_channel_recovers_too() -> None:
    class Mine(centrifuge.ClientEventHandler):
        def __init__(self) -> None:
            self.data: list[int] = []
            self.all = asyncio.Event()

        async def on_publication(self, ctx: centrifuge.ServerPublicationContext) -> None:
            self.data.append(ctx.pub.data["n"])
            if len(self.data) >= 10:
                self.all.set()

    async with linked() as (served, link):
        mine = Mine()
        client = centrifuge.Client(link.url, mine, token=token("u1"), proxy=None)
        await client.connect()
        await client.ready()
        await talk(served.hub, "#u1", range(2))
        link.cut()
        await talk(served.hub, "#u1", range(2, 10))
        link.mend()
        async with asyncio.timeout(10):
            await mine.all.wait()
        assert mine.data == list(range(10))
        await farewell(client)


async def test_a_returning_viewer_gets_the_newest_value_of_a_state_channel() -> None:
    async with serving(options(latest=LATEST)) as served, Raw.to(served.url) as raw:
        first = await served.hub.publish("latest:1", {"v": 1}, version=1)
        await served.hub.publish("latest:1", {"v": 3}, version=3)
        late = await served.hub.publish("latest:1", {"v": 2}, version=2)
        assert late.offset == 2  # the late one undid nothing
        await raw.enter("u1")
        asked = {"channel": "latest:1", "recover": True, "offset": 1, "epoch": first.epoch}
        got = (await raw.ask(subscribe=asked))["subscribe"]
        assert got["recovered"]
        assert got["was_recovering"]
        assert [p["data"] for p in got["publications"]] == [{"v": 3}]
        await raw.ask(unsubscribe={"channel": "latest:1"})
        there = (await raw.ask(subscribe={**asked, "offset": 2}))["subscribe"]
        assert there["recovered"]
        assert "publications" not in there


async def test_a_stranger_to_this_life_of_the_stream_reloads() -> None:
    async with serving() as served, Raw.to(served.url) as raw:
        await served.hub.publish("room:1", {"n": 1})
        await raw.enter("u1")
        asked = {"channel": "room:1", "recover": True, "offset": 1, "epoch": "another"}
        got = (await raw.ask(subscribe=asked))["subscribe"]
        assert got["was_recovering"]
        assert "recovered" not in got
        assert got["offset"] == 1


@pytest.mark.timeout(60)
async def test_a_slow_viewer_is_closed_and_the_others_hear_everything() -> None:
    bounded = Limits(queue_bytes=200_000, close_wait=3)
    async with (
        serving(options(bounded)) as served,
        Raw.to(served.url, max_queue=1) as slow,
        Raw.to(served.url) as good,
    ):
        for user, raw in (("slow", slow), ("good", good)):
            await raw.enter(user)
            await raw.ask(subscribe={"channel": "room:1"})
        text, heard = "x" * 20_000, 0
        for n in range(400):
            await served.hub.publish("room:1", {"n": n, "text": text})
            while heard <= n:
                assert (await good.next())["push"]["pub"]["data"]["n"] == heard
                heard += 1
            if not served.hub.connections("slow"):
                break
        assert served.hub.figures.slow == 1
        assert await slow.closed() == (3008, "slow")


@pytest.mark.timeout(60)
async def test_a_viewer_that_never_reads_again_is_cut_off() -> None:
    bounded = Limits(queue_bytes=200_000, close_wait=0.5)
    async with serving(options(bounded)) as served, Raw.to(served.url, max_queue=1) as slow:
        await slow.enter("slow")
        await slow.ask(subscribe={"channel": "room:1"})
        while served.hub.connections("slow"):
            await served.hub.publish("room:1", {"text": "x" * 20_000})
            await asyncio.sleep(0)
        await asyncio.sleep(1)
        assert served.hub.open == 0
        slow.socket.transport.abort()
