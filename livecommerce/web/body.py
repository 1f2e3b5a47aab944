"""Requests in, answers out: the one place that parses and prints bodies."""

import re
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from livecommerce.kernel.errors import Invalid

M = TypeVar("M", bound=BaseModel)
MOST = 1 << 20
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class NotJson(Invalid):
    """The body is not JSON."""


class NotText(Invalid):
    """A text holds a character (U+0000) that no text can hold."""


class TooLarge(Invalid):
    """The body is too large."""


def holds_nul(raw: bytes) -> bool:
    """Whether a text of this JSON holds U+0000, which PostgreSQL keeps in none."""
    return _NUL.search(raw) is not None


async def read(request: web.Request, model: type[M]) -> M:
    """The body as ``model``.

    Raises:
        NotJson: it cannot be parsed at all.
        NotText: PostgreSQL could not keep one of its texts.
        TooLarge: it is longer than a mebibyte.
        pydantic.ValidationError: it parses, but is not a ``model``; answered as a 422.
    """
    if (request.content_length or 0) > MOST:
        raise TooLarge(most=MOST)
    raw = await request.read()
    if len(raw) > MOST:
        raise TooLarge(most=MOST)
    declared = request.headers.get("Content-Type", "").partition(";")[0].strip()
    if declared != "application/json":
        raise NotJson("Send application/json.")
    if holds_nul(raw):
        raise NotText()
    try:
        return model.model_validate_json(raw)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise NotJson(first["msg"]) from None
        raise


def reply(value: Any, adapter: TypeAdapter[Any], status: int = 200) -> web.Response:
    """``value`` as JSON; nothing as 204."""
    if value is None:
        return web.Response(status=204)
    body = adapter.dump_json(value)
    return web.Response(body=body, status=status, content_type="application/json")
