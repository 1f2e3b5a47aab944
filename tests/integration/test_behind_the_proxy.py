"""Behind a reverse proxy viewers are whom it speaks for: paces, mutes, limits, strangers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from websockets.exceptions import InvalidStatus

from livecommerce import gateways
from livecommerce.app import build_app
from livecommerce.identity import actions as people
from livecommerce.identity import tokens
from livecommerce.identity.authentication import GUEST_COOKIE
from livecommerce.kernel import clock
from livecommerce.kernel.db import Database
from livecommerce.kernel.wake import Wake
from livecommerce.live.door import RoomDoor
from livecommerce.networks import Networks
from livecommerce.resources import Resources
from livecommerce.settings import Settings
from livecommerce.web.principal import MerchantRole
from streams.chat.paces import ADDRESS
from streams.realtime.hub import Hub
from tests import rooms
from tests.room_screens import Stage, set_up

SECRET = "a secret of at least thirty-two characters"
PROXY = "127.0.0.1"
CROWD = ADDRESS[1] + 10


def address(n: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"203.0.113.{n}"}


class Viewer(rooms.Raw):
    """Somebody in the room, through whatever stands before it."""

    async def come(self, user: str) -> None:
        self.user = user
        issued = tokens.issue(SECRET, user, user, clock.utcnow())
        assert "connect" in await self.ask(connect={"token": issued})

    async def call(self, method: str, **body: Any) -> Any:
        told = await self.ask(rpc={"method": method, "data": body})
        return told.get("error", told.get("rpc", {}).get("data"))


@asynccontextmanager
async def shop(db: Database, **settings: Any) -> AsyncIterator[tuple[Stage, str]]:
    """A room on air, served as the settings say; and where."""
    stage = await set_up(db, clock.utcnow())
    async with aiohttp.ClientSession() as http, AsyncExitStack() as stack:
        served = await stack.enter_async_context(gateways.served(Settings(**settings), http))
        assert served.hub is not None
        there = await stack.enter_async_context(rooms.serving(hub=served.hub))
        served.hub.door = RoomDoor(db, SECRET, stage.chat)
        yield stage, there.url


@pytest.mark.parametrize("homes", [1, CROWD])
async def test_viewers_of_many_addresses_are_not_one_household(
    db: Database, homes: int
) -> None:
    """With one address for all, as it was, they have one pace and one mute."""
    async with shop(db, trusted_proxies=PROXY) as (stage, url), AsyncExitStack() as stack:

        async def comes(user: str, n: int) -> Viewer:
            ways = Viewer.to(url, additional_headers=address(n % homes))
            viewer = await stack.enter_async_context(ways)
            await viewer.come(user)
            return viewer

        async def says(viewer: Viewer, text: str) -> str:
            told = await viewer.call("chat.say", live=stage.live, text=text)
            return str(told.get("text") or told["message"])

        crowd = [await comes(f"gst_{n}", n) for n in range(CROWD)]
        heard = [await says(viewer, "hello") == "hello" for viewer in crowd]
        assert sum(heard) == CROWD if homes > 1 else ADDRESS[1] <= sum(heard) < CROWD
        moderator = await comes(await _moderator(stage), 1)
        mute = {"user": crowd[0].user, "address": True}
        told = await moderator.call("chat.mute", live=stage.live, **mute)
        assert told["network"]
        same_home, elsewhere = await comes("gst_again", 0), crowd[1]
        assert await says(same_home, "me again") == "network-muted"
        assert await says(elsewhere, "me?") == ("me?" if homes > 1 else "network-muted")


async def test_a_proxy_on_this_machine_that_is_not_believed_is_nobody_s_household(
    db: Database,
) -> None:
    async with shop(db) as (stage, url), AsyncExitStack() as stack:
        crowd = []
        for n in range(CROWD):
            ways = Viewer.to(url, additional_headers=address(n))
            crowd.append(await stack.enter_async_context(ways))
            await crowd[n].come(f"gst_{n}")
            told = await crowd[n].call("chat.say", live=stage.live, text="hello")
            assert told.get("text") == "hello"
        moderator = await stack.enter_async_context(Viewer.to(url))
        await moderator.come(await _moderator(stage))
        mute = {"user": crowd[0].user, "address": True}
        told = await moderator.call("chat.mute", live=stage.live, **mute)
        assert told["network"] is False


async def test_an_address_and_a_user_have_so_many_connections(db: Database) -> None:
    most = {"connections_per_address": 3, "connections_per_user": 2}
    async with (
        shop(db, trusted_proxies=PROXY, **most) as (_, url),
        AsyncExitStack() as stack,
    ):
        for n in range(3):
            ways = Viewer.to(url, additional_headers=address(1))
            viewer = await stack.enter_async_context(ways)
            await viewer.come("gst_1" if n < 2 else "gst_2")
        with pytest.raises(InvalidStatus) as refused:
            await stack.enter_async_context(Viewer.to(url, additional_headers=address(1)))
        assert refused.value.response.status_code == 503
        ways = Viewer.to(url, additional_headers=address(2))
        third = await stack.enter_async_context(ways)
        issued = tokens.issue(SECRET, "gst_1", "x", clock.utcnow())
        await third.send({"id": 1, "connect": {"token": issued}})
        assert (await third.closed())[0] == 3504


def test_there_are_limits_without_a_setting() -> None:
    limits = gateways.options(Settings()).limits
    assert limits.connections_per_user >= 10, "tabs"
    assert limits.connections_per_address >= 300, "a school"


@pytest.mark.parametrize(
    ("listed", "address_", "meant"),
    [
        ("10.0.0.2", "10.0.0.2", True),
        ("10.0.0.2", "10.0.0.3", False),
        ("10.0.0.2, 172.30.80.0/24", "172.30.80.9", True),
        ("10.0.0.2", "::ffff:10.0.0.2", True),
        ("fd00::/8", "fd00::1", True),
        ("", "127.0.0.1", False),
        ("0.0.0.0/0", "unknown", False),
        ("0.0.0.0/0", "", False),
    ],
)
def test_networks(listed: str, address_: str, meant: bool) -> None:
    assert (address_ in Settings(trusted_proxies=listed).trusted_proxies) is meant


def test_a_proxy_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_TRUSTED_PROXIES", "127.0.0.1,::1")
    assert Settings().trusted_proxies == Networks.read(["127.0.0.1", "::1"])
    monkeypatch.setenv("LC_TRUSTED_PROXIES", "the proxy")
    with pytest.raises(ValueError, match="does not appear to be"):
        Settings()


@asynccontextmanager
async def pages(
    db: Database, folder: Path, **settings: Any
) -> AsyncIterator[tuple[TestServer, aiohttp.ClientSession]]:
    nothing: Any = None

    @asynccontextmanager
    async def opened(_app: web.Application) -> AsyncIterator[Resources]:
        told = Settings(data_dir=folder, secret=SecretStr(SECRET), **settings)
        ways = dict.fromkeys(("http", "gateway", "payments", "customs", "mail"), nothing)
        resources = Resources(settings=told, db=db, wake=Wake(), **ways)
        resources.add(Hub(gateways.options(told)))
        yield resources

    async with TestServer(build_app(opened)) as server, aiohttp.ClientSession() as http:
        yield server, http


@pytest.mark.parametrize("trusted", ["", PROXY])
async def test_pages_know_strangers_apart_by_where_they_are(
    db: Database, tmp_path: Path, trusted: str
) -> None:
    """A retried first request finds its guest; one alike from elsewhere is somebody else's."""
    async with pages(db, tmp_path, trusted_proxies=trusted) as (server, http):

        async def guest(n: int) -> str:
            body = {"email": "nobody@luxi.example", "password": "one"}
            key = {"Idempotency-Key": "0b7e3a52-6f0d-4f5e-9a55-3c1f6e1d2b90"}
            http.cookie_jar.clear()
            url = server.make_url("/v1/sign-in")
            async with http.post(url, json=body, headers=key | address(n)) as answer:
                return answer.cookies[GUEST_COOKIE].value.partition(".")[0]

        first = await guest(1)
        assert await guest(1) == first
        assert (await guest(2) == first) is not bool(trusted)


