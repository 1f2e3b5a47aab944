"""Fossil deltas: a text as the pieces of another that it repeats, and what is new in between.

A patch is ``<length>\\n``, then ``<n>@<offset>,`` (copy) and ``<n>:<bytes>`` (insert), then
``<checksum>;``; numbers in base 64. Copies begin and end between characters, so that a patch
of text is text, as it has to be where it travels within JSON.
"""

import struct
from collections.abc import Iterator

_DIGITS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"
_BLOCK = 16


def patch(source: bytes, target: bytes) -> bytes:
    """What makes the target of the source."""
    out = bytearray(_number(len(target)) + b"\n")
    at = 0
    for start, offset, length in _repeated(source, target):
        if start > at:
            out += _number(start - at) + b":" + target[at:start]
        out += _number(length) + b"@" + _number(offset) + b","
        at = start + length
    if at < len(target):
        out += _number(len(target) - at) + b":" + target[at:]
    return bytes(out + _number(_checksum(target)) + b";")


def _repeated(source: bytes, target: bytes) -> Iterator[tuple[int, int, int]]:
    """Pieces of the target that the source has: where, where there, and how long."""
    blocks: dict[bytes, int] = {}
    for offset in range(0, len(source) - _BLOCK + 1, _BLOCK):
        blocks.setdefault(source[offset : offset + _BLOCK], offset)
    at = done = 0
    while at + _BLOCK <= len(target):
        found = blocks.get(target[at : at + _BLOCK])
        if found is None:
            at += 1
            continue
        start, offset = at, found
        while start > done and offset > 0 and target[start - 1] == source[offset - 1]:
            start, offset = start - 1, offset - 1
        length = at - start + _BLOCK
        length += _common(source, offset + length, target, start + length)
        end = start + length
        while start < end and _within_character(target, start):
            start, offset = start + 1, offset + 1
        while end > start and _within_character(target, end):
            end -= 1
        if end - start > 8:  # or else naming the copy is as long as what it copies
            yield start, offset, end - start
            done = at = end
        else:
            at += _BLOCK


def _common(source: bytes, i: int, target: bytes, j: int) -> int:
    """How many bytes agree from there on."""
    step, most, agreed = 256, min(len(source) - i, len(target) - j), 0
    while agreed < most:
        width = min(step, most - agreed)
        if source[i + agreed : i + agreed + width] == target[j + agreed : j + agreed + width]:
            agreed += width
        elif width == 1:
            break
        else:
            step = max(1, width // 4)
    return agreed


def _within_character(text: bytes, at: int) -> bool:
    return at < len(text) and text[at] & 0xC0 == 0x80


def _number(value: int) -> bytes:
    digits = bytearray()
    while True:
        digits.append(_DIGITS[value & 63])
        value >>= 6
        if not value:
            return bytes(reversed(digits))


def _checksum(text: bytes) -> int:
    """The sum of its words of 32 bits, the most significant byte first."""
    padded = text + bytes(-len(text) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF
