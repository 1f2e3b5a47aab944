"""Typesetting: a template and its facts in, a PDF out. Nothing here reads a clock or a row.

Typst sets what it has no glyph for as empty boxes and merely warns. So the machine's fonts
are looked at first, and without one for Chinese nothing is printed at all.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import orjson

from livecommerce.office.errors import NoFontForChinese

CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("PingFang SC", "Hiragino Sans GB", "Microsoft YaHei"),
)
"""Fonts for Chinese with Latin letters of their own, the one we like best first."""


@cache
def fonts() -> list[str]:
    """Those of them that this machine has.

    Raises:
        NoFontForChinese: it has none.
    """
    import typst  # tens of megabytes, for processes that print

    return usable(typst.Fonts().families())


def usable(families: list[str]) -> list[str]:
    """Of these families, those that can set our papers. Raises NoFontForChinese."""
    found = [name for name in CHINESE if name in families]
    if not found:
        raise NoFontForChinese(fonts=list(CHINESE))
    return found


async def pdf(template: bytes, facts: Mapping[str, Any], *, now: datetime) -> bytes:
    """The paper, typeset in a thread of its own.

    Args:
        template: typst's source; it reads ``facts``, with the usable ``fonts`` among them,
            as JSON from ``sys.inputs.facts``.
        now: the time that the file says it was made.

    Raises:
        NoFontForChinese: Chinese could not be set.
    """
    return await asyncio.to_thread(_typeset, template, facts, now)


def _typeset(template: bytes, facts: Mapping[str, Any], now: datetime) -> bytes:
    told = orjson.dumps({**facts, "fonts": fonts()}).decode()
    import typst

    made = typst.compile(
        template, format="pdf", sys_inputs={"facts": told}, timestamp=int(now.timestamp())
    )
    assert isinstance(made, bytes)
    return made
