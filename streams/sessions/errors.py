"""The ways a live session can refuse."""

from livecommerce.kernel.errors import Conflict, NotFound


class NoSuchLive(NotFound):
    """There is no such live session."""


class WrongLiveState(Conflict):
    """The live session is not in a state that allows this."""


class LiveExists(Conflict):
    """There is already a live session for that reference."""
