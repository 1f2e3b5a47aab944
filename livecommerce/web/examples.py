"""Examples composed from a schema: each field by its own example, or by what its name means.

One thing has one id in all examples, so what one route answers can be pasted into the next.
A field is looked up, in this order: ``Field(examples=[...])``, the word ``Model.field``, the
word ``field``, then the schema itself (a constant, a choice, a default, a nested model).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Schema = Mapping[str, Any]
NOTHING: Final = object()
"""There is no example; ``None`` is one."""

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


@dataclass(frozen=True, slots=True)
class Examples:
    """Composes examples.

    Args:
        schemas: the named schemas that ``$ref`` points to by its last part.
        words: what fields of a name hold: ``{"order": "ord_…", "Charge.kind": "duty"}``; the
            name of a model or of a choice alone stands for the whole of it.
    """

    schemas: Mapping[str, Schema]
    words: Mapping[str, Any]

    def of(self, schema: Schema) -> Any:
        """An example of the schema, or ``NOTHING`` if a part of it has none."""
        return self._value(schema, "", "")

    def missing(self, schema: Schema) -> list[str]:
        """The fields, as ``Model.field``, for want of which there is no example."""
        found: dict[str, None] = {}
        self._search(schema, "", "", found, set())
        return list(found)

    def _value(self, schema: Schema, model: str, field: str) -> Any:
        if schema.get("examples"):
            return schema["examples"][0]
        for word in (f"{model}.{field}", field):
            if word in self.words and _fits(self.words[word], schema):
                return self.words[word]
        if "$ref" in schema:
            return self._named(schema["$ref"].rpartition("/")[2])
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("anyOf") or schema.get("oneOf"):
            return self._one_of(schema, model, field)
        if "properties" in schema:
            return self._fields(schema, schema.get("title", model))
        return self._plain(schema, model, field)

    def _named(self, name: str) -> Any:
        if name in self.words:
            return self.words[name]
        schema = self.schemas[name]
        if schema.get("examples"):
            return schema["examples"][0]
        return self._fields(schema, name) if "properties" in schema else self.of(schema)

    def _fields(self, schema: Schema, model: str) -> Any:
        made = {n: self._value(s, model, n) for n, s in schema["properties"].items()}
        return NOTHING if NOTHING in made.values() else made

    def _one_of(self, schema: Schema, model: str, field: str) -> Any:
        choices = schema.get("anyOf") or schema["oneOf"]
        for choice in choices:
            made = self._value(choice, model, field)
            if made is not NOTHING and made is not None:
                return made
        return None if {"type": "null"} in choices else NOTHING

    def _plain(self, schema: Schema, model: str, field: str) -> Any:
        kind = schema.get("type")
        if kind == "array":
            parts = schema.get("prefixItems") or [schema.get("items", {"type": "null"})]
            made = [self._value(part, model, field.removesuffix("s")) for part in parts]
            return NOTHING if NOTHING in made else made
        if kind == "null":
            return None
        if schema.get("default") is not None:
            return schema["default"]
        return False if kind == "boolean" else NOTHING

    def _search(
        self, schema: Schema, model: str, field: str, found: dict[str, None], seen: set[str]
    ) -> None:
        """Walk to the fields that have no example of their own."""
        if self._value(schema, model, field) is not NOTHING:
            return
        name = schema.get("$ref", "").rpartition("/")[2]
        inner = self.schemas[name] if name else schema
        if name and name in seen:
            return
        seen.add(name)
        if "properties" in inner:
            owner = name or schema.get("title", model)
            for part, its in inner["properties"].items():
                self._search(its, owner, part, found, seen)
        elif "items" in inner:
            self._search(inner["items"], model, field.removesuffix("s"), found, seen)
        elif choices := inner.get("anyOf") or inner.get("oneOf"):
            self._search(choices[0], model, field, found, seen)
        else:
            found[f"{model}.{field}"] = None


def _fits(word: Any, schema: Schema) -> bool:
    """Whether the word is of the schema's type, as far as a glance tells."""
    if "enum" in schema:
        return word in schema["enum"]
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return any(_fits(word, choice) for choice in choices)
    if "$ref" in schema:
        return isinstance(word, dict)
    kind = schema.get("type")
    if kind == "null":
        return word is None
    if kind is None:
        return True
    if kind == "array" and isinstance(word, list):
        return all(_fits(each, schema.get("items", {})) for each in word)
    return isinstance(word, _TYPES[kind]) and (kind == "boolean" or not isinstance(word, bool))
