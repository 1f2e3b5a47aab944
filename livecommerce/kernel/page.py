"""Keyset pages: where to go on from, never how many to skip."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import orjson

from livecommerce.kernel.clock import in_utc
from livecommerce.kernel.errors import Invalid

T = TypeVar("T")


class BadCursor(Invalid):
    """The cursor is not one that we gave out."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row seen: its moment and its id, in the order pages are sorted by."""

    at: datetime
    id: str

    def encode(self) -> str:
        """Opaque text for the client."""
        packed = orjson.dumps([self.at.isoformat(), self.id])
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Read back what :meth:`encode` gave.

        Raises:
            BadCursor: the text is something else.
        """
        try:
            at, id_ = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            moment = in_utc(datetime.fromisoformat(at))
        except (ValueError, TypeError, OverflowError, binascii.Error):
            raise BadCursor() from None
        if not isinstance(id_, str) or "\0" in id_:
            raise BadCursor()
        return cls(moment, id_)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the cursor to the next ones if there are more."""

    items: Sequence[T]
    next: Cursor | None
