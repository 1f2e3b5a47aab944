"""How a command can fail: an error in its reply, or the end of the connection."""

from streams.realtime import codes
from streams.realtime.codes import Close


class ClientError(Exception):
    """The command is answered with this error; the connection goes on.

    Args:
        code: one of ``codes.ERRORS``, or 400-1999 for an error of the application.
        message: what clients read; the protocol's own words if left out.
        temporary: whether asking again later may help; the protocol's own view if left out.
    """

    def __init__(
        self, code: int, message: str | None = None, *, temporary: bool | None = None
    ) -> None:
        self.code = code
        self.message = codes.ERRORS.get(code, "error") if message is None else message
        self.temporary = code in codes.TEMPORARY if temporary is None else temporary
        super().__init__(f"{self.code} {self.message}")


class Disconnect(Exception):
    """The connection is closed with this code instead of an answer."""

    def __init__(self, close: Close) -> None:
        self.close = close
        super().__init__(f"{close.code} {close.reason}")


class Undecodable(Exception):
    """The frame is not one of the protocol's."""


class NotJson(ValueError):
    """A publication for JSON clients has to be JSON."""
