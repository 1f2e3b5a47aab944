"""The API described by itself: OpenAPI 3.1 read from the endpoints' signatures."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal

from aiohttp import web
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from livecommerce.web.api import Endpoint, Raw
from livecommerce.web.examples import NOTHING, Examples
from livecommerce.web.problems import status_of

_REF = "#/components/schemas/{model}"
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details; further members are facts of the problem.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
}


_NO_WORDS: Final[Mapping[str, Any]] = MappingProxyType({})


def describe(
    endpoints: Sequence[Endpoint], *, version: str, words: Mapping[str, Any] = _NO_WORDS
) -> dict[str, Any]:
    """The OpenAPI document of all endpoints.

    Args:
        words: what the examples say (:mod:`livecommerce.web.examples`).
    """
    checked: Literal["validation"] = "validation"
    bodies = [(e.body, checked) for e in endpoints if e.body is not None]
    printed: Literal["serialization"] = "serialization"
    answers = [
        (i, printed, e.adapter)
        for i, e in enumerate(endpoints)
        if e.answer is not type(None) and e.status != 204 and not _is_raw(e.answer)
    ]
    _, shared = models_json_schema(bodies, ref_template=_REF)
    made, defined = TypeAdapter.json_schemas(answers, ref_template=_REF)
    schemas = {"Problem": _PROBLEM, **shared.get("$defs", {}), **defined.get("$defs", {})}
    examples = Examples(schemas, words)
    paths: dict[str, dict[str, Any]] = {}
    for i, endpoint in enumerate(endpoints):
        answer = made.get((i, "serialization"))
        plain = "/".join(
            "{" + part[1:-1].partition(":")[0] + "}" if part.startswith("{") else part
            for part in endpoint.path.split("/")
        )
        paths.setdefault(plain, {})[endpoint.method.lower()] = _operation(
            endpoint, answer, examples
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Livecommerce",
            "version": version,
            "description": "Live sessions, studios, orders, payments and customs in one chain.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"session": []}, {"key": []}, {}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "lc_session"},
                "key": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(endpoint: Endpoint, answer: Any, examples: Examples) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in endpoint.path_names
    ]
    query = endpoint.query.model_json_schema(ref_template=_REF)
    required = set(query.get("required", ()))
    for name, schema in query.get("properties", {}).items():
        parameters.append(
            {"name": name, "in": "query", "required": name in required, "schema": schema}
        )
    if endpoint.method != "GET" and endpoint.tx:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": endpoint.key,
                "schema": {"type": "string", "maxLength": 200},
            }
        )
    feature = endpoint.handler.__module__.split(".")[-2]
    operation: dict[str, Any] = {
        "operationId": f"{feature}_{endpoint.handler.__name__}",
        "summary": endpoint.summary,
        "description": f"For: {endpoint.may.name}.",
        "tags": list(endpoint.tags),
        "parameters": parameters,
        "responses": _responses(endpoint, answer, examples),
    }
    if endpoint.body is not None:
        ref = {"$ref": _REF.format(model=endpoint.body.__name__)}
        content = {"application/json": _shown(ref, examples)}
        operation["requestBody"] = {"required": True, "content": content}
    elif endpoint.takes is not None:
        operation["requestBody"] = {"required": True, "content": _raw(endpoint.takes)}
    return operation


def _is_raw(answer: Any) -> bool:
    return isinstance(answer, type) and issubclass(answer, web.StreamResponse)


def _shown(schema: dict[str, Any], examples: Examples) -> dict[str, Any]:
    made = examples.of(schema)
    return {"schema": schema} if made is NOTHING else {"schema": schema, "example": made}


def _raw(body: Raw) -> dict[str, Any]:
    media, example = body
    schema = {"type": "string"} if isinstance(example, str) else {}
    return {media: {"schema": schema, "example": example}}


def _responses(endpoint: Endpoint, answer: Any, examples: Examples) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    if endpoint.gives is not None:
        content = _raw(endpoint.gives)
        responses[str(endpoint.status)] = {"description": "Done.", "content": content}
    elif answer is None:
        responses[str(endpoint.status if endpoint.status != 200 else 204)] = {
            "description": "Done."
        }
    else:
        content = {"application/json": _shown(answer, examples)}
        responses[str(endpoint.status)] = {"description": "Done.", "content": content}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    by_status: dict[int, list[str]] = {}
    for error in endpoint.errors:
        title = (error.__doc__ or "").partition("\n")[0]
        by_status.setdefault(status_of(error), []).append(f"`{error.code}`: {title}")
    for status, sentences in sorted(by_status.items()):
        text = " ".join(sentences)
        responses[str(status)] = {"description": text, "content": problem}
    responses["default"] = {"description": "A problem.", "content": problem}
    return responses
