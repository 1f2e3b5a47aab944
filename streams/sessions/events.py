"""What live sessions tell. ``version`` grows with each change of state, so that a fact heard
late cannot undo a newer one."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event
from streams.sessions.rules import State


class LiveChanged(Event):
    """What every fact about a live session carries."""

    live: str
    state: State
    version: int
    at: Instant
    host_reference: str
    reference: str
    rehearsal: bool = False


class LiveScheduled(LiveChanged):
    """A live session has been made for a slot."""


class LiveReady(LiveChanged):
    """It has been cleared and may go on air."""


class LiveStarted(LiveChanged):
    """Its picture is on air: for the first time, or back after an interruption."""

    first: bool


class LivePaused(LiveChanged):
    """People paused it."""


class LiveResumed(LiveChanged):
    """People resumed it after a pause."""


class LiveInterrupted(LiveChanged):
    """Its encoder was lost; the room stays open until it comes back or people end it."""


class LiveEnded(LiveChanged):
    """People ended it."""


class LiveArchived(LiveChanged):
    """Its recording is complete and nothing about it changes any more."""


class LiveCancelled(LiveChanged):
    """It will not take place."""
