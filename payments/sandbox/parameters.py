"""Holds every request against the parameter types that the official library ships.

Those are generated from Stripe's own description of the pinned API version, so what passes
here is what Stripe knows. The types are walked as far as a request goes and no further:
compiling them whole takes the better part of a second for each endpoint.
"""

import sys
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import typing_extensions
from stripe import StripeContext
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject

from payments.sandbox.problems import StripeProblem

_MARKS = (typing.NotRequired, typing.Required, typing_extensions.NotRequired)
_OPTIONS = frozenset(RequestOptions.__annotations__)
"""What the library itself takes out of the parameters before it sends them."""

_NAMES = {**vars(typing), **vars(typing_extensions), "StripeContext": StripeContext}


def checked(params: Any, form: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form, turned into the types that the endpoint's parameters have.

    Raises:
        StripeProblem: naming the first parameter that is missing, unknown or of a wrong
            type, as Stripe would.
    """
    return _mapping(params, form, "")


@cache
def _fields(params: Any) -> dict[str, Any]:
    names = {**_NAMES, **vars(sys.modules[params.__module__])}
    hints = typing.get_type_hints(params, globalns=names, include_extras=True)
    fields = {name.rstrip("_"): hint for name, hint in hints.items()}  # from_, …
    if _is_a_whole_request(params):
        fields = {name: hint for name, hint in fields.items() if name not in _OPTIONS}
    return fields


def _is_a_whole_request(params: Any) -> bool:
    """Whether these are a whole request's parameters (a typed mapping has no bases)."""
    return set(params.__annotations__) >= _OPTIONS


def _mapping(params: Any, form: Any, path: str) -> dict[str, Any]:
    if not isinstance(form, Mapping):
        raise StripeProblem(f"Invalid object: {path}", param=path)
    fields = _fields(params)
    for name in form:
        if name not in fields:
            gone = "payment_method_types_no_longer_supported"
            raise StripeProblem(
                f"Received unknown parameter: {_inside(path, name)}",
                code=gone if name == "payment_method_types" else "parameter_unknown",
                param=_inside(path, name),
            )
    for name in params.__required_keys__:
        if name not in form and name not in _OPTIONS:
            raise StripeProblem(
                f"Missing required param: {_inside(path, name)}.",
                code="parameter_missing",
                param=_inside(path, name),
            )
    return {n: _value(fields[n], value, _inside(path, n)) for n, value in form.items()}


def _value(hint: Any, value: Any, path: str) -> Any:
    origin = get_origin(hint)
    if origin in _MARKS or origin is typing.Annotated:
        return _value(get_args(hint)[0], value, path)
    if origin in {Union, UnionType}:
        return _first_that_fits(get_args(hint), value, path)
    if origin is Literal:
        if value in get_args(hint):
            return value
        options = ", ".join(str(option) for option in get_args(hint)[:40])
        raise StripeProblem(f"Invalid {path}: must be one of {options}", param=path)
    if origin in {list, typing.Sequence}:
        return _list(get_args(hint)[0], value, path)
    if origin in {dict, UntypedStripeObject}:
        inner = get_args(hint)[-1]
        return {k: _value(inner, v, f"{path}[{k}]") for k, v in _object(value, path).items()}
    if typing_extensions.is_typeddict(hint):
        return _mapping(hint, value, path)
    read = _PLAIN.get(hint)
    if read is None:
        raise AssertionError(f"{path}: the library ships a type unknown here: {hint!r}")
    return read(value, path)


def _first_that_fits(options: tuple[Any, ...], value: Any, path: str) -> Any:
    # Beside named values the library also lists plain text, for values younger than it; we
    # stand for one version, in which there are none.
    named = any(get_origin(option) is Literal and any(get_args(option)) for option in options)
    failure: StripeProblem | None = None
    for option in options:
        if option is type(None) or (option is str and named):
            continue
        try:
            return _value(option, value, path)
        except StripeProblem as problem:
            deeper = get_origin(option) is not Literal
            failure = problem if failure is None or deeper else failure
    assert failure is not None
    raise failure


def _list(inner: Any, value: Any, path: str) -> list[Any]:
    items = _object(value, path, "array")
    if set(items) != {str(number) for number in range(len(items))}:
        raise StripeProblem(f"Invalid array: {path}", param=path)
    ordered = sorted(items, key=int)
    return [_value(inner, items[number], f"{path}[{number}]") for number in ordered]


def _object(value: Any, path: str, what: str = "object") -> Mapping[str, Any]:
    if value == "":
        return {}
    if not isinstance(value, Mapping):
        raise StripeProblem(f"Invalid {what}: {path}", param=path)
    return value


def _inside(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise StripeProblem(f"Invalid string: {path}", param=path)
    return value


def _whole(value: Any, path: str) -> int:
    digits = value.removeprefix("-") if isinstance(value, str) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise StripeProblem(
            f"Invalid integer: {value if isinstance(value, str) else path}",
            code="parameter_invalid_integer",
            param=path,
        )
    return int(value)


def _yes_or_no(value: Any, path: str) -> bool:
    if value not in ("true", "false"):  # a set could not hold a mapping
        raise StripeProblem(f"Invalid boolean: {value}", param=path)
    return bool(value == "true")


def _decimal(value: Any, path: str) -> Decimal:
    try:
        return Decimal(_text(value, path))
    except InvalidOperation:
        raise StripeProblem(f"Invalid decimal: {value}", param=path) from None


_PLAIN: Mapping[Any, Callable[[Any, str], Any]] = {
    str: _text,
    int: _whole,
    float: lambda value, path: float(_decimal(value, path)),
    bool: _yes_or_no,
    Decimal: _decimal,
    Any: lambda value, _path: value,
    object: lambda value, _path: value,
}
