"""What auctions do when their moment comes."""

from datetime import datetime

from livecommerce.kernel.db import Tx
from livecommerce.live.offers.auctions import actions
from livecommerce.live.offers.auctions.events import AuctionDue


async def on_auction_due(tx: Tx, event: AuctionDue, *, now: datetime) -> None:
    """It ends by the clock of the facts, not by a page."""
    await actions.end_due(tx, event.live, event.auction, now=now)
