"""Every endpoint, tried by people whom it does not concern and with requests that make no
sense. Somebody else's thing is not found; nonsense is a problem; nothing is ever a 500.

The endpoints are read from the wiring, so a new one is tried as soon as it exists; one with
a new path name or body must be told here what to put in.
"""

import asyncio
import base64
import io
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import pytest

from livecommerce.demo.client import Browser
from livecommerce.kernel import ids
from livecommerce.kernel.clock import utcnow
from livecommerce.web.api import Endpoint
from livecommerce.wiring import ENDPOINTS
from tests import people, shop
from tests.database import in_a_loop_of_its_own
from tests.people import Centre, Show

FAR = utcnow() + timedelta(days=20)

ANYBODY = {
    "GET /v1/me",
    "POST /v1/sign-in",
    "GET /v1/merchants",
    "GET /v1/merchants/{merchant}",
    "GET /v1/products",
    "GET /v1/products/{product}",
    "GET /v1/holds",
    "GET /v1/live",
    "GET /v1/live/{live}",
    "GET /v1/live/{live}/room",
    "GET /v1/live/{live}/token",
    "POST /v1/live/{live}/claims",
    "GET /v1/orders",
    "GET /v1/destinations",
}
"""Open to everybody: what they show is public, or the caller's own."""

MEMBERS = {
    "GET /v1/studios",
    "GET /v1/availability",
    "GET /v1/roster",
    "GET /v1/bookings",
    "GET /v1/declarations",
    "GET /v1/api-keys",
    "POST /v1/sign-out",
}
"""For people of any merchant, and about their own."""

PREFIXES = {
    "merchant": "mer",
    "product": "prd",
    "variant": "var",
    "booking": "bkg",
    "live": "liv",
    "card": "crd",
    "hold": "hld",
    "checkout": "chk",
    "order": "ord",
    "consignment": "cns",
    "declaration": "dcl",
    "key": "key",
}
NOT_AN_ID = {"word"}
"""Parts of paths that are texts: there is none that could not be meant."""

QUERIES = {"starts_at": "2026-12-01T00:00:00Z", "ends_at": "2026-12-02T00:00:00Z"}


def name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


WITH_PATH = [e for e in ENDPOINTS if e.path_names]
WITH_BODY = [e for e in ENDPOINTS if e.body is not None]


@dataclass(frozen=True)
class Things:
    """One of everything, of the merchant whom strangers do not know."""

    ids: dict[str, str]
    show: Show
    bodies: dict[str, dict[str, Any]]

    def path(self, endpoint: Endpoint, **other: str) -> str:
        """The endpoint's path to these things, or to others."""
        path = endpoint.path
        for part in endpoint.path_names:
            told = other.get(part) or self.ids.get(part, "")
            assert told, f"say in _things() what {endpoint.path} names by {part!r}"
            start = path.index("{" + part)
            path = path[:start] + told + path[path.index("}", start) + 1 :]
        queries = {**QUERIES, "merchant": self.ids["merchant"], "source": self.ids["order"]}
        asked = [
            f"{field}={queries[field]}"
            for field in endpoint.query.model_fields
            if field in queries
        ]
        return path + ("?" + "&".join(asked) if asked else "")

    def body(self, endpoint: Endpoint) -> dict[str, Any] | None:
        """A body that would do, if the caller might."""
        if endpoint.body is None:
            return None
        kind = endpoint.body.__name__
        assert kind in self.bodies, f"say in _things() what a {kind} looks like"
        return self.bodies[kind]


@pytest.fixture(scope="session")
def things(centre: Centre) -> Things:
    """Made by those who may; only read and refused afterwards."""
    made: list[Things] = []

    async def make() -> None:
        made.append(await _things(centre))

    in_a_loop_of_its_own(make())
    return made[0]


async def _things(centre: Centre) -> Things:
    async with (
        centre.guest() as buyer,
        centre.person("owner") as owner,
        centre.person("assistant") as assistant,
    ):
        product = await people.new_product(owner, centre, on_hand=50)
        show = await people.prepare(
            owner, centre, products=[product["id"]], minutes=40, ready=False, at=FAR
        )
        merchant = centre.seeded.merchant
        paid = await people.buy(buyer, show)
        order = await buyer.get(f"/v1/orders/{paid['orders'][0]}")
        shipped = await people.ship(assistant, order)
        hold = (await people.claim(buyer, show))[0]
        quoted = await people.quote(buyer, await people.claim(buyer, show))
        wanted_key = {"name": "till", "merchant": merchant, "scopes": ["assistant"]}
        key = await owner.post("/v1/api-keys", wanted_key, expect=201)
        found = {
            "merchant": merchant,
            "product": product["id"],
            "variant": product["variants"][0]["id"],
            "booking": show.booking,
            "live": show.live,
            "card": show.cards[0]["id"],
            "hold": hold["id"],
            "checkout": paid["id"],
            "order": order["id"],
            "consignment": shipped["id"],
            "declaration": shipped["declaration"],
            "key": key["id"],
            "kind": "303",
            "step": "ready",
            "word": "theirs",
        }
    starts, ends = FAR + timedelta(days=1), FAR + timedelta(days=1, hours=1)
    slot = {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}
    item = {"card": found["card"], "variant": found["variant"], "count": 1}
    new = shop.duvet(merchant, sku=f"S{secrets.token_hex(3)}").model_dump(mode="json")
    bodies: dict[str, dict[str, Any]] = {
        "SignIn": {"email": "nobody@example.org", "password": "nothing"},
        "MakeKey": wanted_key,
        "BookSlot": {**slot, "merchant": merchant, "studio": centre.seeded.studio},
        "MoveSlot": slot,
        "NewProduct": new,
        "MoveStock": {"change": 1, "reason": "received"},
        "MakeLive": {"booking": show.booking, "title": {"zh": "别人的", "en": "Theirs"}},
        "AddCard": {"product": found["product"], "prices": {}},
        "PriceCard": {"prices": {found["variant"]: 100}},
        "OrderCards": {"cards": [found["card"]]},
        "MakeClaims": {"items": [item]},
        "AskQuote": {
            "holds": [found["hold"]],
            "destination": {"country": "DE"},
            "currency": "EUR",
        },
        "PlaceCheckout": {
            "quote": quoted["id"],
            "address": people.COLOGNE,
            "email": people.MAIL,
        },
        "ShipOrder": {"carrier": "YANWEN", "tracking": people.tracking(), "weight_g": 900},
        "AskRefund": {"reason": "mine", "amount": {"minor": 100, "currency": "EUR"}},
        "ChangeChat": {"slow": 5, "paused": False},
        "Announce": {"text": "今晚八点 · at eight"},
        "AddWord": {"word": "theirs"},
        "Resend": {"facts": None},
        "Withdraw": {"reason": "mine"},
    }
    return Things(found, show, bodies)


@pytest.fixture
async def everybody(centre: Centre) -> AsyncIterator[dict[str, Browser]]:
    """A guest, the rivals' owner, the merchant's own owner, and staff who may do all."""
    async with AsyncExitStack() as stack:
        there = {"guest": await stack.enter_async_context(centre.guest())}
        for who in ("rival-owner", "owner", "admin"):
            there[who] = await stack.enter_async_context(centre.person(who))
        await there["guest"].get("/v1/me")  # from now on it is the same guest
        yield there


def told(endpoint: Endpoint, more: Any = None) -> dict[str, Any]:
    """What a request to the endpoint carries: a fresh key, and a body if it takes one."""
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    return {"headers": headers, **({} if endpoint.body is None else {"json": more})}


def none_of(wrong: dict[str, tuple[int, Any]]) -> None:
    """Fails with what went wrong, one a line."""
    lines = [f"{what}: {status} {str(body)[:200]}" for what, (status, body) in wrong.items()]
    assert not lines, "\n".join(["", *lines])


