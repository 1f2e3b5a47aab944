"""JSON values as they were written: what is relayed is not ours to put in other words.

A number that no float holds, ``1E2``, ``-0`` and a name that stands twice are all lost when a
value is read and written again. Almost always what we would write is what was written; then
nothing is done. Otherwise the value is cut out of the text, which is read a second time.
"""

import json
import re
from collections.abc import Callable

import orjson

_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)  # numbers of any length
_ENDS = frozenset(b",} \t\r\n")
_SPACE = re.compile(r"[ \t\r\n]*")


def as_written(value: bytes, text: bytes, cut: Callable[[str], str]) -> bytes:
    """The ``data`` in a text, on one line.

    Args:
        value: what we would write for it.
        text: the text, read already, so that it is known to be JSON.
        cut: takes it out of the text, should it be written otherwise.
    """
    ours = b'"data":' + value
    at = text.find(ours)
    if at >= 0 and text[at + len(ours)] in _ENDS:  # or else it is a longer number's beginning
        return value
    try:
        written = cut(text.decode()).encode()
    except RecursionError:  # something beside it is nested deeper than this reader goes
        return value
    return written.replace(b"\r", b" ").replace(b"\n", b" ")


def members(text: str) -> dict[str, str]:
    """The values of an object as they are written; of a name that stands twice, the last."""
    found: dict[str, str] = {}
    at = _after_space(text, _after_space(text, 0) + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        found[name], at = _value(text, _after_space(text, at) + 1)
    return found


def items(text: str) -> list[str]:
    """The values of an array as they are written."""
    found: list[str] = []
    at = _after_space(text, _after_space(text, 0) + 1)
    while text[at] != "]":
        value, at = _value(text, at)
        found.append(value)
    return found


def data_of(body: dict[str, object], text: str | bytes) -> object:
    """The member ``data`` of a body that was read from the text, ready to be written as it
    was written there; as it is, where it is nested too deeply to be written at all."""
    try:
        value = orjson.dumps(body["data"])
    except orjson.JSONEncodeError:
        return body["data"]
    raw = text.encode() if isinstance(text, str) else text
    return orjson.Fragment(as_written(value, raw, lambda whole: members(whole)["data"]))


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that begins there, and where the next thing does."""
    start = _after_space(text, at)
    _, end = _DECODER.raw_decode(text, start)
    at = _after_space(text, end)
    return text[start:end], _after_space(text, at + 1) if text[at] == "," else at


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()
