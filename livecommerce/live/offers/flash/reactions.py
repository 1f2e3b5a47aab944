"""What flash prices do when their moment comes."""

from datetime import datetime

from livecommerce.kernel.db import Tx
from livecommerce.live.offers.flash import actions
from livecommerce.live.offers.flash.events import FlashDue


async def on_flash_due(tx: Tx, event: FlashDue, *, now: datetime) -> None:
    """The window closes by the clock of the facts, not by a page."""
    await actions.close_due(tx, event.flash, now=now)