async def test_figures_are_for_those_with_the_key(db: Database, tmp_path: Path) -> None:
    async with (
        pages(db, tmp_path / "none") as (server, http),
        http.get(server.make_url("/metrics")) as answer,
    ):
        assert answer.status == 404
    key = SecretStr("the key to the figures")
    async with pages(db, tmp_path / "some", metrics_key=key) as (server, http):
        for shown in (
            {},
            {"Authorization": "Bearer x"},
            {"Authorization": key.get_secret_value()},
        ):
            async with http.get(server.make_url("/metrics"), headers=shown) as answer:
                assert answer.status == 401
                assert "rooms_" not in await answer.text()
        bearer = {"Authorization": f"Bearer {key.get_secret_value()}"}
        async with http.get(server.make_url("/metrics"), headers=bearer) as answer:
            assert (answer.status, answer.content_type) == (200, "text/plain")
            assert "\nrooms_connections 0\n" in await answer.text()
            assert GUEST_COOKIE not in answer.cookies


async def _moderator(stage: Stage) -> str:
    async with stage.db.begin() as tx:
        made = await people.add_person(
            tx,
            email="mod@example.com",
            name="mod",
            locale="en",
            password_hash=None,
            now=stage.now,
        )
        merchant = stage.products[0].merchant
        await people.enrol(tx, merchant, made, MerchantRole.MODERATOR)
    return made
