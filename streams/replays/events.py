"""What replays tell."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class ReplayWanted(Event):
    """A live session is over and its recording lies ready, or no longer can be expected."""

    live: str


class ReplayReady(Event):
    """The replay can be watched. ``duration`` is in seconds."""

    live: str
    replay: str
    duration: float
    at: Instant


class ReplayFailed(Event):
    """There will be no replay: nothing was recorded, or nothing of it could be read."""

    live: str
    replay: str
    reason: str
    at: Instant
