"""What may be said: pure decisions about text and about who speaks."""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from streams.chat.errors import LinkNotAllowed, NothingSaid, TextTooLong

VIEWER_LENGTH = 170
STAFF_LENGTH = 1000

_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|\bwww\.)\S", re.IGNORECASE)
_UNSEEN = {"Cc", "Cf", "Co", "Cs"}
_GAPS = re.compile(r"\s+")


class Badge(Enum):
    """Whom everybody can see to be one of those who run the room."""

    HOST = "host"
    ASSISTANT = "assistant"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who is speaking: an opaque id, the name others see, and a badge or none."""

    user: str
    name: str
    badge: Badge | None = None


def clean(text: str) -> str:
    """The text on one line, without what cannot be seen (it hides words from filters)."""
    seen = "".join(
        c
        for c in unicodedata.normalize("NFC", text)
        if c.isspace()
        or c == "\u200d"
        or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"}
    )
    return _GAPS.sub(" ", seen).strip().strip("\u200d")


def _visible(c: str) -> bool:
    joins_emoji = c == "\u200d"
    return c.isspace() or joins_emoji or unicodedata.category(c) not in _UNSEEN


def worded(text: str, speaker: Speaker) -> str:
    """The text as it will be shown.

    Raises:
        NothingSaid: nothing is left of it.
        TextTooLong: more than this speaker may write at once.
        LinkNotAllowed: a viewer posts a link.
    """
    said = clean(text)
    if not said:
        raise NothingSaid()
    longest = VIEWER_LENGTH if speaker.badge is None else STAFF_LENGTH
    if len(said) > longest:
        raise TextTooLong(longest=longest, length=len(said))
    if speaker.badge is None and _LINK.search(said):
        raise LinkNotAllowed()
    return said
