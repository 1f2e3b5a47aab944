"""The ways a message can be refused."""

from livecommerce.kernel.errors import Conflict


class ThreadFull(Conflict):
    """No more messages are kept with this order."""
