"""We play Centrifugo: its proxy requests in, exactly one of result, error, disconnect out; and
its configuration names what we serve."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web

from livecommerce.gateways import ROOMS
from livecommerce.identity import tokens
from livecommerce.kernel import ids
from livecommerce.kernel.errors import Throttled
from streams.presence.viewers import APART, Audience, Viewers
from streams.realtime import codes, proxies
from streams.realtime.door import Admitted, ConnectWant, Grant, Visitor
from streams.realtime.errors import ClientError, Disconnect
from streams.realtime.options import RecoveryMode
from tests.centrifugo_peer import Centrifugo, configuration
from tests.rooms import OpenDoor, token

KEY = "the key of these tests"
COMMON = {"client": "c1", "transport": "websocket", "protocol": "json", "encoding": "json"}
UNTIL = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Slow(Throttled):
    """That was too fast."""


class FussyDoor(OpenDoor):
    """Every way to answer."""

    async def connect(self, want: ConnectWant) -> Admitted:
        if want.headers.get("Cookie") == "who=u1":
            subs = {"room:1": Grant(data=b'{"hello":1}')}
            return Admitted("u1", b'{"name":"x"}', UNTIL, subs, b"[1]", {"name": "x"})
        return await super().connect(want)

    async def subscribe(self, visitor: Visitor, channel: str, data: bytes, token: str) -> Grant:
        assert visitor.meta == {"name": "x"}
        if channel == "room:own":
            return Grant(b'{"n":1}', data, UNTIL, recoverable=False, join_leave=True)
        return await super().subscribe(visitor, channel, data, token)

    async def publish(self, visitor: Visitor, channel: str, data: bytes) -> bytes:
        return b'{"said":%s}' % data

    async def rpc(self, visitor: Visitor, method: str, data: bytes) -> Any:
        match method:
            case "fast":
                raise Slow()
            case "end":
                raise Disconnect(codes.FORCE_RECONNECT)
            case "ban":
                raise Disconnect(codes.DENIED)
            case "own":
                raise ClientError(1234, "mine", temporary=True)
            case "nothing":
                return None
            case "echo":
                return {"user": visitor.user, "heard": data.decode()}
        return await super().rpc(visitor, method, data)


@asynccontextmanager
async def behind() -> AsyncIterator[Any]:
    app = web.Application()
    app.add_routes(proxies.routes(lambda _: FussyDoor(), KEY))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/rt"

    async def ask(event: str, body: Any, **headers: str) -> Any:
        given = {"X-API-Key": KEY, **headers}
        async with http.post(f"{url}/{event}", json=body, headers=given) as answer:
            if answer.status != 200:
                return answer.status
            told = await answer.json()
            assert len(told.keys() & {"result", "error", "disconnect"}) == len(told) == 1
            return told

    async with aiohttp.ClientSession() as http:
        try:
            yield ask
        finally:
            await runner.cleanup()


async def test_connect() -> None:
    async with behind() as ask:
        known = await ask("connect", COMMON, Cookie="who=u1")
        assert known["result"] == {
            "user": "u1",
            "expire_at": int(UNTIL.timestamp()),
            "info": {"name": "x"},
            "data": [1],
            "subs": {"room:1": {"data": {"hello": 1}}},
            "meta": {"name": "x"},
        }
        by_token = await ask("connect", {**COMMON, "token": token("u2")})
        assert by_token["result"]["user"] == "u2"
        stranger = await ask("connect", COMMON)
        assert stranger == {"disconnect": {"code": 4500, "reason": "invalid token"}}
        assert await ask("connect", COMMON, **{"X-API-Key": "other"}) == 401


async def test_subscribe_and_publish() -> None:
    visitor = {**COMMON, "user": "u1", "meta": {"name": "x"}}
    async with behind() as ask:
        own = await ask("subscribe", {**visitor, "channel": "room:own", "data": {"a": 1}})
        assert own["result"] == {
            "expire_at": int(UNTIL.timestamp()),
            "info": {"n": 1},
            "data": {"a": 1},
            "override": {"join_leave": {"value": True}, "force_recovery": {"value": False}},
        }
        assert (await ask("subscribe", {**visitor, "channel": "room:1"}))["result"] == {}
        shut = await ask("subscribe", {**visitor, "channel": "mod:1"})
        assert shut["error"] == {"code": 403, "message": "permission denied"}
        said = await ask("publish", {**visitor, "channel": "room:1", "data": {"a": 1}})
        assert said["result"]["data"] == {"said": {"a": 1}}
        b64 = await ask("publish", {**visitor, "channel": "room:1", "b64data": "WzFd"})
        assert b64["result"]["data"] == {"said": [1]}


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("echo", {"result": {"data": {"user": "u1", "heard": '{"a":1}'}}}),
        ("nothing", {"result": {}}),
        ("fast", {"error": {"code": 429, "message": "slow", "temporary": True}}),
        ("own", {"error": {"code": 1234, "message": "mine", "temporary": True}}),
        ("fly", {"error": {"code": 404, "message": "method not found"}}),
        ("break", {"error": {"code": 500, "message": codes.ERRORS[100], "temporary": True}}),
        ("end", {"disconnect": {"code": 4011, "reason": "force reconnect"}}),
        ("ban", {"disconnect": {"code": 4507, "reason": "permission denied"}}),
    ],
)
async def test_rpc(method: str, expected: Any) -> None:
    async with behind() as ask:
        asked = {**COMMON, "user": "u1", "method": method, "data": {"a": 1}}
        assert await ask("rpc", asked) == expected


async def test_refresh() -> None:
    async with behind() as ask:
        visitor = {**COMMON, "user": "u1"}
        assert (await ask("refresh", visitor))["result"] == {"expired": True}
        longer = await ask("refresh", {**visitor, "token": token("u1")})
        assert longer["result"]["expire_at"] > UNTIL.timestamp() - 10**9
        asked = {**visitor, "channel": "room:1"}
        assert (await ask("sub_refresh", asked))["result"] == {"expired": True}
        assert (await ask("rpc", [1]))["error"]["code"] == 400


def test_the_configuration_says_what_we_say() -> None:
    """Namespaces as ours, every proxy with our key, the API under the key we show."""
    told = configuration()
    there = {one["name"]: one for one in told["channel"]["namespaces"]}
    assert there.keys() >= ROOMS.namespaces.keys()
    for name, ours in ROOMS.namespaces.items():
        theirs = there[name]
        assert theirs["subscribe_proxy_enabled"]
        assert theirs.get("history_size", 0) == ours.history_size
        assert theirs.get("history_ttl", "0s") == f"{ours.history_ttl:.0f}s"
        assert theirs.get("force_recovery", False) == ours.force_recovery
        mode = theirs.get("force_recovery_mode", "stream")
        assert RecoveryMode(mode) is ours.recovery_mode
        assert theirs.get("presence", False) == ours.counted, name
    personal = told["channel"]["without_namespace"]
    assert ROOMS.personal is not None
    assert personal["history_size"] == ROOMS.personal.history_size
    assert told["client"]["subscribe_to_user_personal_channel"]["enabled"]
    targets = [
        *told["client"]["proxy"].values(),
        *told["channel"]["proxy"].values(),
        told["rpc"]["proxy"],
    ]
    for target in targets:
        assert target["endpoint"].rpartition("/rt/")[2] in proxies.EVENTS
        assert target["http"]["static_headers"].keys() == {"X-API-Key"}


async def test_viewers_are_counted_there() -> None:
    """Who is where is kept for every channel that is counted; others it refuses with 108."""
    live = ids.new("liv")
    there = {f"room:{live}": ["gst_1", "gst_1", "usr_1"], f"stats:{live}{APART}": ["usr_1"]}
    peer = Centrifugo(there=there)
    async with peer.serving() as gateway:
        viewers = Viewers(gateway)
        await viewers.count()
    assert viewers.audience(live) == Audience(1, 1)
    assert peer.published == [(f"stats:{live}", {"t": "stats", "viewers": 1, "peak": 1})]


async def test_a_connection_outlives_its_first_token(now: datetime) -> None:
    """Clients bring a newer one, which it reads by itself. (Were it told to ask us instead, it
    would ask without any token, and hear that everybody's hour is over.)"""
    peer = Centrifugo()
    async with behind() as ask:
        asked_instead = await ask("refresh", {**COMMON, "user": "u1"})
    assert asked_instead["result"] == {"expired": True}
    assert peer.refreshed_by_client
    secret = "a secret of at least thirty-two characters"
    newer = tokens.issue(secret, "usr_1", "Anna", now + timedelta(minutes=50))
    verifies = peer.told["client"]["token"]
    assert verifies.keys() == {"hmac_secret_key", "audience"}
    claims = jwt.decode(
        newer,
        tokens.room_key(secret),  # in the place of hmac_secret_key
        algorithms=["HS256"],
        audience=verifies["audience"],
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["exp"] > (now + timedelta(hours=1)).timestamp()
