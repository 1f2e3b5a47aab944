"""Passwords: argon2id, computed in a thread, because a good hash takes long on purpose."""

import asyncio
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# OWASP's parameters for argon2id: 19 MiB, two passes, one lane. Measured 20-40 ms here, and
# six at once stay far below what a web process may use.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


async def hashed(password: str) -> str:
    """The password as it may be stored."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def is_right(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one.

    Takes as long for an account that does not exist, so that nobody learns which do.
    """
    return await asyncio.to_thread(_check, stored, password)


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with weaker parameters than ours."""
    return _HASHER.check_needs_rehash(stored)


def _check(stored: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(stored or _nobodys(), password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")
