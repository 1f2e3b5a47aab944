"""A visitor's first request may be lost: sent again, it comes from the same guest; only it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDict
from pydantic import SecretStr

from livecommerce.app import build_app
from livecommerce.identity import tokens
from livecommerce.identity.authentication import GUEST_COOKIE, RequestFacts, authenticate
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.kernel.wake import Wake
from livecommerce.resources import Resources
from livecommerce.settings import Settings
from livecommerce.web.idempotency import IdempotentAnswer

SECRET = "a secret of the tests, long enough"
UUID = "0b7e3a52-6f0d-4f5e-9a55-3c1f6e1d2b90"


def sent(
    method: str = "POST",
    *,
    key: str = UUID,
    agent: str = "phone",
    address: str = "192.0.2.1",
    path: str = "/v1/live/liv_1/claims",
    body: bytes | None = b"{}",
    cookies: dict[str, str] | None = None,
) -> RequestFacts:
    async def told() -> bytes | None:
        return body

    headers = CIMultiDict({"Idempotency-Key": key, "User-Agent": agent})
    return RequestFacts(cookies or {}, headers, method, address, path, told)


async def test_a_first_request_that_is_sent_again_comes_from_the_same_guest(
    db: Database, now: datetime
) -> None:
    async def who(request: RequestFacts) -> str:
        return (await authenticate(db, request, now=now, secret=SECRET)).id

    first = await who(sent())
    assert ids.looks_like("gst", first)
    assert {await who(sent()), await who(sent(key=f'"{UUID}"'))} == {first}
    others = [
        sent(key="q8Jx2ZcWm0-fLr_5TbYkNA"),
        sent(agent="tablet"),
        sent(address="192.0.2.2"),
        sent(path="/v1/live/liv_2/claims"),
        sent("PUT"),
        sent(body=b'{"a":1}'),
    ]
    assert len({await who(other) for other in [*others, *others]} - {first}) == len(others)
    strangers = [sent(key="order-1"), sent("GET"), sent(body=None), sent(key=" ")]
    found = {await who(stranger) for stranger in [*strangers, *strangers]}
    assert len(found - {first}) == 2 * len(strangers)
    mine = tokens.sign_guest(SECRET, "gst_mine", now=now)
    assert await who(sent(cookies={GUEST_COOKIE: mine})) == "gst_mine"


async def test_a_request_sent_again_in_the_next_hour_finds_the_guest_it_had_an_effect_for(
    db: Database, now: datetime
) -> None:
    async def who(request: RequestFacts, after: timedelta) -> str:
        found = await authenticate(db, request, now=turn + after, secret=SECRET)
        return found.id

    turn = now.replace(minute=0, second=0, microsecond=0)
    first = await who(sent(), timedelta(minutes=-1))
    assert await who(sent(), timedelta(minutes=1)) != first, "nothing was done for them"
    async with db.begin() as tx:
        kept = {"principal": first, "key": UUID, "route": "POST /", "fingerprint": ""}
        more = {"status": 201, "body": b"", "content_type": "", "expires_at": now}
        tx.add(IdempotentAnswer(**kept, **more))
    assert await who(sent(), timedelta(minutes=1)) == first
    assert await who(sent(), timedelta(minutes=61)) != first


async def test_the_whole_request_is_looked_at(db: Database, tmp_path: Path) -> None:
    nothing: Any = None  # this route reaches for the database and nothing else

    @asynccontextmanager
    async def opened(_app: web.Application) -> AsyncIterator[Resources]:
        settings = Settings(data_dir=tmp_path, secret=SecretStr("s" * 40))
        ways = dict.fromkeys(("http", "gateway", "payments", "customs", "mail"), nothing)
        yield Resources(settings=settings, db=db, wake=Wake(), **ways)

    async with TestServer(build_app(opened)) as server, aiohttp.ClientSession() as http:

        async def guest(path: str, password: str, key: str = UUID) -> str:
            body = {"email": "nobody@luxi.example", "password": password}
            async with http.post(
                server.make_url(path),
                json=body,
                headers={"Idempotency-Key": key, "Cookie": ""},
            ) as answer:
                http.cookie_jar.clear()
                assert answer.status == 401, "what was read to know the guest is still there"
                return answer.cookies[GUEST_COOKIE].value.partition(".")[0]

        first = await guest("/v1/sign-in", "one")
        assert await guest("/v1/sign-in", "one") == first
        assert await guest("/v1/sign-in", "two") != first
        assert await guest("/v1/sign-in?a=1", "one") != first
        assert await guest("/v1/sign-in", "one", "k1") != await guest(
            "/v1/sign-in", "one", "k1"
        )
