"""Postal waybill numbers (UPU S10): two letters, eight digits, a check digit, a country."""

import re

_SHAPE = re.compile(r"([A-Z]{2})(\d{8})(\d)([A-Z]{2})")
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def check_digit(serial: str) -> int:
    """The ninth digit of an eight-digit serial number."""
    rest = 11 - sum(int(d) * w for d, w in zip(serial, _WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def s10(service: str, serial: int, country: str = "CN") -> str:
    """A whole number: ``s10("LZ", 47312482)`` is ``LZ473124829CN``."""
    digits = f"{serial:08d}"
    return f"{service}{digits}{check_digit(digits)}{country}"


def is_s10(text: str) -> bool:
    """Whether the number has the shape and the right check digit."""
    found = _SHAPE.fullmatch(text)
    return found is not None and check_digit(found[2]) == int(found[3])
