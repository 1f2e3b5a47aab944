"""The ways counting pieces can fail."""

from livecommerce.kernel.errors import Conflict, NotFound


class NoSuchLine(NotFound):
    """There is no such line in the order."""


class PiecesGone(Conflict):
    """So many pieces are not left: they were shipped, cancelled or asked back already."""
