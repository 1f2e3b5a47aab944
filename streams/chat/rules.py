"""What may be said: pure decisions about text, about who speaks, and about a room's rules."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from livecommerce.kernel.text import legible
from streams.chat.errors import (
    AccountsOnly,
    ChatPaused,
    LinkNotAllowed,
    NothingSaid,
    TeamOnly,
    TextTooLong,
)

VIEWER_LENGTH = 170
STAFF_LENGTH = 1000
SLOWEST = 300
ANNOUNCEMENT_LENGTH = 300

_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|\bwww\.)\S", re.IGNORECASE)
_UNSEEN = {"Cc", "Cf", "Co", "Cs"}
_GAPS = re.compile(r"\s+")
# A flag of a part of a country is a black flag and its name in letters that are never seen.
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
_JOINERS = re.compile("(?<=[\u0600-\u109f])\u200c(?=[\u0600-\u109f])")


class Badge(Enum):
    """Whom everybody can see to be one of those who run the room."""

    HOST = "host"
    ASSISTANT = "assistant"
    STAFF = "staff"


class Speakers(Enum):
    """Who may speak in a room, besides those who run it."""

    ALL = "all"
    ACCOUNTS = "accounts"
    TEAM = "team"


class Kind(Enum):
    """What moderation did to somebody: they may not speak, or not even be there."""

    MUTE = "mute"
    BAN = "ban"


class Why(Enum):
    """Why a message did not simply go to the room."""

    APPROVAL = "approval"
    WORD = "word"


class Outcome(Enum):
    """What became of such a message."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    REFUSED = "refused"
    MASKED = "masked"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who is speaking: an opaque id, the name others see, a badge or none, and whether it is
    an account (and not a passing guest)."""

    user: str
    name: str
    badge: Badge | None = None
    account: bool = False


@dataclass(frozen=True, slots=True)
class Whence:
    """Over which connection, and from which address: a mark, from which nobody can tell it.
    Empty: not known, and not counted."""

    connection: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """The text pinned above the chat; empty: none."""

    text: str = ""
    version: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoomRules:
    """How one room speaks. ``slow``: seconds between two messages of a viewer; 0: the usual
    rate. ``links``: viewers may post them. ``shown``: how many messages a second go to
    everybody when the room floods."""

    slow: int = 0
    approve: bool = False
    links: bool = False
    speakers: Speakers = Speakers.ALL
    paused: bool = False
    shown: int = 10
    version: int = 0
    announcement: Announcement = field(default_factory=Announcement)

    def hear_out(self, speaker: Speaker) -> None:
        """Those who run the room always speak; viewers as the room's rules say.

        Raises:
            ChatPaused, AccountsOnly, TeamOnly
        """
        if speaker.badge is not None:
            return
        if self.paused:
            raise ChatPaused()
        if self.speakers is Speakers.TEAM:
            raise TeamOnly()
        if self.speakers is Speakers.ACCOUNTS and not speaker.account:
            raise AccountsOnly()


def clean(text: str) -> str:
    """The text on one line, without what cannot be seen (it hides words from filters) and
    without piles of marks. What joins emoji or, in scripts from Arabic to Burmese, parts
    letters stays."""
    plain = legible(unicodedata.normalize("NFC", text))
    needed = {
        place
        for found in (*_FLAG.finditer(plain), *_JOINERS.finditer(plain))
        for place in range(*found.span())
    }
    seen = "".join(c for place, c in enumerate(plain) if place in needed or _visible(c))
    return _GAPS.sub(" ", seen).strip().strip("\u200d")


def _visible(c: str) -> bool:
    joins_emoji = c == "\u200d"
    return c.isspace() or joins_emoji or unicodedata.category(c) not in _UNSEEN


def worded(text: str, speaker: Speaker, *, links: bool = False) -> str:
    """The text as it will be shown.

    Raises:
        NothingSaid: nothing is left of it.
        TextTooLong: more than this speaker may write at once.
        LinkNotAllowed: a viewer posts a link where viewers may not.
    """
    said = clean(text)
    if not said:
        raise NothingSaid()
    longest = VIEWER_LENGTH if speaker.badge is None else STAFF_LENGTH
    if len(said) > longest:
        raise TextTooLong(longest=longest, length=len(said))
    if speaker.badge is None and not links and _LINK.search(said):
        raise LinkNotAllowed()
    return said
