"""How the words are spelt: ids, texts in both languages, amounts."""

from typing import Any, Final

_TIME: Final = "01kbr0e7x4f9v8c2m6q3t5w1"


def id_(prefix: str, number: int = 1) -> str:
    """An id that looks like ours, the same each time: ``ord_01kbr…01``."""
    return f"{prefix}_{_TIME}{number:02d}"


def both(zh: str, en: str) -> dict[str, str]:
    """A text in both languages."""
    return {"zh": zh, "en": en}


def eur(minor: int) -> dict[str, Any]:
    """An amount in euros."""
    return {"minor": minor, "currency": "EUR"}
