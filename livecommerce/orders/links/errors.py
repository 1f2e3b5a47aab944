"""The ways a link can be refused."""

from livecommerce.kernel.errors import NotFound


class LinkNotGood(NotFound):
    """The link is not one of ours, or it is too old; have a new one sent by mail."""
