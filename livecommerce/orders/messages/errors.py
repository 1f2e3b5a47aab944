"""The ways a message can be refused."""

from livecommerce.kernel.errors import Conflict, Throttled


class ThreadFull(Conflict):
    """No more messages are kept with this order."""


class WritingTooFast(Throttled):
    """You have written many messages about this order just now; wait a little."""
