"""How a command can fail: an error in its reply, or the end of the connection."""

from livecommerce.kernel import errors as kernel
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


class Untellable(Exception):
    """A payload cannot be told in the encoding of whoever was to hear it."""


_PROBLEMS: tuple[tuple[type[kernel.Problem], int, bool], ...] = (
    (kernel.Unauthenticated, 401, False),
    (kernel.Denied, 403, False),
    (kernel.NotFound, 404, False),
    (kernel.Conflict, 409, False),
    (kernel.Invalid, 422, False),
    (kernel.Throttled, 429, True),
    (kernel.Unavailable, 503, True),
)


def error_of(problem: kernel.Problem) -> ClientError:
    """A problem as a client sees it: a number by its kind, its code as the message."""
    for kind, code, temporary in _PROBLEMS:
        if isinstance(problem, kind):
            return ClientError(code, problem.code, temporary=temporary)
    return ClientError(400, problem.code)
