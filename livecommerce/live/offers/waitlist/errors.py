"""The ways waiting can fail."""

from livecommerce.kernel.errors import Conflict


class StillThere(Conflict):
    """It is not sold out."""
