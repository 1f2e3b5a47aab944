"""WebSocket frames as a server sends them: one unmasked frame, built once for everybody."""

import struct

_TEXT = 0x81
_BINARY = 0x82
_CLOSE = 0x88


def text_frame(payload: bytes) -> bytes:
    """The payload in a single text frame (RFC 6455, section 5.2)."""
    return _header(_TEXT, len(payload)) + payload


def binary_frame(payload: bytes) -> bytes:
    """The payload in a single binary frame."""
    return _header(_BINARY, len(payload)) + payload


def close_frame(code: int, reason: str) -> bytes:
    """The frame that begins the end; control frames hold at most 125 bytes, so that a longer
    reason is cut, between characters."""
    whole = reason.encode()[:123].decode(errors="ignore").encode()
    payload = struct.pack("!H", code) + whole
    return _header(_CLOSE, len(payload)) + payload


def _header(first: int, length: int) -> bytes:
    if length < 126:
        return bytes((first, length))
    if length < 1 << 16:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)