def is_a_problem(answer: tuple[int, Any]) -> bool:
    """Whether it is refused in our words, and nobody stumbled."""
    status, body = answer
    return 400 <= status < 500 and isinstance(body, dict) and body.get("status") == status


async def test_nobody_has_to_guess_what_is_open() -> None:
    """A new endpoint is somebody's on purpose."""
    assert {name(e) for e in ENDPOINTS} >= ANYBODY | MEMBERS
    mine = {name(e) for e in ENDPOINTS if e.may.open} - ANYBODY
    by_id = {"hold", "checkout", "order"}
    unclear = {e for e in mine if not any(f"{{{part}}}" in e for part in by_id)}
    assert unclear == {"POST /v1/quotes", "POST /v1/checkouts", "POST /hooks/stripe"}


@pytest.mark.parametrize("who", ["guest", "rival-owner"])
async def test_strangers_find_nothing(
    things: Things, everybody: dict[str, Browser], who: str
) -> None:
    """Also, nothing of it has changed afterwards."""
    before = await _state(things, everybody["owner"])
    wrong = {}
    for endpoint in ENDPOINTS:
        if name(endpoint) in ANYBODY or endpoint.path.startswith("/hooks/"):
            continue
        if name(endpoint) == "POST /v1/sign-out":
            continue
        asked = told(endpoint, things.body(endpoint))
        path = things.path(endpoint)
        answer = await people.ask(everybody[who], endpoint.method, path, **asked)
        promised = {401, 403, 404} if who == "guest" else {403, 404}
        mine = name(endpoint) in MEMBERS and who != "guest"
        foreign = things.ids["merchant"] in path
        if mine and not foreign:
            if answer[0] != 200 or any(i in str(answer[1]) for i in _secret(things)):
                wrong[name(endpoint)] = answer
        elif answer[0] not in promised or not is_a_problem(answer):
            wrong[name(endpoint)] = answer
    none_of(wrong)
    assert await _state(things, everybody["owner"]) == before


def _secret(things: Things) -> list[str]:
    """Ids that only their merchant may come across."""
    return [things.ids[kind] for kind in ("booking", "order", "declaration", "key")]


async def _state(things: Things, owner: Browser) -> list[Any]:
    """All that strangers might have changed."""
    paths = ["bookings/{booking}", "live/{live}", "orders/{order}", "products/{product}"]
    paths += ["live/{live}/checklist", "live/{live}/ingest"]
    paths += ["api-keys?merchant={merchant}", "bookings?merchant={merchant}"]
    shelf = (await owner.get(f"/v1/live/{things.ids['live']}/room"))["cards"]
    return [shelf, *[await owner.get(f"/v1/{path.format(**things.ids)}") for path in paths]]


async def test_what_does_not_exist_is_not_found(
    things: Things, everybody: dict[str, Browser]
) -> None:
    wrong = {}
    for who in ("owner", "admin"):
        for endpoint in WITH_PATH:
            unknown = {part: ids.new(p) for part, p in PREFIXES.items()}
            asked = told(endpoint, things.body(endpoint))
            path = things.path(endpoint, **unknown, kind="303", step="ready")
            answer = await people.ask(everybody[who], endpoint.method, path, **asked)
            if answer[0] not in {403, 404} or not is_a_problem(answer):
                wrong[f"{who}: {name(endpoint)}"] = answer
    none_of(wrong)


GARBAGE = [
    "x",
    "liv_",
    "%00",
    "a%00b",
    "%FF%FE",
    "..%2F..%2Fetc",
    "'%20OR%201=1--",
    "%E7%9B%B4%E6%92%AD",
    "%F0%9F%98%80",
    "null",
    "-1",
    "9" * 40,
    "k" * 3000,
    "%7B%7D",
]


