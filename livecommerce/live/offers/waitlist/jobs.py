"""Whom waitlists tell."""

from datetime import datetime

from livecommerce.live.offers.waitlist.events import TurnCame
from livecommerce.resources import Resources


async def tell_next(r: Resources, event: TurnCame, *, now: datetime) -> None:
    """Their own screens: a piece is theirs until a moment."""
    frame = {"t": "turn", **event.model_dump(mode="json", exclude={"buyer", "place"})}
    await r.gateway.publish(f"#{event.buyer}", frame, idempotency_key=f"turn/{event.place}")
