"""The ways any offer can fail."""

from livecommerce.kernel.errors import Conflict, Denied, NotFound


class NoSuchOffer(NotFound):
    """There is no such offer."""


class OfferOver(Conflict):
    """The offer is over."""


class NotForTheTeam(Denied):
    """Who runs the room takes no part in its offers."""
