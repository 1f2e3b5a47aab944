"""What bodies are made of."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class Wire(BaseModel):
    """A body as clients see it: frozen, and unknown fields are refused, not ignored."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        from_attributes=True,
        defer_build=True,  # each when it is first used: all at once keep a start waiting
    )


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
