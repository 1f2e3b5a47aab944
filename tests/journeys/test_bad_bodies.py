"""Bodies as strangers send them: none, too much, and wrong in every place."""

import io
import json
import secrets
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from livecommerce.demo.client import Browser
from livecommerce.web.api import Endpoint
from tests import people
from tests.strangers import (
    WITH_BODY,
    Things,
    is_a_problem,
    name,
    none_of,
    some_at_a_time,
    told,
    who_may,
)

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
        who = who_may(endpoint, everybody)
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
            who_may(endpoint, everybody), endpoint.method, things.path(endpoint), **asked
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
            who_may(endpoint, everybody),
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
    answers = await some_at_a_time(tries)
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
