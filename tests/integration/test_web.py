"""Typed routes: what a client may rely on whatever the feature."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Annotated, Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestClient
from pydantic import Field
from pytest_aiohttp import AiohttpClient

from livecommerce.kernel.db import Database
from livecommerce.kernel.errors import Conflict, Throttled, Unavailable
from livecommerce.kernel.wake import Wake
from livecommerce.resources import Resources
from livecommerce.settings import Settings
from livecommerce.web.api import Call, Endpoint, route
from livecommerce.web.guard import anyone, member, staff
from livecommerce.web.keys import AUTHENTICATE, RESOURCES
from livecommerce.web.middleware import principals, request_ids
from livecommerce.web.openapi import describe
from livecommerce.web.principal import Kind, MerchantRole, Principal, StaffRole
from livecommerce.web.problems import problems
from livecommerce.web.wire import Currency, Wire


class Weave(Wire):
    threads: int


class Woven(Wire):
    id: str
    threads: int


class LoomJammed(Conflict):
    """The loom is jammed."""


class LoomBusy(Throttled):
    """The loom is busy."""


@route("POST", "/towels/{colour}", status=201, may=anyone, errors=(LoomJammed,))
async def weave(call: Call, colour: str, body: Weave, jam: bool = False) -> Woven:
    """Weave a towel."""
    await call.tx.execute(
        sa.text("INSERT INTO towel VALUES (:c, :t)"), {"c": colour, "t": body.threads}
    )
    if jam:
        raise LoomJammed(colour=colour)
    count = await call.tx.scalar(sa.text("SELECT count(*) FROM towel"))
    return Woven(id=f"{colour}-{count}", threads=body.threads)


@route("DELETE", "/towels", status=204, may=staff(StaffRole.ADMIN))
async def burn(call: Call) -> None:
    """Burn them all."""


@route("GET", "/mine", may=member(MerchantRole.FINANCE))
async def mine(call: Call, limit: int = 10) -> list[Woven]:
    """My towels."""
    return [Woven(id="a", threads=limit)]


@route("GET", "/cut", may=anyone)
async def cut(
    call: Call, metres: Annotated[int, Field(ge=1, le=100)] = 10, currency: Currency = "EUR"
) -> list[Woven]:
    """So many metres, for so much."""
    return [Woven(id=currency, threads=metres)]


@route("GET", "/busy", may=anyone)
async def busy(call: Call) -> Woven:
    """Always too busy."""
    raise LoomBusy(retry_after=7)


@route("GET", "/broken", may=anyone)
async def broken(call: Call) -> Woven:
    """Always broken, with a secret in its words."""
    raise RuntimeError("the secret is 42")


@route("GET", "/away", may=anyone)
async def away(call: Call) -> Woven:
    """Needs what is away."""
    raise Unavailable()


ENDPOINTS: list[Endpoint] = [weave, burn, mine, cut, busy, broken, away]


async def who(request: web.Request, _db: Database) -> Principal:
    name = request.headers.get("X-Who", "guest")
    if name == "admin":
        return Principal("usr_a", kind=Kind.PERSON, staff=frozenset({StaffRole.ADMIN}))
    if name == "host":
        roles = {"mer_1": frozenset({MerchantRole.HOST})}
        return Principal("usr_h", kind=Kind.PERSON, memberships=roles)
    return Principal(f"gst_{name}")


def _resources(db: Database, http: aiohttp.ClientSession) -> Resources:
    nothing: Any = None  # these routes reach for the database and nothing else
    return Resources(
        settings=Settings(),
        db=db,
        http=http,
        wake=Wake(),
        gateway=nothing,
        payments=nothing,
        customs=nothing,
        mail=nothing,
    )


@pytest.fixture
async def client(db: Database, aiohttp_client: AiohttpClient) -> TestClient[Any, Any]:
    async with db.begin() as tx:
        await tx.execute(sa.text("CREATE TABLE towel (colour text, threads int)"))
    app = web.Application(middlewares=[request_ids, problems, principals])

    async def opened(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as http:
            app[RESOURCES] = _resources(db, http)
            yield

    app.cleanup_ctx.append(opened)
    app[AUTHENTICATE] = who
    app.add_routes([endpoint.as_route() for endpoint in ENDPOINTS])
    return await aiohttp_client(app)


async def towels(db: Database) -> int:
    async with db.begin() as tx:
        return int(await tx.scalar(sa.text("SELECT count(*) FROM towel")))


async def problem(answer: aiohttp.ClientResponse, status: int) -> dict[str, Any]:
    assert answer.status == status
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = await answer.json(content_type=None)
    assert body["status"] == status
    return body


async def test_a_good_request_has_its_effect(client: Any, db: Database) -> None:
    answer = await client.post("/towels/red", json={"threads": 400})
    assert answer.status == 201
    assert await answer.json() == {"id": "red-1", "threads": 400}
    assert answer.headers["X-Request-Id"].startswith("req_")


async def test_a_problem_leaves_nothing_behind(client: Any, db: Database) -> None:
    answer = await client.post("/towels/red?jam=1", json={"threads": 400})
    body = await problem(answer, 409)
    assert body["type"] == "/problems/loom-jammed"
    assert body["title"] == "The loom is jammed"
    assert body["colour"] == "red"
    assert await towels(db) == 0


@pytest.mark.parametrize(
    "sent",
    [
        {"data": b"{", "headers": {"Content-Type": "application/json"}},
        {"data": b'{"threads": 1}', "headers": {"Content-Type": "text/plain"}},
        {"data": b""},
        {"json": {"threads": "many"}},
        {"json": {"threads": 1, "colour": "blue"}},
        {"json": []},
        {"json": None},
    ],
)
async def test_a_bad_body_is_a_problem(client: Any, db: Database, sent: dict[str, Any]) -> None:
    await problem(await client.post("/towels/red", **sent), 422)
    assert await towels(db) == 0


async def test_a_body_that_is_too_large_is_told_so(client: Any, db: Database) -> None:
    long = b'"' + b"x" * (1 << 20) + b'"'

    async def untold() -> AsyncIterator[bytes]:  # how long it is shows only when it is read
        yield long

    for data in (io.BytesIO(long), untold()):
        headers = {"Content-Type": "application/json"}
        await problem(await client.post("/towels/red", data=data, headers=headers), 413)
    assert await towels(db) == 0


async def test_a_validation_problem_points_at_the_field(client: Any) -> None:
    answer = await client.post("/towels/red", json={"threads": "s3cret"})
    body = await problem(answer, 422)
    assert body["errors"][0]["pointer"] == "/threads"
    assert "s3cret" not in await answer.text()


async def test_unknown_paths_and_methods_are_problems(client: Any) -> None:
    await problem(await client.get("/nowhere"), 404)
    answer = await client.put("/towels/red")
    await problem(answer, 405)
    assert answer.headers["Allow"] == "POST"


async def test_guests_are_asked_to_sign_in_and_others_told_no(client: Any) -> None:
    assert (await problem(await client.delete("/towels"), 401))["type"].endswith(
        "sign-in-first"
    )
    await problem(await client.delete("/towels", headers={"X-Who": "host"}), 403)
    assert (await client.delete("/towels", headers={"X-Who": "admin"})).status == 204
    await problem(await client.get("/mine", headers={"X-Who": "host"}), 403)


@pytest.mark.parametrize("query", ["metres=101", "metres=0", "currency=ZZZ", "currency=XAU"])
async def test_what_bounds_a_query_is_held(client: Any, query: str) -> None:
    assert (await client.get("/cut?metres=100&currency=CNY")).status == 200
    await problem(await client.get(f"/cut?{query}"), 422)


async def test_what_breaks_inside_is_not_told_outside(client: Any, caplog: Any) -> None:
    answer = await client.get("/broken")
    await problem(answer, 500)
    assert "42" not in await answer.text()
    assert "unhandled error" in caplog.text


async def test_busy_and_away_say_when_to_come_back(client: Any) -> None:
    answer = await client.get("/busy")
    await problem(answer, 429)
    assert answer.headers["Retry-After"] == "7"
    answer = await client.get("/away")
    await problem(answer, 503)
    assert int(answer.headers["Retry-After"]) >= 1


async def test_the_same_key_has_one_effect_and_one_answer(client: Any, db: Database) -> None:
    key = {"Idempotency-Key": '"k-1"'}
    first = await client.post("/towels/red", json={"threads": 4}, headers=key)
    again = await client.post("/towels/red", json={"threads": 4}, headers=key)
    assert (first.status, await first.read()) == (again.status, await again.read())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await towels(db) == 1


async def test_twenty_double_clicks_weave_one_towel(client: Any, db: Database) -> None:
    async def click() -> str:
        key = {"Idempotency-Key": "k-1"}
        answer = await client.post("/towels/red", json={"threads": 4}, headers=key)
        return str((await answer.json())["id"])

    assert set(await asyncio.gather(*(click() for _ in range(20)))) == {"red-1"}
    assert await towels(db) == 1


async def test_without_the_key_every_click_weaves(client: Any, db: Database) -> None:
    """The twin: nothing but the key makes it one."""
    clicks = (client.post("/towels/red", json={"threads": 4}) for _ in range(5))
    await asyncio.gather(*clicks)
    assert await towels(db) == 5


async def test_a_key_belongs_to_one_request_of_one_principal(client: Any, db: Database) -> None:
    key = {"Idempotency-Key": "k-1"}
    await client.post("/towels/red", json={"threads": 4}, headers=key)
    other = await client.post("/towels/red", json={"threads": 5}, headers=key)
    assert (await problem(other, 422))["type"] == "/problems/key-reused"
    somebody = await client.post(
        "/towels/red", json={"threads": 5}, headers={**key, "X-Who": "other"}
    )
    assert somebody.status == 201
    await problem(
        await client.post("/towels/red", json={"threads": 5}, headers={"Idempotency-Key": ""}),
        422,
    )


@pytest.mark.parametrize("key", ["", '""', "a b", "k\x01", "k\x7f", "钥匙", "clé", "k" * 201])
async def test_a_key_is_of_visible_ascii(client: Any, db: Database, key: str) -> None:
    # No client sends such bytes by itself, so a socket of ours does.
    sent = f"POST /towels/red HTTP/1.1\r\nHost: x\r\nIdempotency-Key: {key}\r\n"
    sent += "Content-Type: application/json\r\nContent-Length: 14\r\nConnection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(sent.encode() + b'{"threads": 4}')
    answer = (await reader.read()).decode()
    writer.close()
    status = int(answer.split(" ", 2)[1])
    if "\x01" in key or "\x7f" in key:
        assert status in {400, 422}  # no header has them
    else:
        assert status == 422
        assert "/problems/key-malformed" in answer
    assert await towels(db) == 0


async def test_a_failed_try_may_be_repeated_with_its_key(client: Any, db: Database) -> None:
    key = {"Idempotency-Key": "k-1"}
    await problem(await client.post("/towels/red?jam=1", json={"threads": 4}, headers=key), 409)
    answer = await client.post("/towels/red", json={"threads": 4}, headers=key)
    assert answer.status == 201


def test_the_description_is_valid_openapi() -> None:
    from openapi_spec_validator import validate

    described = describe(ENDPOINTS, version="1")
    validate(described)
    posted = described["paths"]["/towels/{colour}"]["post"]
    assert posted["summary"] == "Weave a towel"
    assert {p["name"] for p in posted["parameters"]} == {"colour", "jam", "Idempotency-Key"}
    assert "loom-jammed" in posted["responses"]["409"]["description"]
