"""What moderation tells."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class ChatMessageDeleted(Event):
    """A message was taken out of the room; the archive keeps it."""

    live: str
    message: str
    by: str
    at: Instant


class ViewerMuted(Event):
    """Somebody may not speak, in one live session or (without one) anywhere."""

    mute: str
    user: str
    live: str | None
    until: Instant | None
    by: str
    at: Instant


class ViewerUnmuted(Event):
    """Somebody may speak again."""

    mute: str
    user: str
    live: str | None
    by: str
    at: Instant
