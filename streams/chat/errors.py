"""The ways saying something can fail."""

from livecommerce.kernel.errors import (
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Throttled,
    Unavailable,
)


class NothingSaid(Invalid):
    """The message has no text."""


class TextTooLong(Invalid):
    """The message is too long."""


class LinkNotAllowed(Denied):
    """Only the people who run the room may post links."""


class Muted(Denied):
    """You have been muted here."""


class TooFast(Throttled):
    """You are writing too fast."""


class ArchiveFull(Unavailable):
    """Chat cannot be kept right now, so nothing more is taken."""


class MessageNotFound(NotFound):
    """There is no such message."""


class NotForStaff(Conflict):
    """The people who run the room cannot be muted."""
