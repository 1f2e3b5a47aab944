"""Stripe's form encoding, read back into nested values.

``a[b][c]=1&expand[0]=x&list[]=y`` becomes ``{"a": {"b": {"c": "1"}}, "expand": {"0": "x"},
"list": {"0": "y"}}``. Whether a mapping with numbers for keys is a list is for the
parameter's type to say: metadata may well have a key ``0``.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

from payments.sandbox.problems import StripeProblem

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_DEEPEST = 12
_MOST = 1000


def decode(form: str) -> dict[str, Any]:
    """The nested values of an encoded form.

    Raises:
        StripeProblem: a name that is no name, or one that is both a value and a mapping.
    """
    try:
        pairs = parse_qsl(form, keep_blank_values=True, max_num_fields=_MOST, errors="strict")
    except ValueError:
        raise StripeProblem("The request's form could not be read.") from None
    values: dict[str, Any] = {}
    for name, value in pairs:
        _put(values, _path(name), value)
    return values


def _path(name: str) -> list[str]:
    parts = _NAME.fullmatch(name)
    steps = [] if parts is None else [parts[1], *re.findall(r"\[([^\[\]]*)\]", parts[2])]
    if not 0 < len(steps) <= _DEEPEST:
        raise StripeProblem(f"Invalid parameter name: {name[:100]}", param=name[:100])
    return steps


def _put(values: dict[str, Any], path: list[str], value: str) -> None:
    here = values
    for step in path[:-1]:
        inner = here.setdefault(step or str(len(here)), {})
        if not isinstance(inner, dict):
            raise StripeProblem(f"Invalid object: {path[0]}", param=path[0])
        here = inner
    last = path[-1] or str(len(here))
    if isinstance(here.get(last), dict):
        raise StripeProblem(f"Invalid object: {path[0]}", param=path[0])
    here[last] = value
