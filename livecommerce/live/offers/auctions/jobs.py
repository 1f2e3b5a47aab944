"""Whom auctions tell."""

from datetime import datetime

from livecommerce.live.offers.auctions.events import AuctionWon
from livecommerce.resources import Resources


async def tell_winner(r: Resources, event: AuctionWon, *, now: datetime) -> None:
    """The winner's own screens: the piece is theirs until a moment."""
    frame = {"t": "won", **event.model_dump(mode="json", exclude={"buyer"})}
    await r.gateway.publish(f"#{event.buyer}", frame, idempotency_key=f"won/{event.auction}")
