"""What bodies are made of."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from annotated_types import GroupedMetadata
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from livecommerce.kernel.money import exponent
from livecommerce.kernel.text import legible

T = TypeVar("T")

# Embeddings, overrides and isolates (UAX #9): they show what follows in another order.
_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def seen(text: str) -> str:
    """A person's text as others may see it: without controls that turn it around, blank
    letters and piles of marks.

    Raises:
        ValueError: it is not empty, and nothing of it can be seen.
    """
    plain = legible(text.translate(_TURNS)).strip()
    if text and not any(map(_shows, plain)):
        raise ValueError("nothing of it can be seen")
    return plain


def _shows(char: str) -> bool:
    return unicodedata.category(char)[0] not in "ZCM"


@dataclass(frozen=True, slots=True)
class Words(GroupedMetadata):
    """A person's words, of so many characters: trimmed, something of them can be seen, and
    nothing turns them around. With ``lines``, they may have line breaks and tabs."""

    longest: int
    shortest: int = 1
    lines: bool = False

    def __iter__(self) -> Iterator[Any]:
        controls = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f" if self.lines else r"\x00-\x1f\x7f"
        yield from StringConstraints(
            strip_whitespace=True,
            min_length=self.shortest,
            max_length=self.longest,
            pattern=rf"^[^{controls}]*$",
        )
        yield AfterValidator(seen)


class Wire(BaseModel):
    """A body as clients see it: frozen, and unknown fields are refused, not ignored."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        from_attributes=True,
        defer_build=True,  # each when it is first used: all at once keep a start waiting
    )


def _of_money(currency: str) -> str:
    exponent(currency)
    return currency


Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$"), AfterValidator(_of_money)]
"""A code of ISO 4217 that amounts can be counted in (``XXX`` and ``XAU`` are not)."""


class Both(Wire):
    """A text in the product's two languages."""

    zh: str = Field(min_length=1, max_length=4000)
    en: str = Field(min_length=1, max_length=4000)

    def told(self, locale: str) -> str:
        """In the reader's language."""
        return self.zh if locale.startswith("zh") else self.en


class PageOut(Wire, Generic[T]):
    """Some of a list, and where to go on: pass ``next_cursor`` as ``cursor``."""

    items: list[T]
    next_cursor: str | None = None
