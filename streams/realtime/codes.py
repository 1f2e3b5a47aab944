"""The protocol's numbers: errors, closes and unsubscribes, with the words that go with them.

Clients act on the numbers. A close of 3500-3999 or 4500-4999 tells them not to come back;
an unsubscribe below 2500 is final. A reason is never empty and never JSON: the JavaScript
client would otherwise reconnect forever.
"""

from dataclasses import dataclass

import orjson

INTERNAL = 100
UNAUTHORIZED = 101
UNKNOWN_CHANNEL = 102
PERMISSION_DENIED = 103
METHOD_NOT_FOUND = 104
ALREADY_SUBSCRIBED = 105
LIMIT_EXCEEDED = 106
BAD_REQUEST = 107
NOT_AVAILABLE = 108
TOKEN_EXPIRED = 109
EXPIRED = 110
TOO_MANY_REQUESTS = 111
UNRECOVERABLE_POSITION = 112
CONCURRENT_PAGINATION = 113

ERRORS: dict[int, str] = {
    INTERNAL: "internal server error",
    UNAUTHORIZED: "unauthorized",
    UNKNOWN_CHANNEL: "unknown channel",
    PERMISSION_DENIED: "permission denied",
    METHOD_NOT_FOUND: "method not found",
    ALREADY_SUBSCRIBED: "already subscribed",
    LIMIT_EXCEEDED: "limit exceeded",
    BAD_REQUEST: "bad request",
    NOT_AVAILABLE: "not available",
    TOKEN_EXPIRED: "token expired",
    EXPIRED: "expired",
    TOO_MANY_REQUESTS: "too many requests",
    UNRECOVERABLE_POSITION: "unrecoverable position",
    CONCURRENT_PAGINATION: "concurrent pagination",
}
TEMPORARY = frozenset({INTERNAL, TOO_MANY_REQUESTS, CONCURRENT_PAGINATION})


LONGEST_REASON = 32
"""Bytes. A WebSocket close could hold 123; Centrifugo advises to stay below this."""


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Close:
    """The connection ends; the code tells the client whether to come back.

    Raises:
        ValueError: it cannot be told so: the code is not one of 3000 to 4999, or the reason
            is empty, longer than 32 bytes, or JSON. What cannot be told would leave a
            connection that is over and stays open.
    """

    code: int
    reason: str

    def __post_init__(self) -> None:
        if not 3000 <= self.code <= 4999:
            raise ValueError("a connection ends with a code of 3000 to 4999")
        if not 0 < len(self.reason.encode()) <= LONGEST_REASON:
            raise ValueError(f"a reason has 1 to {LONGEST_REASON} bytes")
        if _is_json(self.reason):
            raise ValueError("a reason is words, not JSON")

    @property
    def returns(self) -> bool:
        """Whether the official clients reconnect after it."""
        return not (3500 <= self.code < 4000 or 4500 <= self.code < 5000)


CLOSED = Close(3000, "connection closed")
SHUTDOWN = Close(3001, "shutdown")
SERVER_ERROR = Close(3004, "internal server error")
CONNECTION_EXPIRED = Close(3005, "connection expired")
SUBSCRIPTION_EXPIRED = Close(3006, "subscription expired")
SLOW = Close(3008, "slow")
WRITE_ERROR = Close(3009, "write error")
INSUFFICIENT_STATE = Close(3010, "insufficient state")
FORCE_RECONNECT = Close(3011, "force reconnect")
NO_PONG = Close(3012, "no pong")
TOO_MANY = Close(3013, "too many requests")
STATE_INVALIDATED = Close(3014, "state invalidated")
INVALID_TOKEN = Close(3500, "invalid token")
MALFORMED = Close(3501, "bad request")
STALE = Close(3502, "stale")
FORCE_DISCONNECT = Close(3503, "force disconnect")
CONNECTION_LIMIT = Close(3504, "connection limit")
CHANNEL_LIMIT = Close(3505, "channel limit")
INAPPROPRIATE_PROTOCOL = Close(3506, "inappropriate protocol")
DENIED = Close(3507, "permission denied")
UNSUPPORTED = Close(3508, "not available")
TOO_MANY_ERRORS = Close(3509, "too many errors")


@dataclass(frozen=True, slots=True)
class Removal:
    """A subscription ends from our side; from 2500 on the client subscribes again."""

    code: int
    reason: str


UNSUBSCRIBED = Removal(2000, "server unsubscribe")
LOST_POSITION = Removal(2500, "insufficient state")
SUBSCRIPTION_OVER = Removal(2501, "subscription expired")
INVALIDATED = Removal(2502, "state invalidated")
