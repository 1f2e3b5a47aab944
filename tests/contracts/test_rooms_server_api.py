"""The server API, driven by the official client unmodified, and by our own gateway."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import cent
import orjson
import pytest
from aiohttp import web

from streams.realtime import api
from streams.realtime.centrifugo_gateway import CentrifugoGateway, GatewayAway, GatewayRefuses
from streams.realtime.errors import ClientError
from streams.realtime.gateway import Gateway, PresenceStats
from streams.realtime.hub import Hub
from streams.realtime.options import Namespace
from streams.realtime.protocol import Position
from tests.rooms import Raw, Served, options, serving

KEY = "the key of these tests"
LISTED = Namespace(presence=True, history_size=9, history_ttl=60)


@asynccontextmanager
async def answering(hub: Hub) -> AsyncIterator[str]:
    """The API on a port of its own."""
    app = web.Application()
    app.add_routes(api.routes(hub, KEY))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def asked() -> AsyncIterator[tuple[Served, cent.AsyncClient, str]]:
    async with serving(options(listed=LISTED)) as served, answering(served.hub) as url:
        client = cent.AsyncClient(url, KEY)
        try:
            yield served, client, url
        finally:
            await client.close()


async def test_publish_and_history() -> None:
    async with asked() as (served, client, _), Raw.to(served.url) as viewer:
        await viewer.enter("u1")
        await viewer.ask(subscribe={"channel": "room:1"})
        one = await client.publish(
            cent.PublishRequest(channel="room:1", data={"n": 1}, tags={"a": "b"})
        )
        again = cent.PublishRequest(channel="room:1", data={"n": 2}, idempotency_key="k")
        two, repeated = await client.publish(again), await client.publish(again)
        assert (one.offset, two.offset) == (1, 2)
        assert repeated == two
        pub = (await viewer.next())["push"]["pub"]
        assert (pub["data"], pub["tags"]) == ({"n": 1}, {"a": "b"})
        assert (await viewer.next())["push"]["pub"]["data"] == {"n": 2}
        b64 = cent.PublishRequest(channel="room:1", data=None, b64data="eyJuIjozfQ==")
        await client.publish(b64)
        assert (await viewer.next())["push"]["pub"]["data"] == {"n": 3}
        await client.publish(
            cent.PublishRequest(channel="room:1", data={"n": 4}, skip_history=True)
        )
        kept = await client.history(cent.HistoryRequest(channel="room:1", limit=-1))
        assert [p.data["n"] for p in kept.publications] == [1, 2, 3]
        assert (kept.offset, kept.epoch) == (3, one.epoch)
        since = cent.StreamPosition(offset=3, epoch=one.epoch)
        back = cent.HistoryRequest(channel="room:1", limit=1, since=since, reverse=True)
        assert [p.data["n"] for p in (await client.history(back)).publications] == [2]
        top = await client.history(cent.HistoryRequest(channel="room:1"))
        assert (top.publications, top.offset) == ([], 3)
        await client.history_remove(cent.HistoryRemoveRequest(channel="room:1"))
        gone = await client.history(cent.HistoryRequest(channel="room:1", limit=-1))
        assert (gone.publications, gone.offset, gone.epoch) == ([], 3, one.epoch)


async def test_broadcast_and_batch() -> None:
    async with asked() as (_, client, _):
        told = await client.broadcast(
            cent.BroadcastRequest(channels=["room:1", "nowhere:1", "room:2"], data={})
        )
        assert [r.error and r.error.code for r in told.responses] == [None, 102, None]
        assert told.responses[2].result is not None
        for parallel in (False, True):
            publish = cent.PublishRequest(channel="room:1", data={})
            stats = cent.PresenceStatsRequest(channel="room:1")
            both = await client.batch(
                cent.BatchRequest(requests=[publish, stats], parallel=parallel)
            )
            assert both.replies[0].offset > 1
            assert both.replies[1].num_clients == 0


async def test_who_is_there_and_what_they_are_told_to_do() -> None:
    async with (
        asked() as (served, client, _),
        Raw.to(served.url) as one,
        Raw.to(served.url) as two,
    ):
        first = (await one.enter("u1"))["client"]
        await two.enter("u2")
        for viewer in (one, two):
            await viewer.ask(subscribe={"channel": "listed:1"})
        stats = await client.presence_stats(cent.PresenceStatsRequest(channel="listed:1"))
        assert (stats.num_clients, stats.num_users) == (2, 2)
        there = await client.presence(cent.PresenceRequest(channel="listed:1"))
        assert there.presence[first].user == "u1"
        assert there.presence[first].conn_info == {"name": "u1"}
        known = await client.channels(cent.ChannelsRequest(pattern="listed:*"))
        assert known.channels["listed:1"].num_clients == 2
        everywhere = await client.channels(cent.ChannelsRequest())
        assert set(everywhere.channels) == {"listed:1", "#u1", "#u2"}
        node = (await client.info(cent.InfoRequest())).nodes[0]
        assert (node.num_clients, node.num_users, node.num_subs) == (2, 2, 4)
        assert node.uid
        assert node.name

        await client.subscribe(
            cent.SubscribeRequest(user="u1", channel="room:9", data={"hello": 1})
        )
        pushed = (await one.next())["push"]
        assert pushed["channel"] == "room:9"
        assert pushed["subscribe"]["data"] == {"hello": 1}
        await client.publish(cent.PublishRequest(channel="room:9", data={"n": 1}))
        assert (await one.next())["push"]["pub"]["data"] == {"n": 1}

        await client.unsubscribe(cent.UnsubscribeRequest(user="u1", channel="listed:1"))
        assert (await one.next())["push"]["unsubscribe"]["code"] == 2000
        await client.refresh(cent.RefreshRequest(user="u2", expired=True))
        assert (await two.closed())[0] == 3005
        why = cent.Disconnect(code=4001, reason="enough")
        spared = cent.DisconnectRequest(user="u1", whitelist=[first], disconnect=why)
        await client.disconnect(spared)
        assert served.hub.connections("u1")
        other = cent.DisconnectRequest(user="u1", client="another", disconnect=why)
        await client.disconnect(other)
        assert served.hub.connections("u1")
        await client.disconnect(cent.DisconnectRequest(user="u1", disconnect=why))
        assert await one.closed() == (4001, "enough")


async def test_someone_let_in_recovers_from_where_they_say() -> None:
    async with asked() as (served, client, _), Raw.to(served.url) as viewer:
        for n in range(3):
            at = await client.publish(cent.PublishRequest(channel="room:1", data={"n": n}))
        await viewer.enter("u1")
        since = cent.StreamPosition(offset=1, epoch=at.epoch)
        await client.subscribe(
            cent.SubscribeRequest(user="u1", channel="room:1", recover_since=since)
        )
        assert (await viewer.next())["push"]["subscribe"]["offset"] == 1
        heard = [(await viewer.next())["push"]["pub"]["data"]["n"] for _ in range(2)]
        assert heard == [1, 2]


async def test_what_viewers_are_counted_by_can_be_asked_for() -> None:
    """Of the channels that :mod:`streams.presence` counts, from wherever it runs."""
    async with asked() as (_, client, _):
        for channel in ("room:1", "stats:1", "stats:1/team"):
            stats = await client.presence_stats(cent.PresenceStatsRequest(channel=channel))
            assert (stats.num_clients, stats.num_users) == (0, 0)


async def test_the_wrong_key_and_the_wrong_words() -> None:
    async with (
        asked() as (served, client, url),
        aiohttp.ClientSession() as http,
        Raw.to(served.url) as viewer,
    ):
        await viewer.enter("u1")
        stranger = cent.AsyncClient(url, "another key")
        with pytest.raises(cent.CentUnauthorizedError):
            await stranger.info(cent.InfoRequest())
        await stranger.close()
        with pytest.raises(cent.CentApiResponseError) as refused:
            await client.publish(cent.PublishRequest(channel="nowhere:1", data={}))
        assert refused.value.code == 102
        with pytest.raises(cent.CentApiResponseError) as refused:
            await client.history(cent.HistoryRequest(channel="react:1"))
        assert refused.value.code == 108

        async def ask(method: str, body: bytes, **more: str) -> tuple[int, Any]:
            headers = {"X-API-Key": KEY, **more}
            async with http.post(f"{url}/{method}", data=body, headers=headers) as answer:
                return answer.status, await answer.json()

        for method, body, code in [
            ("fly", b"{}", 104),
            ("publish", b"[]", 107),
            ("publish", b"{", 107),
            ("publish", b'{"channel":"room:1"}', 107),
            ("publish", b'{"channel":1,"data":{}}', 107),
            ("publish", b'{"channel":"room:1","b64data":"?"}', 107),
            ("publish", b'{"channel":"room:1","b64data":"gA=="}', 107),
            ("publish", b'{"channel":"room:1","data":' + b"[" * 300 + b"]" * 300 + b"}", 107),
            ("publish", b'{"channel":"","data":1}', 107),
            ("publish", b'{"channel":"room:%b","data":1}' % (b"x" * 251), 107),
            ("publish", b'{"channel":"room:\\u0000","data":1}', 107),
            ("presence", b'{"channel":"room:%b"}' % (b"x" * 251), 107),
            ("history", b'{"channel":"room:\\n"}', 107),
            ("subscribe", b'{"user":"u1","channel":"room:\\u0085"}', 107),
            ("subscribe", b'{"user":"u1","channel":"room:1","expire_at":%d}' % 10**18, 107),
            ("refresh", b'{"user":"u1","expire_at":%d}' % 10**18, 107),
            ("presence", b'{"channel":"react:1"}', 108),
            ("presence", b'{"channel":"room:1"}', 108),
            ("presence_stats", b'{"channel":"react:1"}', 108),
            ("disconnect", b"{}", 107),
            ("history", b'{"channel":"room:1","since":{"epoch":"other"}}', 112),
            ("batch", b'{"commands":1}', 107),
        ]:
            status, reply = await ask(method, body)
            assert (status, reply["error"]["code"]) == (200, code), (method, body)
        several = b'{"channels":["room:1","","room:\\u0000"],"data":1}'
        responses = (await ask("broadcast", several))[1]["result"]["responses"]
        assert [r.get("error", {}).get("code") for r in responses] == [None, 107, 107]
        mode = {"X-Centrifugo-Error-Mode": "transport"}
        assert (await ask("fly", b"{}", **mode))[0] == 404
        odd = b'{"commands":[{"fly":{}},{"info":{}},3]}'
        replies = (await ask("batch", odd))[1]["replies"]
        assert [r.get("error", {}).get("code") for r in replies] == [104, None, 107]


async def test_what_is_published_is_told_as_it_was_written() -> None:
    odd = '{"n":123456789012345678901234567890,"p":10.00,"e":1E2,"dup":1,"dup":2,"m":-0}'
    async with (
        asked() as (served, _, url),
        aiohttp.ClientSession(headers={"X-API-Key": KEY}) as http,
        Raw.to(served.url) as viewer,
    ):
        await viewer.enter("u1")
        await viewer.ask(subscribe={"channel": "room:1"})
        one = f'{{"channel":"room:1","data":{odd}}}'
        many = f'{{ "channels": ["room:1"], "data": {odd} }}'
        for method, text in [
            ("publish", one),
            ("broadcast", many),
            (
                "batch",
                f'{{"commands":[{{"info":{{}}}}, {{"publish":{one}}},{{"broadcast":{many}}}]}}',
            ),
        ]:
            async with http.post(f"{url}/{method}", data=text) as answer:
                assert "error" not in await answer.text(), method
        told = 0
        async with asyncio.timeout(20):
            while told < 4:  # gathered or not, and with a ping between them
                told += str(await viewer.socket.recv()).count(odd)
        assert told == 4
        async with http.post(f"{url}/history", data='{"channel":"room:1","limit":-1}') as kept:
            assert (await kept.text()).count(odd) == 4


async def test_history_tells_bytes_that_are_no_json() -> None:
    async with asked() as (served, client, url), aiohttp.ClientSession() as http:
        await served.hub.post("room:1", b"\xff{")
        await served.hub.post("room:1", b"[1]")
        kept = await client.history(cent.HistoryRequest(channel="room:1", limit=-1))
        assert [said.data for said in kept.publications] == [None, [1]]
        distant = CentrifugoGateway(http, url, KEY)
        said = (await distant.history("room:1", limit=-1)).publications
        assert [one.data for one in said] == [b"\xff{", b"[1]"]


async def test_an_end_that_cannot_be_told_ends_nothing() -> None:
    """Or else the connection would be over for us and stay open."""
    async with (
        asked() as (served, _, url),
        Raw.to(served.url) as viewer,
        aiohttp.ClientSession(headers={"X-API-Key": KEY}) as http,
    ):
        await viewer.enter("u1")
        for code, reason in [
            *((code, "go") for code in (70000, -1, 0, 1005, 5000)),
            *((4500, reason) for reason in ("", "x" * 200, "中" * 60, "{}", "\ud83d" * 40)),
        ]:
            body = {"user": "u1", "disconnect": {"code": code, "reason": reason}}
            async with http.post(f"{url}/disconnect", json=body) as answer:
                assert (await answer.json())["error"]["code"] == 107, (code, reason)
            with pytest.raises(ValueError, match=r"reason|code|surrogates"):
                await served.hub.disconnect("u1", code=code, reason=reason or "x" * 33)
            assert (await viewer.ask(rpc={"method": "no"}))["error"]["code"] == 104
        body = {"user": "u1", "disconnect": {"code": 4999, "reason": "中" * 10}}
        async with http.post(f"{url}/disconnect", json=body) as answer:
            assert await answer.json() == {"result": {}}
        assert await viewer.closed() == (4999, "中" * 10)
        assert served.hub.open == 0


async def test_the_gateway_at_a_distance_is_the_gateway() -> None:
    """Everything that commerce asks of the hub can be asked over the API."""

    async def conversation(gateway: Gateway, channel: str) -> list[Any]:
        at = await gateway.publish(channel, {"n": 1}, tags={"t": "x"})
        late = [
            await gateway.publish(f"stock:{channel}", {"v": v}, version=v, version_epoch="e")
            for v in (2, 1)
        ]
        said = await gateway.history(channel, limit=-1)
        return [
            at.offset,
            [position.offset for position in late],
            [p.offset for p in await gateway.broadcast([channel, f"mod:{channel}"], b"[2]")],
            [orjson.loads(p.data) for p in said.publications],
            said.publications[0].tags,
            said.top == at,
            await gateway.presence_stats(channel) == PresenceStats(1, 1),
            await gateway.channels(channel),
        ]

    async with (
        asked() as (served, _, url),
        aiohttp.ClientSession() as http,
        Raw.to(served.url) as viewer,
    ):
        distant = CentrifugoGateway(http, url, KEY)
        await viewer.enter("u1")
        for channel in ("room:1", "room:2"):
            await viewer.ask(subscribe={"channel": channel})
        near, far = (
            await conversation(served.hub, "room:1"),
            await conversation(distant, "room:2"),
        )
        assert orjson.loads(orjson.dumps(far).replace(b"room:2", b"room:1")) == near
        with pytest.raises(ClientError) as lost:
            await distant.history("room:1", since=Position(1, "other"))
        assert lost.value.code == 112
        await distant.unsubscribe("u1", "room:1")
        await distant.disconnect("u1", code=4002, reason="bye")
        assert await viewer.closed() == (4002, "bye")
        with pytest.raises(GatewayRefuses):
            await CentrifugoGateway(http, url, "other").channels()
    async with aiohttp.ClientSession() as http:
        with pytest.raises(GatewayAway):
            await CentrifugoGateway(http, url, KEY).channels()
    await asyncio.sleep(0)
