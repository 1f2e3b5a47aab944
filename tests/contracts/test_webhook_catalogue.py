"""The public catalogue is what others build on: a difference here is a change for them.

``python -m tests.contracts.test_webhook_catalogue`` writes the golden files anew.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from livecommerce.telling import TOLD
from livecommerce.vocabulary.words import WORDS
from livecommerce.webhooks import schemas
from livecommerce.webhooks.public import CATALOGUE, PublicEvent
from livecommerce.wiring import REACTIONS

GOLDEN = Path(__file__).parent / "webhook_schemas"
PERSONAL = {"buyer", "user", "name", "email", "phone", "address", "postcode", "city", "text"}
ASKED_FOR = {"webhooks.test"}
"""Told because somebody asks, not because of a fact."""

DESCRIBED = schemas.describe(version="1", words=WORDS)


def printed(kind: str) -> str:
    return json.dumps(schemas.schema_of(kind), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("kind", CATALOGUE)
def test_a_schema_is_what_receivers_know(kind: str) -> None:
    assert (GOLDEN / f"{kind}.json").read_text() == printed(kind)


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(CATALOGUE)


@pytest.mark.parametrize("kind", CATALOGUE)
def test_a_type_has_an_example_that_its_schema_accepts(kind: str) -> None:
    schema = schemas.schema_of(kind)
    Draft202012Validator.check_schema(schema)
    example = schemas.example_of(kind, WORDS)
    assert example is not None, f"say in livecommerce/vocabulary what {kind} holds"
    judge = Draft202012Validator(schema, format_checker=FormatChecker())
    assert [error.message for error in judge.iter_errors(example)] == []


def test_what_is_listed_is_told_and_what_is_told_is_listed() -> None:
    told = {kind.type for telling in TOLD.values() for kind in telling.kinds}
    assert told | ASKED_FOR == set(CATALOGUE)
    for fact, telling in TOLD.items():
        assert telling.react in REACTIONS[fact]


@pytest.mark.parametrize("kind", CATALOGUE)
def test_nothing_personal_is_in_any_event(kind: str) -> None:
    def fields(schema: Any) -> set[str]:
        if isinstance(schema, list):
            return {name for each in schema for name in fields(each)}
        if not isinstance(schema, dict):
            return set()
        inner = {name for each in schema.values() for name in fields(each)}
        return inner | set(schema.get("properties", {}))

    assert fields(schemas.schema_of(kind)) & PERSONAL == set()


def test_every_event_says_whose_it_is_and_where_in_the_session() -> None:
    assert set(PublicEvent.model_fields) == {"merchant", "live_session", "sequence"}
    assert all(issubclass(event, PublicEvent) for event in CATALOGUE.values())


def test_the_asyncapi_document_points_at_what_is_there() -> None:
    assert DESCRIBED["asyncapi"] == "3.0.0"
    assert set(DESCRIBED["components"]["messages"]) == set(CATALOGUE)
    heard = [m for o in DESCRIBED["operations"].values() for m in o["messages"]]
    assert len(heard) == len(CATALOGUE)
    for reference in (*heard, *DESCRIBED["channels"]["endpoint"]["messages"].values()):
        found: Any = DESCRIBED
        for part in reference["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        assert found


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.glob("*.json"):
        path.unlink()
    for kind in CATALOGUE:
        (GOLDEN / f"{kind}.json").write_text(printed(kind))
