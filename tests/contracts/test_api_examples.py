"""Every route shows what to send and what comes back, and both are what it says they are."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from jsonschema import Draft202012Validator, FormatChecker

from livecommerce.studios.rules import PREFIX
from livecommerce.vocabulary.words import WORDS
from livecommerce.web.api import Endpoint
from livecommerce.web.examples import NOTHING, Examples
from livecommerce.web.openapi import describe
from livecommerce.wiring import ENDPOINTS

ROOT = Path(__file__).parents[2]
DESCRIBED = describe(ENDPOINTS, version="1", words=WORDS)
SCHEMAS = DESCRIBED["components"]["schemas"]
HINT = (
    "say it at the field, Field(examples=[...]), or in livecommerce/vocabulary: "
    "livecommerce/web/README.md tells how"
)

Shown = tuple[str, dict[str, Any]]


def bodies() -> list[Shown]:
    """Every body of every operation that is not a problem, with where it stands."""
    found = []
    for path, operations in DESCRIBED["paths"].items():
        for method, operation in operations.items():
            parts = {"takes": operation.get("requestBody", {})}
            parts |= {s: a for s, a in operation["responses"].items() if s.startswith("2")}
            for part, holder in parts.items():
                where = f"{method.upper()} {path} {part}"
                found += [(where, media) for media in holder.get("content", {}).values()]
    return found


def none_of(wrong: list[str]) -> None:
    assert not wrong, "\n".join(["", *wrong, HINT])


def test_every_route_shows_what_to_send_and_what_comes_back() -> None:
    examples = Examples(SCHEMAS, WORDS)
    none_of(
        [
            f"{where}: no example of {', '.join(examples.missing(media['schema']))}"
            for where, media in bodies()
            if "example" not in media
        ]
    )


def test_every_example_is_what_its_schema_says() -> None:
    wrong = []
    for where, media in bodies():
        schema = {**media["schema"], "components": DESCRIBED["components"]}
        judge = Draft202012Validator(schema, format_checker=FormatChecker())
        for error in judge.iter_errors(media.get("example")):
            place = "/".join(map(str, error.absolute_path))
            wrong.append(f"{where} at /{place}: {error.message}")
    none_of(wrong)


def test_every_body_shown_would_be_taken() -> None:
    """By the model itself, which knows more than a schema can say."""
    for endpoint in ENDPOINTS:
        if endpoint.body is not None:
            shown = _operation(endpoint)["requestBody"]["content"]["application/json"]
            endpoint.body.model_validate(shown["example"])


def test_every_answer_shown_could_be_given() -> None:
    for endpoint in ENDPOINTS:
        answer = _operation(endpoint)["responses"][str(endpoint.status)]
        if endpoint.gives is None and "content" in answer:
            shown = answer["content"]["application/json"]["example"]
            endpoint.adapter.validate_json(orjson.dumps(shown))


def test_a_route_that_makes_its_answer_itself_says_what_it_makes() -> None:
    silent = [
        f"{e.method} {e.path}: route(..., gives=(media type, example))"
        for e in ENDPOINTS
        if isinstance(e.answer, type) and issubclass(e.answer, web.StreamResponse)
        if e.status != 204 and e.gives is None
    ]
    none_of(silent)


def test_one_thing_has_one_id_in_all_examples() -> None:
    """What one route answers can be pasted into the next."""
    listed = _answer("/v1/orders", "get")["items"][0]
    order = _answer("/v1/orders/{order}", "get")
    assert listed["id"] == order["id"] == _answer("/v1/checkouts", "post", "201")["orders"][0]
    shipped = order["consignments"][0]
    assert shipped["id"] == _answer("/v1/declarations/{declaration}", "get")["consignment"]
    parts = [order["goods"], order["shipping"], order["duty"], order["tax"], order["fees"]]
    assert sum(part["minor"] for part in parts) == order["total"]["minor"]


def test_ids_in_examples_are_spelt_as_ours() -> None:
    """With a prefix that some feature gives out."""
    shown = orjson.dumps([media.get("example") for _, media in bodies()]).decode()
    sources = "".join(
        path.read_text()
        for package in ("livecommerce", "streams", "payments")
        for path in (ROOT / package).rglob("*.py")
    )
    given_out = set(re.findall(r'ids\.new\("([a-z]+)"', sources)) | set(PREFIX.values())
    found = set(re.findall(r"\b([a-z]{3,4})_[0-9a-z]{26}\b", shown))
    assert found
    assert found - given_out == set()


@pytest.mark.parametrize(
    ("schema", "missing"),
    [
        ({"type": "string"}, ["."]),
        ({"$ref": "#/components/schemas/Towel"}, ["Towel.threads"]),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Towel"}}, ["Towel.threads"]),
    ],
)
def test_what_nobody_has_said_is_missing_by_name(
    schema: dict[str, Any], missing: list[str]
) -> None:
    towel = {"properties": {"threads": {"type": "integer"}, "soft": {"type": "boolean"}}}
    unsaid = Examples({"Towel": towel}, {})
    assert unsaid.of(schema) is NOTHING
    assert unsaid.missing(schema) == missing


def test_a_field_s_own_example_wins_over_the_words() -> None:
    towel = {"properties": {"colour": {"type": "string", "examples": ["red"]}}}
    said = Examples({"Towel": towel}, {"colour": "blue", "Towel.colour": "green"})
    assert said.of({"$ref": "#/components/schemas/Towel"}) == {"colour": "red"}


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    path = "/".join(
        "{" + part[1:-1].partition(":")[0] + "}" if part.startswith("{") else part
        for part in endpoint.path.split("/")
    )
    found: dict[str, Any] = DESCRIBED["paths"][path][endpoint.method.lower()]
    return found


def _answer(path: str, method: str, status: str = "200") -> Any:
    answer = DESCRIBED["paths"][path][method]["responses"][status]
    return answer["content"]["application/json"]["example"]
