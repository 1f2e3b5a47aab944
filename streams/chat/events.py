"""What moderation tells."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class ChatMessageDeleted(Event):
    """A message was taken out of the room; the archive keeps it."""

    live: str
    message: str
    by: str
    at: Instant


class ChatMessageApproved(Event):
    """A message that had waited goes to the room."""

    live: str
    message: str
    by: str
    at: Instant


class ViewerMuted(Event):
    """Somebody may not speak (or, banned, not be there), in one live session, in every room of
    one owner or (without either) anywhere."""

    mute: str
    user: str
    live: str | None
    until: Instant | None
    by: str
    at: Instant
    kind: str = "mute"
    owner: str | None = None


class ViewerUnmuted(Event):
    """Somebody may be there and speak again."""

    mute: str
    user: str
    live: str | None
    by: str
    at: Instant
    owner: str | None = None


class ChatRulesChanged(Event):
    """How a room speaks was changed; ``version`` grows with each change."""

    live: str
    version: int
    by: str
    at: Instant


class AnnouncementChanged(Event):
    """The text pinned in a room was changed or, empty, taken down."""

    live: str
    version: int
    by: str
    at: Instant
