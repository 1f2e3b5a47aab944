"""Identity's pure decisions: lifetimes, limits, guest names, credit codes."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

SIGNED_IN_FOR = timedelta(days=14)
GUEST_FOR = timedelta(days=180)
ROOM_TOKEN_FOR = timedelta(hours=1)
ATTEMPTS_WITHIN = timedelta(minutes=15)

_NAME_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like another
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = [pow(3, place, 31) for place in range(17)]
_RANDOM = re.compile(r"[A-Za-z0-9_-]{22,}")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(frozen=True, slots=True)
class Limit:
    """How many sign-in attempts one bucket takes within ``ATTEMPTS_WITHIN``."""

    bucket: str
    most: int


def attempt_limits(email: str, address: str) -> list[Limit]:
    """The buckets an attempt is counted in.

    The tight one is the pair, so that a stranger who guesses cannot lock the owner out from
    another address; the loose ones stop guessing from many addresses, or for many people.
    """
    return [
        Limit(f"pair:{email}:{address}", 8),
        Limit(f"email:{email}", 60),
        Limit(f"address:{address}", 120),
    ]


def is_unsafe(method: str) -> bool:
    """Whether a request of this method may change something."""
    return method.upper() not in _SAFE_METHODS


def is_unguessable(key: str) -> bool:
    """Whether a key looks random: a UUID, or as long as 128 bits are in base64url. What counts
    up, repeats itself or is short could be somebody else's, too."""
    return _RANDOM.fullmatch(key) is not None and len(set(key)) >= 8


def hours_of(now: datetime) -> tuple[int, int]:
    """The hour before this one and this one, counted from 1970."""
    hour = int(now.timestamp()) // 3600
    return hour - 1, hour


def guest_name(guest: str, locale: str) -> str:
    """A name people can tell apart in chat: ``访客·7F3K`` or ``Guest 7F3K``."""
    number = int.from_bytes(hashlib.sha256(guest.encode()).digest()[:4], "big")
    mark = "".join(_NAME_ALPHABET[number >> 5 * place & 31] for place in range(4))
    return f"访客·{mark}" if locale.startswith("zh") else f"Guest {mark}"


def locale_of(chosen: str | None, accepted: str | None) -> str:
    """``zh-CN`` or ``en``: what the visitor chose, else what the browser prefers."""
    if chosen in {"zh-CN", "en"}:
        return chosen
    for choice in (accepted or "").split(","):
        language = choice.partition(";")[0].strip().lower()
        if language.startswith("zh"):
            return "zh-CN"
        if language and language != "*":
            return "en"
    return "zh-CN"


def uscc_is_valid(code: str) -> bool:
    """Whether an 18-character unified social credit code (GB 32100-2015) checks out."""
    if len(code) != 18 or any(c not in _USCC_ALPHABET for c in code):
        return False
    return code == code[:17] + uscc_check(code[:17])


def uscc_check(first: str) -> str:
    """The check character for the first seventeen."""
    total = sum(_USCC_ALPHABET.index(c) * w for c, w in zip(first, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[(31 - total % 31) % 31]
