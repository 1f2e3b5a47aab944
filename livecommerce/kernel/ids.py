"""Public ids: a prefix that says what, and a UUIDv7 that says when.

One spelling everywhere (column, URL, log, frame, Stripe metadata), so an id
found in any of them can be pasted into any other.
"""

import os
import re
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base32, lower case
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]  # two letters at a time: twice as fast
_SHAPE = re.compile(rf"[a-z]{{3,4}}_[{_ALPHABET}]{{26}}")


def new(prefix: str) -> str:
    """A fresh id, sortable by creation: ``ord_01jz8r5c0t...``."""
    millis = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10))  # once: asking the system is what costs
    number = (millis & (1 << 48) - 1) << 80
    number |= 0x7 << 76 | (chance >> 62 & 0xFFF) << 64
    number |= 0b10 << 62 | chance & (1 << 62) - 1
    return f"{prefix}_{_base32(number)}"


def derived(prefix: str, digest: bytes) -> str:
    """The id that always stands for these 16 bytes: spelt like any other, sorted like none."""
    return f"{prefix}_{_base32(int.from_bytes(digest[:16]))}"


def looks_like(prefix: str, text: str) -> bool:
    """Whether ``text`` is spelt as an id of that kind (it need not exist)."""
    return text.startswith(f"{prefix}_") and _SHAPE.fullmatch(text) is not None


def _base32(number: int) -> str:
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])
