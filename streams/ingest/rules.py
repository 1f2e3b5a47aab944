"""Who may publish when. Pure decisions; the rows are locked and changed by the actions."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from livecommerce.kernel.clock import Period

MARGIN = timedelta(minutes=30)
"""How long before and after its slot a key is good."""

STALE_AFTER = timedelta(seconds=10)
"""A publisher that sent nothing for so long may be replaced."""

SETTLING = timedelta(seconds=5)
"""An accepted publisher may take so long to show up in the server's list."""


class State(StrEnum):
    """Whether the picture comes in."""

    IDLE = "idle"
    LIVE = "live"
    INTERRUPTED = "interrupted"
    ENDED = "ended"


class Reason(StrEnum):
    """Why a publish attempt was let in or refused."""

    OK = "ok"
    UNKNOWN = "unknown"
    WRONG_KEY = "wrong_key"
    EARLY = "early"
    LATE = "late"
    NOT_CLEARED = "not_cleared"
    OVER = "over"
    NO_SLOT = "no_slot"
    SECOND = "second"


def window(slot: Period) -> Period:
    """When a key for that slot is good."""
    return Period(slot.start - MARGIN, slot.end + MARGIN)


def new_key() -> str:
    """A fresh secret of 192 bits. Only letters, digits, ``_`` and ``-``: it is appended raw to
    a query, where anything else could forge fields."""
    return secrets.token_urlsafe(24)


def digest(key: str) -> str:
    """What is stored instead of the key."""
    return hashlib.sha256(key.encode()).hexdigest()


def matches(key: str, stored: str) -> bool:
    """Whether it is the key of that digest, in the same time whichever it is."""
    return hmac.compare_digest(digest(key), stored)


def timely(valid: Period, now: datetime) -> Reason:
    """Whether a key is good at that moment, and on which side it is not."""
    if now < valid.start:
        return Reason.EARLY
    return Reason.OK if now < valid.end else Reason.LATE


def alive(last_seen: datetime | None, now: datetime) -> bool:
    """Whether a publisher last seen then still counts as there."""
    return last_seen is not None and now - last_seen < STALE_AFTER
