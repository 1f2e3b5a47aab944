"""The ways any offer can fail."""

from livecommerce.kernel.errors import Conflict, NotFound


class NoSuchOffer(NotFound):
    """There is no such offer."""


class OfferOver(Conflict):
    """The offer is over."""
