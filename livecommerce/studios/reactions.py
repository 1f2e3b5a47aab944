"""What studios do when others act."""

from datetime import datetime

from livecommerce.kernel.db import Tx
from livecommerce.studios import actions
from livecommerce.studios.events import PencilRanOut
from streams.sessions.events import LiveEnded


async def on_live_ended(tx: Tx, event: LiveEnded, *, now: datetime) -> None:
    """Free the rest of the slot; after a rehearsal it is still needed."""
    if not event.rehearsal:
        await actions.free_the_rest(tx, event.reference, at=event.at)


async def on_pencil_ran_out(tx: Tx, event: PencilRanOut, *, now: datetime) -> None:
    """Give back what was only pencilled."""
    await actions.expire(tx, event.booking, now=now)
