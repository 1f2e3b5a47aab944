"""Pieces of a line, as clients name them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from livecommerce.web.wire import Wire


class LineCount(Wire):
    """So many pieces of one line."""

    line: str = Field(min_length=1, max_length=64)
    count: int = Field(gt=0, le=10_000)


def _once(lines: Sequence[LineCount]) -> Sequence[LineCount]:
    if len({each.line for each in lines}) < len(lines):
        raise ValueError("a line is named twice")
    return lines


SomeLines = Annotated[
    list[LineCount], Field(min_length=1, max_length=50), AfterValidator(_once)
]
"""Lines of one order, each named once."""
