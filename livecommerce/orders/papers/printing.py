"""Typesetting: a template and its facts in, a PDF out. Nothing here reads a clock or a row.

Typst sets what it has no glyph for as empty boxes and merely warns. So the machine's fonts
are looked at first, and without one for Chinese nothing is printed at all.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from livecommerce.orders.papers.errors import NoFontForChinese

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


async def pdf(template: str, facts: Mapping[str, Any], *, now: datetime) -> bytes:
    """The paper, typeset in a thread of its own.

    Args:
        template: the name of a file in ``templates/``.

    Raises:
        NoFontForChinese: Chinese could not be set.
    """
    return await asyncio.to_thread(_typeset, template, facts, now)


def _typeset(template: str, facts: Mapping[str, Any], now: datetime) -> bytes:
    source = files(__package__).joinpath("templates", f"{template}.typ").read_bytes()
    told = orjson.dumps({**facts, "fonts": fonts()}).decode()
    import typst

    made = typst.compile(
        source, format="pdf", sys_inputs={"facts": told}, timestamp=int(now.timestamp())
    )
    assert isinstance(made, bytes)
    return made
