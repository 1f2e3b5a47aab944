"""The field tables of the specification (edition 202205), read once from the shipped CSVs.

Everything that knows an element's name, order or length asks here: the schema, the writer
and the reader.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

_PARTICLE = re.compile(r"(\w+)\[(\d+)\.\.(\d+|unbounded)\]")


@dataclass(frozen=True, slots=True)
class Element:
    """One field: its place, its type, and who calls it mandatory."""

    name: str
    name_zh: str
    base: str
    exact: int | None
    shortest: int | None
    longest: int | None
    total_digits: int | None
    fraction_digits: int | None
    in_schema: bool
    in_text: bool
    default: str

    @property
    def required(self) -> bool:
        """Whether either the schema or the text calls it mandatory: the stricter one wins."""
        return self.in_schema or self.in_text


@dataclass(frozen=True, slots=True)
class Particle:
    """A child element and how often it may stand; no ``most`` is without end."""

    name: str
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Blocks hold fields, wrappers hold blocks, roots hold wrappers or blocks."""

    blocks: dict[str, tuple[Element, ...]]
    wrappers: dict[str, tuple[Particle, ...]]
    roots: dict[str, tuple[Particle, ...]]


@cache
def vocabulary() -> Vocabulary:
    """All 23 messages and the common blocks."""
    blocks: dict[str, list[Element]] = {}
    for row in rows("ceb_export_fields.csv"):
        blocks.setdefault(row["block"], []).append(_element(row))
    wrappers: dict[str, tuple[Particle, ...]] = {}
    roots: dict[str, tuple[Particle, ...]] = {}
    for row in rows("ceb_export_messages.csv"):
        roots[row["root"]] = _particles(row["children"])
        wrapper, colon, children = row["block_children"].partition(":")
        if colon:
            wrappers[wrapper] = _particles(children)
    return Vocabulary({name: tuple(all_) for name, all_ in blocks.items()}, wrappers, roots)


def rows(name: str) -> list[dict[str, str]]:
    """A shipped table; every cell is text, so that ``001`` stays ``001``."""
    text = files(__package__).joinpath("data", name).read_text("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


@cache
def error_texts() -> dict[str, tuple[str, ...]]:
    """What an error code says; two codes are printed with two different texts."""
    texts: dict[str, tuple[str, ...]] = {}
    for row in rows("ceb_error_codes.csv"):
        texts[row["code"]] = (*texts.get(row["code"], ()), row["message_zh"])
    return texts


def _element(row: dict[str, str]) -> Element:
    return Element(
        name=row["field"],
        name_zh=row["name_zh"],
        base=row["base"],
        exact=_count(row["exact_len"]),
        shortest=_count(row["min_len"]),
        longest=_count(row["max_len"]),
        total_digits=_count(row["total_digits"]),
        fraction_digits=_count(row["fraction_digits"]),
        in_schema=row["xsd_min_occurs"] != "0",
        in_text=row["spec_required"] == "Y",
        default=row["default"] if row["message"] != "common" else "",
    )


def _count(cell: str) -> int | None:
    return int(cell) if cell else None


def _particles(cell: str) -> tuple[Particle, ...]:
    return tuple(
        Particle(name, int(least), None if most == "unbounded" else int(most))
        for name, least, most in _PARTICLE.findall(cell)
    )
