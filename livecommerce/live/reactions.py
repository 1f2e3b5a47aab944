"""What live commerce does when live sessions change."""

from datetime import datetime

from livecommerce.identity.events import GuestMerged
from livecommerce.kernel.db import Tx
from livecommerce.live import actions
from streams.chat import actions as chat
from streams.sessions.events import LiveEnded


async def on_live_ended(tx: Tx, event: LiveEnded, *, now: datetime) -> None:
    """What was being presented ends with the broadcast."""
    await actions.close_explains(tx, event.live, now=event.at)


async def on_guest_merged(tx: Tx, event: GuestMerged, *, now: datetime) -> None:
    """What held against the guest holds against the person: signing in is no way out."""
    await chat.carry_over(tx, event.guest, event.person, now=now)
