"""What ingest tells, beside the changes of state that the live session itself tells."""

from livecommerce.kernel.clock import Instant
from livecommerce.kernel.events import Event


class RecordingFinished(Event):
    """The media server closed a file. ``path`` is relative to the recording root;
    ``started_at`` is when its publisher was let in."""

    live: str
    publication: str
    path: str
    started_at: Instant
    finished_at: Instant
