"""The protocol on the wire, spoken by a second WebSocket implementation."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import ClientSession
from websockets.exceptions import InvalidStatus

from streams.realtime.options import Limits, Namespace
from tests.rooms import Raw, options, serving, token


async def test_connect_and_subscribe_in_one_frame() -> None:
    async with serving() as served, Raw.to(served.url) as raw:
        await raw.send(
            {"id": 1, "connect": {"token": token("u1"), "name": "js"}},
            {"id": 2, "subscribe": {"channel": "room:1", "flag": 1}},
        )
        connected, subscribed = await raw.next(), await raw.next()
        assert connected["id"] == 1
        hello = connected["connect"]
        assert len(hello["client"]) == 36
        assert (hello["ping"], hello["pong"], hello["version"]) == (25, True, "test")
        assert (hello["expires"], hello["ttl"]) == (True, pytest.approx(3600, abs=2))
        personal = hello["subs"]["#u1"]
        assert personal["recoverable"]
        assert personal["positioned"]
        assert subscribed["id"] == 2
        assert subscribed["subscribe"]["positioned"]
        assert "offset" not in subscribed["subscribe"]
        assert len(subscribed["subscribe"]["epoch"]) == 8


async def test_a_publication_reaches_everyone_with_its_position() -> None:
    async with serving() as served, Raw.to(served.url) as one, Raw.to(served.url) as two:
        for user, raw in (("u1", one), ("u2", two)):
            await raw.enter(user)
            await raw.ask(subscribe={"channel": "room:1"})
        position = await served.hub.publish("room:1", {"t": "hi", "x": "…\n"})
        assert position.offset == 1
        for raw in (one, two):
            push = (await raw.next())["push"]
            assert push["channel"] == "room:1"
            assert push["pub"]["data"] == {"t": "hi", "x": "…\n"}
            assert push["pub"]["offset"] == 1
            assert push["pub"]["epoch"] == position.epoch  # the first one tells it


async def test_rpc_and_its_failures() -> None:
    async with serving() as served, Raw.to(served.url) as raw:
        await raw.enter("u1")
        said = await raw.ask(rpc={"method": "say", "data": {"channel": "room:1", "text": "hi"}})
        assert said == {"rpc": {"data": {"ok": True}}}
        unknown = await raw.ask(rpc={"method": "nothing"})
        assert unknown == {"error": {"code": 104, "message": "method not found"}}
        broken = await raw.ask(rpc={"method": "break"})
        assert broken["error"] == {
            "code": 100,
            "message": "internal server error",
            "temporary": True,
        }


async def test_a_slow_answer_does_not_hold_up_what_others_say() -> None:
    async with serving() as served, Raw.to(served.url) as raw:
        await raw.enter("u1")
        await raw.ask(subscribe={"channel": "room:1"})
        await raw.send({"id": 9, "rpc": {"method": "wait", "data": 0.3}})
        await raw.send({"id": 10, "presence_stats": {"channel": "room:1"}})
        await asyncio.sleep(0.05)
        await served.hub.publish("room:1", {"t": "hi"})
        assert "push" in await raw.next()
        assert await raw.next() == {"id": 9, "rpc": {}}
        counted = {"num_clients": 1, "num_users": 1}
        assert await raw.next() == {"id": 10, "presence_stats": counted}


async def test_history_pages() -> None:
    async with serving() as served, Raw.to(served.url) as raw:
        await raw.enter("u1")
        await raw.ask(subscribe={"channel": "room:1"})
        for n in range(5):
            await served.hub.publish("room:1", {"n": n})
        for _ in range(5):
            await raw.next()

        async def numbers(**asked: object) -> list[int]:
            page = (await raw.ask(history={"channel": "room:1", **asked}))["history"]
            assert page["offset"] == 5
            return [p["data"]["n"] for p in page["publications"]]

        assert await numbers() == []
        assert await numbers(limit=-1) == [0, 1, 2, 3, 4]
        assert await numbers(limit=2, since={"offset": 2}) == [2, 3]
        assert await numbers(limit=2, reverse=True) == [4, 3]
        assert await numbers(limit=-1, reverse=True, since={"offset": 3}) == [1, 0]
        bad = await raw.ask(history={"channel": "room:1", "limit": 1, "since": {"epoch": "x"}})
        assert bad["error"]["code"] == 112
        bad = await raw.ask(history={"channel": "stats:1"})
        assert bad["error"]["code"] == 108


@pytest.mark.parametrize(
    ("subscribe", "code"),
    [
        ({"channel": "nowhere:1"}, 102),
        ({"channel": "room:" + "x" * 251}, 107),
        ({"channel": "room:1", "type": 1}, 108),
        ({"channel": "mod:1"}, 103),
        ({"channel": "#somebody"}, 103),
        ({"channel": "#u1"}, 105),
        ({"channel": "room:1", "flag": 2, "recover": True, "epoch": "x"}, 112),
    ],
)
async def test_a_subscribe_is_refused_with_its_code(
    subscribe: dict[str, object], code: int
) -> None:
    async with serving() as served, Raw.to(served.url) as raw:
        await raw.enter("u1")
        assert (await raw.ask(subscribe=subscribe))["error"]["code"] == code
        # and the connection goes on
        assert (await raw.ask(unsubscribe={"channel": "room:1"})) == {"unsubscribe": {}}


async def test_a_forged_token_ends_it_for_good_and_an_old_one_asks_for_another() -> None:
    async with serving() as served:
        async with Raw.to(served.url) as raw:
            forged = token("u1", secret="somebody else's secret, just as long as ours")
            await raw.send({"id": 1, "connect": {"token": forged}})
            assert await raw.closed() == (3500, "invalid token")
        async with Raw.to(served.url) as raw:
            old = token("u1", lasts=timedelta(seconds=-5))
            refused = await raw.ask(connect={"token": old})
            assert refused == {"error": {"code": 109, "message": "token expired"}}
            await raw.send({"id": 2, "subscribe": {"channel": "room:1"}})
            assert (await raw.closed())[0] == 3501


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "nonsense",
        "[]",
        '{"id":1}',
        '{"id":0,"rpc":{}}',
        '{"id":1,"connect":{"token":5}}',
        '{"id":1,"connect":{"data":' + "[" * 300 + "]" * 300 + "}}",
        "{}",
    ],
)
async def test_what_is_not_the_protocol_closes_3501(frame: str) -> None:
    async with serving() as served, Raw.to(served.url) as raw:
        await raw.send(frame)
        assert await raw.closed() == (3501, "bad request")


async def test_a_text_cut_within_a_character_is_refused_and_the_client_stays() -> None:
    async with serving() as served, Raw.to(served.url) as raw:
        await raw.enter("u1")
        cut = r'{"id":2,"rpc":{"method":"say","data":{"channel":"room:1","text":"hi \ud83d"}}}'
        await raw.send(cut)
        assert await raw.next() == {"id": 2, "error": {"code": 107, "message": "bad request"}}
        said = await raw.ask(rpc={"method": "say", "data": {"channel": "room:1", "text": "hi"}})
        assert said == {"rpc": {"data": {"ok": True}}}
        await raw.send(r'{"id":0,"rpc":{"data":"\ud83d"}}')
        assert (await raw.closed())[0] == 3501


async def test_closes_that_follow_a_connect() -> None:
    async with serving() as served:
        for command, code in (
            ({"id": 2, "connect": {}}, 3501),
            ({"send": {"data": 1}}, 3508),
            ({}, 3501),  # a pong that nobody asked for
        ):
            async with Raw.to(served.url) as raw:
                await raw.enter("u1")
                await raw.send(command)
                assert (await raw.closed())[0] == code


async def test_a_frame_too_large_closes_1009() -> None:
    async with serving() as served:
        async with Raw.to(served.url) as raw:
            await raw.enter("u1")
            fits = await raw.ask(rpc={"method": "x", "data": "y" * 65_000})
            assert fits["error"]["code"] == 104
        async with Raw.to(served.url) as raw:
            await raw.send("x" * 66_000)
            assert (await raw.closed())[0] == 1009


async def test_a_foreign_origin_may_not_connect() -> None:
    async with serving() as served:
        with pytest.raises(InvalidStatus) as refused:
            async with Raw.to(served.url, origin="https://evil.example"):
                pass
        assert refused.value.response.status_code == 403
        async with Raw.to(served.url, origin=f"http://127.0.0.1:{served.port}") as raw:
            assert await raw.enter("u1")


async def test_a_plain_request_gets_an_answer() -> None:
    async with (
        serving() as served,
        ClientSession() as http,
        http.get(served.url.replace("ws:", "http:")) as answer,
    ):
        assert answer.status == 400


async def test_ping_pong_and_silence() -> None:
    hasty = Limits(ping_interval=2, pong_timeout=1, stale=2)
    async with serving(options(hasty)) as served:
        async with Raw.to(served.url) as raw:
            assert (await raw.enter("u1"))["ping"] == 2
            assert await raw.next(pings=True) == {}
            await raw.send({})
            assert await raw.next(pings=True) == {}
            assert await raw.closed() == (3012, "no pong")
        async with Raw.to(served.url) as raw:
            assert await raw.closed() == (3502, "stale")


async def test_a_token_that_runs_out_is_refreshed_or_ends_it() -> None:
    short = Limits(expiry_grace=1)
    async with serving(options(short)) as served, Raw.to(served.url) as raw:
        hello = await raw.ask(connect={"token": token("u1", lasts=timedelta(seconds=2))})
        assert hello["connect"]["ttl"] in (1, 2)
        refreshed = await raw.ask(refresh={"token": token("u1", lasts=timedelta(seconds=3))})
        assert refreshed["refresh"]["expires"]
        assert refreshed["refresh"]["client"] == hello["connect"]["client"]
        assert await raw.closed(8) == (3005, "connection expired")


async def test_the_application_ends_subscriptions_and_connections() -> None:
    async with serving() as served, Raw.to(served.url) as raw:
        await raw.enter("u1")
        await raw.ask(subscribe={"channel": "room:1"})
        await served.hub.unsubscribe("u1", "room:1")
        push = (await raw.next())["push"]
        assert push == {
            "channel": "room:1",
            "unsubscribe": {"code": 2000, "reason": "server unsubscribe"},
        }
        await served.hub.publish("#u1", {"t": "order"})
        assert (await raw.next())["push"]["channel"] == "#u1"
        await served.hub.disconnect("u1", code=4500, reason="banned")
        assert await raw.closed() == (4500, "banned")
        assert await served.hub.channels() == {}


async def test_joins_and_presence_where_they_are_allowed() -> None:
    small = Namespace(
        presence=True, join_leave=True, force_push_join_leave=True, presence_for_subscriber=True
    )
    async with serving(options(small=small)) as served, Raw.to(served.url) as one:
        await one.enter("u1")
        await one.ask(subscribe={"channel": "small:1"})
        assert (await one.next())["push"]["join"]["info"]["user"] == "u1"  # its own
        async with Raw.to(served.url) as two:
            client = (await two.enter("u2"))["client"]
            await two.ask(subscribe={"channel": "small:1"})
            assert (await one.next())["push"]["join"]["info"]["client"] == client
            there = (await one.ask(presence={"channel": "small:1"}))["presence"]["presence"]
            assert there[client]["conn_info"] == {"name": "u2"}
        assert (await one.next())["push"]["leave"]["info"]["client"] == client
        assert (await one.ask(presence={"channel": "room:1"}))["error"]["code"] == 108


async def test_too_many_commands() -> None:
    strict = Limits(commands_per_second=0.001, commands_burst=3, refusals=2)
    async with serving(options(strict)) as served, Raw.to(served.url) as raw:
        await raw.enter("u1")
        for _ in range(2):
            assert "unsubscribe" in await raw.ask(unsubscribe={"channel": "x"})
        for _ in range(2):
            assert (await raw.ask(unsubscribe={"channel": "x"}))["error"]["code"] == 111
        await raw.send({"id": 99, "unsubscribe": {"channel": "x"}})
        assert await raw.closed() == (3013, "too many requests")


async def test_haste_excuses_nobody_from_the_protocol() -> None:
    strict = Limits(commands_per_second=0.001, commands_burst=1)
    async with serving(options(strict)) as served, Raw.to(served.url) as raw:
        await raw.enter("u1")
        await raw.send({"send": {"data": 1}})
        assert await raw.closed() == (3508, "not available")


async def test_shutdown_tells_clients_to_come_back() -> None:
    async with serving() as served, Raw.to(served.url) as raw:
        await raw.enter("u1")
        await served.hub.drain()
        assert await raw.closed() == (3001, "shutdown")
        with pytest.raises(InvalidStatus) as refused:
            async with Raw.to(served.url):
                pass
        assert refused.value.response.status_code == 503
