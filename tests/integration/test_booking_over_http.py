"""Signing in and booking as a browser does it: cookies, CSRF, problems, foreign eyes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from livecommerce.app import build_app
from livecommerce.demo.seed import SeededCentre, seed
from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from livecommerce.kernel.wake import Wake
from livecommerce.resources import Resources
from livecommerce.settings import Settings


class Browser:
    """Keeps cookies and sends back the CSRF token, as our pages do."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    def cookie(self, name: str) -> Any:
        return next((c for c in self.http.cookie_jar if c.key == name), None)

    async def send(
        self, method: str, path: str, body: Any = None, *, csrf: bool = True
    ) -> tuple[int, Any]:
        token = self.cookie("lc_csrf")
        headers = {"X-CSRF-Token": token.value} if csrf and token is not None else {}
        async with self.http.request(
            method, self.url + path, json=body, headers=headers
        ) as answer:
            text = await answer.text()
            return answer.status, await answer.json(content_type=None) if text else None

    async def sign_in(self, centre: SeededCentre, who: str) -> None:
        email, password = centre.login(who)
        status, _ = await self.send(
            "POST", "/v1/sign-in", {"email": email, "password": password}
        )
        assert status == 204


@pytest.fixture
async def centre(db: Database) -> SeededCentre:
    return await seed(db, now=utcnow())


@pytest.fixture
async def url(db: Database, centre: SeededCentre, tmp_path: Path) -> AsyncIterator[str]:
    nothing: Any = None  # these routes reach for the database and nothing else

    @asynccontextmanager
    async def opened(app: web.Application) -> AsyncIterator[Resources]:
        async with aiohttp.ClientSession() as http:
            yield Resources(
                settings=Settings(data_dir=tmp_path, secret=SecretStr("s" * 40)),
                db=db,
                http=http,
                wake=Wake(),
                gateway=nothing,
                payments=nothing,
                customs=nothing,
                mail=nothing,
            )

    async with TestServer(build_app(opened)) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
async def browsers(url: str) -> AsyncIterator[list[Browser]]:
    opened = [Browser(url) for _ in range(3)]
    yield opened
    for browser in opened:
        await browser.http.close()


async def test_signing_in_and_out(browsers: list[Browser], centre: SeededCentre) -> None:
    browser, *_ = browsers
    _, guest = await browser.send("GET", "/v1/me")
    assert guest["kind"] == "guest"
    assert browser.cookie("lc_guest")["httponly"]
    assert (await browser.send("GET", "/v1/me"))[1]["id"] == guest["id"]

    wrong = {"email": centre.login("host")[0], "password": "wrong"}
    status, problem = await browser.send("POST", "/v1/sign-in", wrong)
    assert (status, problem["type"]) == (401, "/problems/wrong-password")
    assert "wrong" not in str(problem).replace("wrong-password", "").replace("is wrong", "")

    await browser.sign_in(centre, "host")
    session = browser.cookie("lc_session")
    assert (session["httponly"], session["samesite"], session["path"]) == (True, "Lax", "/")
    assert not browser.cookie("lc_csrf")["httponly"]
    assert browser.cookie("lc_guest") is None
    _, me = await browser.send("GET", "/v1/me")
    assert me["id"] == centre.people["luxi.host"]
    assert me["memberships"][0]["roles"] == ["host"]

    status, problem = await browser.send("POST", "/v1/sign-out", csrf=False)
    assert (status, problem["type"]) == (403, "/problems/csrf-missing")
    assert (await browser.send("POST", "/v1/sign-out"))[0] == 204
    assert browser.cookie("lc_session") is None
    assert (await browser.send("GET", "/v1/me"))[1]["kind"] == "guest"


async def test_booking_refusing_and_looking(
    browsers: list[Browser], centre: SeededCentre
) -> None:
    host, rival, desk = browsers
    await host.sign_in(centre, "host")
    await rival.sign_in(centre, "rival-host")
    await desk.sign_in(centre, "scheduler")
    start = utcnow().replace(microsecond=0) + timedelta(days=1)
    want = {
        "merchant": centre.merchant,
        "studio": centre.studio,
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=2)).isoformat(),
        "equipment": centre.equipment,
        "crew": centre.crew,
    }
    status, booked = await host.send("POST", "/v1/bookings", want)
    assert status == 201
    assert len(booked["resources"]) == 6

    theirs = {**want, "merchant": centre.rival}
    status, problem = await rival.send("POST", "/v1/bookings", theirs)
    assert (status, problem["type"]) == (409, "/problems/slot-taken")
    assert problem["blockers"][0]["resource"] == centre.studio
    assert booked["id"] not in str(problem)
    assert centre.merchant not in str(problem)
    again = {**theirs, **problem["alternatives"][0]}
    again.pop("name")
    assert (await rival.send("POST", "/v1/bookings", again))[0] == 201

    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/check-in"),
        ("POST", "/confirm"),
    ):
        status, problem = await rival.send(method, f"/v1/bookings/{booked['id']}{path}")
        assert (status, problem["type"]) == (404, "/problems/no-such-booking")
    status, _ = await rival.send("GET", f"/v1/bookings?merchant={centre.merchant}")
    assert status == 404

    _, roster = await desk.send("GET", f"/v1/roster?day={centre.day(start)}")
    ids = {entry["booking"] for row in roster["rows"] for entry in row["taken"]}
    assert booked["id"] in ids
    assert roster["zone"] == "Asia/Shanghai"

    past = {**want, "starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-01-01T02:00:00Z"}
    status, problem = await host.send("POST", "/v1/bookings", past)
    assert (status, problem["reason"]) == (422, "past")
    assert (await host.send("DELETE", f"/v1/bookings/{booked['id']}"))[0] == 204


async def test_guests_see_sellers_but_no_rosters(
    browsers: list[Browser], centre: SeededCentre
) -> None:
    guest, *_ = browsers
    _, seller = await guest.send("GET", f"/v1/merchants/{centre.merchant}")
    assert seller["uscc"] == "91320612MA0DEM013E"
    assert set(seller["contact"]) == {"name", "phone", "email"}
    assert (await guest.send("GET", "/v1/merchants/mer_x"))[0] == 404
    assert (await guest.send("GET", "/v1/roster"))[0] == 401
    assert (await guest.send("POST", "/v1/bookings", {}))[0] == 401
    odd = {"email": "a\x00b@c.example", "password": "x"}
    assert (await guest.send("POST", "/v1/sign-in", odd))[0] == 422