@pytest.mark.parametrize("who", ["guest", "owner", "admin"])
async def test_garbage_ids_are_not_found(
    things: Things, everybody: dict[str, Browser], who: str
) -> None:
    async def one(endpoint: Endpoint, part: str, garbage: str) -> tuple[str, tuple[int, Any]]:
        asked = told(endpoint, things.body(endpoint))
        path = things.path(endpoint, **{part: garbage})
        answer = await people.ask(everybody[who], endpoint.method, path, **asked)
        return f"{name(endpoint)} {part}={garbage[:20]}", answer

    promised = {401, 403, 404} if who == "guest" else {403, 404}
    tries = [
        one(endpoint, part, garbage)
        for endpoint in WITH_PATH
        for part in endpoint.path_names
        if part not in NOT_AN_ID
        for garbage in GARBAGE
    ]
    answers = await _some_at_a_time(tries)
    wrong = {what: told for what, told in answers if told[0] not in promised}
    none_of(wrong)
    none_of({what: told for what, told in answers if not is_a_problem(told)})


NONSENSE = ["%00", "x", "-1", "99999999999999999999", "", "%FF", "2026-13-45", "k" * 500]
CURSORS = [
    orjson.dumps(["2026-01-01T00:00:00", "x"]),
    orjson.dumps(["9999-12-31T23:59:59+00:00", "x"]),
    orjson.dumps(["0001-01-01T00:00:00+14:00", "x"]),
    orjson.dumps(["2026-01-01T00:00:00+00:00", "a\x00b"]),
    orjson.dumps(["2026-01-01T00:00:00+00:00", {"a": 1}]),
    b"[]",
    b"\x00",
]


async def test_nonsense_in_a_query_is_never_an_accident(
    things: Things, everybody: dict[str, Browser]
) -> None:
    cursors = [base64.urlsafe_b64encode(c).decode().rstrip("=") for c in CURSORS]
    far = ["0001-01-01", "9999-12-31", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00%2B14:00"]

    async def one(endpoint: Endpoint, field: str, value: str) -> tuple[str, tuple[int, Any]]:
        needed = {
            f: v
            for f, v in {**QUERIES, "source": "x"}.items()
            if f in endpoint.query.model_fields
        }
        query = "&".join(f"{k}={v}" for k, v in {**needed, field: value}.items())
        path = things.path(endpoint).partition("?")[0]
        answer = await people.ask(everybody["owner"], "GET", f"{path}?{query}")
        return f"{name(endpoint)}?{field}={value[:40]}", answer

    tries = [
        one(endpoint, field, value)
        for endpoint in ENDPOINTS
        if endpoint.method == "GET"
        for field in endpoint.query.model_fields
        for value in [*NONSENSE, *far, *(cursors if field == "cursor" else [])]
    ]
    answers = await _some_at_a_time(tries)
    none_of({what: told for what, told in answers if told[0] >= 500})
    refused = [(what, told) for what, told in answers if told[0] >= 400]
    none_of({what: told for what, told in refused if not is_a_problem(told)})


WRONG = [
    None,
    {},
    [],
    True,
    1.5,
    -1,
    10**30,
    "",
    "\x00",
    "x" * 70_000,
    "9" * 400,
    [[]],
    {"a": {}},
]
RAW = {
    "not JSON": (b"{", "application/json"),
    "nothing": (b"", "application/json"),
    "null": (b"null", "application/json"),
    "a list": (b"[]", "application/json"),
    "a number": (b"1", "application/json"),
    "a text": (b'"x"', "application/json"),
    "deep": (b"[" * 50_000, "application/json"),
    "deep and closed": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "application/json"),
    "half a pair": (b'{"a":"\\ud800"}', "application/json"),
    "not UTF-8": (b'{"a":"\xff\xfe"}', "application/json"),
    "a form": (b"a=1", "application/x-www-form-urlencoded"),
    "text": (b"{}", "text/plain"),
    "no type": (b"{}", ""),
    "two mebibytes": (b'{"a":"' + b"x" * (2 << 20) + b'"}', "application/json"),
    "nine mebibytes": (b'{"a":"' + b"x" * (9 << 20) + b'"}', "application/json"),
}


