"""The ways saying something can fail."""

from livecommerce.kernel.errors import (
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Throttled,
    Unavailable,
)


class BadWordFile(Invalid):
    """The word file cannot be used."""


class NothingSaid(Invalid):
    """The message has no text."""


class TextTooLong(Invalid):
    """The message is too long."""


class LinkNotAllowed(Denied):
    """Only the people who run the room may post links."""


class Muted(Denied):
    """You have been muted here."""


class NetworkMuted(Denied):
    """Guests from your network may not speak here for now."""


class Banned(Denied):
    """You have been removed from this room."""


class ChatPaused(Denied):
    """The chat is paused."""


class TeamOnly(Denied):
    """Only the people who run the room speak now."""


class AccountsOnly(Denied):
    """Sign in to speak here."""


class WordRefused(Denied):
    """The message has a word that is not said here."""


class TooFast(Throttled):
    """You are writing too fast."""


class ArchiveFull(Unavailable):
    """Chat cannot be kept right now, so nothing more is taken."""


class MessageNotFound(NotFound):
    """There is no such message."""


class NotForStaff(Conflict):
    """The people who run the room cannot be muted."""


class WordListFull(Conflict):
    """The word list is full."""


class NotAWord(Invalid):
    """Nothing is left of the word once it is written plainly."""
