"""The public catalogue as machines read it: JSON Schema per event type, AsyncAPI 3 for all."""

from collections.abc import Mapping
from typing import Any, Final

from livecommerce.web.examples import NOTHING, Examples
from livecommerce.webhooks import public
from livecommerce.webhooks.errors import NoSuchEventType

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_HEADERS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {
            "type": "string",
            "description": "the same over all tries and replays of an event",
        },
        "webhook-timestamp": {"type": "string", "description": "seconds, of this try"},
        "webhook-signature": {
            "type": "string",
            "description": "`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; while a"
            " secret is being rotated two of them, a space between",
        },
    },
}


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of a whole body of that type.

    Raises:
        NoSuchEventType: there is no such type.
    """
    event = public.CATALOGUE.get(kind)
    if event is None:
        raise NoSuchEventType(type=kind)
    data = event.model_json_schema(mode="serialization", ref_template="#/$defs/{model}")
    shared = data.pop("$defs", {})
    return {
        "$schema": _DIALECT,
        "$id": f"/v1/webhook-types/{kind}/schema",
        "title": kind,
        "description": event.says(),
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": kind},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"$ref": f"#/$defs/{event.__name__}"},
        },
        "$defs": {**shared, event.__name__: data},
    }


def example_of(kind: str, words: Mapping[str, Any]) -> dict[str, Any] | None:
    """A whole body of that type, composed of the words; nothing if one is missing."""
    schema = schema_of(kind)
    data = Examples(schema["$defs"], words).of(schema["properties"]["data"])
    if data is NOTHING:
        return None
    return {"type": kind, "timestamp": "2026-11-23T11:05:00Z", "data": data}


def describe(*, version: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """The AsyncAPI document: one channel, one message per type."""
    messages = {kind: _message(kind, words) for kind in public.CATALOGUE}
    operations = {
        topic: {
            "action": "send",
            "channel": {"$ref": "#/channels/endpoint"},
            "summary": f"Everything of {topic}.",
            "messages": [
                {"$ref": f"#/channels/endpoint/messages/{kind}"}
                for kind in messages
                if kind.partition(".")[0] == topic
            ],
        }
        for topic in public.topics()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Livecommerce webhooks",
            "version": version,
            "description": "Posted to merchants' endpoints after Standard Webhooks. At least"
            " once; no order is promised between deliveries: `sequence` tells the order of"
            " events about one live session, `version` the newer of two states.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "endpoint": {
                "description": "The address an endpoint was made with.",
                "messages": {
                    kind: {"$ref": f"#/components/messages/{kind}"} for kind in messages
                },
            }
        },
        "operations": operations,
        "components": {"messages": messages},
    }


def _message(kind: str, words: Mapping[str, Any]) -> dict[str, Any]:
    example = example_of(kind, words)
    made = {"examples": [{"payload": example}]} if example is not None else {}
    return {
        "name": kind,
        "title": kind,
        "summary": public.CATALOGUE[kind].says(),
        "headers": _HEADERS,
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": schema_of(kind),
        },
        **made,
    }