@pytest.mark.parametrize("what", RAW)
async def test_a_body_that_is_none_is_a_problem(
    things: Things, everybody: dict[str, Browser], what: str
) -> None:
    body, kind = RAW[what]
    wrong = {}
    for endpoint in WITH_BODY:
        headers = {"Idempotency-Key": "k", **({"Content-Type": kind} if kind else {})}
        skip = {} if kind else {"skip_auto_headers": ["Content-Type"]}
        path = things.path(endpoint)
        who = _who_may(endpoint, everybody)
        answer = await people.ask(
            who, endpoint.method, path, data=io.BytesIO(body), headers=headers, **skip
        )
        if not is_a_problem(answer):
            wrong[name(endpoint)] = answer
    none_of(wrong)


async def test_a_field_too_much_is_refused(
    things: Things, everybody: dict[str, Browser]
) -> None:
    wrong = {}
    for endpoint in WITH_BODY:
        asked = told(endpoint, {**(things.body(endpoint) or {}), "surprise": 1})
        answer = await people.ask(
            _who_may(endpoint, everybody), endpoint.method, things.path(endpoint), **asked
        )
        if answer[0] != 422 or not is_a_problem(answer):
            wrong[name(endpoint)] = answer
    none_of(wrong)


async def test_a_wrong_value_anywhere_is_never_an_accident(
    things: Things, everybody: dict[str, Browser]
) -> None:
    async def one(endpoint: Endpoint, where: str, body: Any) -> tuple[str, tuple[int, Any]]:
        asked = {"headers": {"Idempotency-Key": secrets.token_hex(8)}}
        raw = {"data": json.dumps(body).encode()}
        asked["headers"]["Content-Type"] = "application/json"
        answer = await people.ask(
            _who_may(endpoint, everybody),
            endpoint.method,
            things.path(endpoint),
            **asked,
            **raw,
        )
        return f"{name(endpoint)} {where}", answer

    tries = [
        one(endpoint, where, body)
        for endpoint in WITH_BODY
        for where, body in _spoilt(things.body(endpoint) or {})
    ]
    answers = await _some_at_a_time(tries)
    none_of({what: told for what, told in answers if told[0] >= 500})
    refused = [(what, told) for what, told in answers if told[0] >= 400]
    none_of({what: told for what, told in refused if not is_a_problem(told)})
    assert len(refused) > len(answers) * 0.8


def _spoilt(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The body with one value replaced by a wrong one, everywhere in turn; keys, too."""

    def places(value: Any, so_far: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        yield so_far
        inner: Any = ()
        if isinstance(value, dict):
            inner = value.items()
        elif isinstance(value, list):
            inner = enumerate(value)
        for key, deeper in inner:
            yield from places(deeper, (*so_far, key))

    for place in places(body, ()):
        if not place:
            continue
        for wrong in WRONG:
            spoilt = orjson.loads(orjson.dumps(body))
            inner = spoilt
            for step in place[:-1]:
                inner = inner[step]
            inner[place[-1]] = wrong
            yield f"{'/'.join(map(str, place))} = {str(wrong)[:20]!r}", spoilt
        spoilt = orjson.loads(orjson.dumps(body))
        inner = spoilt
        for step in place[:-1]:
            inner = inner[step]
        if isinstance(inner, dict):
            inner["\x00"] = inner.pop(place[-1])
            yield f"{'/'.join(map(str, place))} named NUL", spoilt


def _who_may(endpoint: Endpoint, everybody: dict[str, Browser]) -> Browser:
    """Somebody who gets past the guard, so that it is the body that is refused."""
    staff = "merchant" not in endpoint.may.name and not endpoint.may.open
    return everybody["admin" if staff else "owner"]


async def _some_at_a_time(tries: list[Any], most: int = 8) -> list[tuple[str, Any]]:
    gate = asyncio.Semaphore(most)

    async def one(work: Any) -> Any:
        async with gate:
            return await work

    return list(await asyncio.gather(*(one(work) for work in tries)))
