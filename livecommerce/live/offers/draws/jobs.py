"""Whom draws tell."""

from datetime import datetime

from livecommerce.live.offers.draws.events import PrizeWon
from livecommerce.resources import Resources


async def tell_winner(r: Resources, event: PrizeWon, *, now: datetime) -> None:
    """The winner's own screens."""
    frame = {"t": "prize", **event.model_dump(mode="json", exclude={"user"})}
    await r.gateway.publish(f"#{event.user}", frame, idempotency_key=f"prize/{event.prize}")
