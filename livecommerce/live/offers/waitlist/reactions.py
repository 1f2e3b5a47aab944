"""What waitlists do when stock changes."""

from datetime import datetime

from livecommerce.catalogue.events import StockChanged
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.live.offers.waitlist import queries
from livecommerce.live.offers.waitlist.events import LineMoves


async def on_stock_changed(tx: Tx, event: StockChanged, *, now: datetime) -> None:
    """A piece came back, by whatever way, and somebody waits for it."""
    if event.left > 0 and await queries.next_of(tx, event.variant) is not None:
        await emit(tx, LineMoves(variant=event.variant, at=now))
