"""Every endpoint, tried by people whom it does not concern and with requests that make no
sense. Somebody else's thing is not found; nonsense is a problem; nothing is ever a 500.

The endpoints are read from the wiring, so a new one is tried as soon as it exists; one with
a new path name or body must be told here what to put in.
"""

import base64
from typing import Any

import orjson
import pytest

from livecommerce.demo.client import Browser
from livecommerce.kernel import ids
from livecommerce.web.api import Endpoint
from livecommerce.wiring import ENDPOINTS
from tests import people
from tests.path_parts import NOT_AN_ID, PREFIXES, QUERIES
from tests.strangers import (
    ANYBODY,
    WITH_PATH,
    Things,
    is_a_problem,
    name,
    none_of,
    some_at_a_time,
    told,
)


async def test_nobody_has_to_guess_what_is_open() -> None:
    """A new endpoint is somebody's on purpose."""
    assert {name(e) for e in ENDPOINTS} >= ANYBODY
    mine = {name(e) for e in ENDPOINTS if e.may.open} - ANYBODY
    by_id = {"hold", "checkout", "order", "address", "item", "prize"}
    by_id |= {"goods_return", "invoice"}
    unclear = {e for e in mine if not any(f"{{{part}}}" in e for part in by_id)}
    hooks = {"POST /hooks/stripe", "POST /hooks/stripe-connect"}
    assert unclear == {"POST /v1/quotes", "POST /v1/checkouts"} | hooks


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
        if who != "guest" and answer[0] == 200 and not _names_any(things, endpoint, path):
            # A list that names nobody's shows the rivals their own, and nothing of this.
            if any(id_ in str(answer[1]) for id_ in _secret(things)):
                wrong[name(endpoint)] = answer
            continue
        promised = {401, 403, 404} if who == "guest" else {403, 404}
        if answer[0] not in promised or not is_a_problem(answer):
            wrong[name(endpoint)] = answer
    none_of(wrong)
    assert await _state(things, everybody["owner"]) == before


def _names_any(things: Things, endpoint: Endpoint, path: str) -> bool:
    """Whether the request is about somebody's thing: by its path, its query or its body."""
    named = any(id_ in path for kind, id_ in things.ids.items() if kind in PREFIXES)
    return named or endpoint.method != "GET"


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
    answers = await some_at_a_time(tries)
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
    answers = await some_at_a_time(tries)
    none_of({what: told for what, told in answers if told[0] >= 500})
    refused = [(what, told) for what, told in answers if told[0] >= 400]
    none_of({what: told for what, told in refused if not is_a_problem(told)})
