"""The gateway by itself, as those meet it who run it for an application of their own."""

import asyncio
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from aiohttp import ClientSession

from streams.realtime import config
from streams.realtime.options import RecoveryMode
from streams.realtime.profiles import PROFILES
from tests.gateway_alone import ROOT, gateway_beside
from tests.rooms import Raw

SECRET = "the secret of these tests, long enough for HS256"
KEY = "the key of the server API"
CONFIG: dict[str, Any] = {
    "client": {
        "token": {"hmac_secret_key": SECRET},
        "subscribe_to_user_personal_channel": {
            "enabled": True,
            "personal_channel_namespace": "own",
        },
        "ping_interval": "30s",
    },
    "channel": {
        "namespaces": [
            {"name": "own", "history_size": 5, "history_ttl": "1m", "force_recovery": True},
            {
                "name": "stock",
                "history_size": 1,
                "history_ttl": "1h30m",
                "force_recovery": True,
                "force_recovery_mode": "cache",
                "allow_subscribe_for_client": True,
                "allowed_delta_types": ["fossil"],
            },
        ]
    },
    "http_api": {"key": KEY},
    "shutdown": {"drain": 0},
}
TOML = """
[client.token]
hmac_secret_key = "x"
[channel.without_namespace]
presence = true
"""


def token(user: str) -> str:
    until = datetime.now(UTC) + timedelta(hours=1)
    return jwt.encode({"sub": user, "exp": until}, SECRET, algorithm="HS256")


async def test_a_configuration_is_all_it_takes(tmp_path: Path) -> None:
    path = tmp_path / "rooms.json"
    path.write_bytes(orjson.dumps(CONFIG))
    async with gateway_beside("--config", str(path), folder=tmp_path) as alone:
        here = f"127.0.0.1:{alone.port}"
        url = f"ws://{here}/connection/websocket"
        async with Raw.to(url) as raw, ClientSession(f"http://{here}") as session:
            entered = (await raw.ask(connect={"token": token("u1")}))["connect"]
            assert entered["ping"] == 30
            assert entered["subs"]["#u1"]["recoverable"]
            assert (await raw.ask(subscribe={"channel": "stock:1"}))["subscribe"]["positioned"]
            assert (await raw.ask(subscribe={"channel": "other:1"}))["error"]["code"] == 102
            said = {"channel": "stock:1", "data": {"left": 3}}
            refused = await session.post("/api/publish", json=said)
            assert refused.status == 401
            shown = {"X-API-Key": KEY}
            await session.post("/api/publish", json=said, headers=shown)
            assert (await raw.next())["push"]["pub"]["data"] == {"left": 3}
            assert (await session.get("/health")).status == 200
            page = await (await session.get("/metrics")).text()
            assert "\nrooms_connections 1\n" in page
            assert "\nrooms_publications_total 1\n" in page
    log = (tmp_path / "gateway.log").read_text()
    assert SECRET not in log
    assert KEY not in log
    assert token("u1").split(".")[1] not in log


async def test_where_nothing_is_secured_anybody_may_do_anything(tmp_path: Path) -> None:
    kept = {"presence": True, "history_size": 5, "history_ttl": "1m"}
    path = tmp_path / "rooms.json"
    for insecure in (True, False):
        client = {"insecure": insecure, "allow_anonymous_connect_without_token": True}
        said = {"client": client, "channel": {"without_namespace": kept}}
        path.write_bytes(orjson.dumps(said))
        async with (
            gateway_beside("--config", str(path), folder=tmp_path) as alone,
            Raw.to(f"ws://127.0.0.1:{alone.port}/connection/websocket") as raw,
        ):
            await raw.ask(connect={})
            answers = [
                await raw.ask(publish={"channel": "c", "data": {}}),
                await raw.ask(history={"channel": "c", "limit": 1}),
                await raw.ask(presence={"channel": "c"}),
                await raw.ask(presence_stats={"channel": "c"}),
                await raw.ask(subscribe={"channel": "c"}),
            ]
        refused = [answer.get("error", {}).get("code") for answer in answers]
        assert refused == ([None] * 5 if insecure else [103] * 5)


async def test_viewers_are_sent_away_when_it_is_told_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "rooms.json"
    path.write_bytes(orjson.dumps(CONFIG))
    async with gateway_beside("--config", str(path), folder=tmp_path) as alone:
        async with Raw.to(f"ws://127.0.0.1:{alone.port}/connection/websocket") as raw:
            await raw.ask(connect={"token": token("u1")})
            # A request whose rest never comes holds nothing up.
            _, half = await asyncio.open_connection("127.0.0.1", alone.port)
            head = f"POST /api/info HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\n"
            half.write(f"{head}Content-Length: 1000\r\n\r\n{{".encode())
            await half.drain()
            await raw.ask(rpc={"method": "x"})
            alone.process.send_signal(signal.SIGTERM)
            assert await raw.closed() == (3001, "shutdown")
        assert await asyncio.to_thread(alone.process.wait, 10) == 0
        half.close()


def test_a_wrong_configuration_is_named_but_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "rooms.json"
    wrong = {"client": {"token": {"hmac_secret": SECRET}, "ping_interval": "soon"}}
    path.write_bytes(orjson.dumps(wrong))
    command = [sys.executable, "-m", "streams.realtime", "--config", str(path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "client.token.hmac_secret: Extra inputs" in ran.stderr
    assert "client.ping_interval: " in ran.stderr
    assert SECRET not in ran.stderr


def test_durations_and_namespaces(tmp_path: Path) -> None:
    options = config.Config.model_validate(CONFIG).options()
    stock = options.namespaces["stock"]
    assert (stock.history_ttl, stock.recovery_mode) == (5400, RecoveryMode.CACHE)
    assert (stock.open_to_all, stock.delta) == (True, True)
    assert options.personal == options.namespaces["own"]
    path = tmp_path / "rooms.toml"
    path.write_text(TOML)
    assert config.read(path).channel.without_namespace.presence
    for wrong in ("soon", "1", "1s2", "-1s", -1):
        with pytest.raises(ValueError, match="history_ttl"):
            config.ChannelOptions.model_validate({"history_ttl": wrong})


def test_the_profiles_are_what_the_suites_expect() -> None:
    python, js = (PROFILES[f"conformance-{name}"] for name in ("python", "js"))
    assert python.http_server.port == js.http_server.port == 8000
    assert python.keys().secret == js.keys().secret == "secret"
    assert python.options().personal == python.options().namespaces[""]
    assert js.options().personal is None
    assert (js.client.insecure, python.client.insecure) == (True, False)
