"""What live commerce does when live sessions change."""

from datetime import datetime

from livecommerce.kernel.db import Tx
from livecommerce.live import actions
from streams.sessions.events import LiveEnded


async def on_live_ended(tx: Tx, event: LiveEnded, *, now: datetime) -> None:
    """What was being presented ends with the broadcast."""
    await actions.close_explains(tx, event.live, now=event.at)
