"""What waitlists do when stock changes."""

from datetime import datetime

from livecommerce.catalogue.events import StockChanged
from livecommerce.kernel.db import Tx
from livecommerce.live.offers.waitlist import actions


async def on_stock_changed(tx: Tx, event: StockChanged, *, now: datetime) -> None:
    """A piece came back, by whatever way: the next in line has it."""
    if event.left > 0:
        await actions.serve(tx, event.variant, now=now)
