"""The ways ingest can refuse people (encoders get a :class:`~streams.ingest.rules.Reason`)."""

from livecommerce.kernel.errors import Conflict, NotFound


class LiveIsOver(Conflict):
    """The live session is over, so nothing can be published to it."""


class NoIngest(NotFound):
    """No stream key has been issued for that live session."""
