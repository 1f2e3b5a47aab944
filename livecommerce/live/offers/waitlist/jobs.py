"""Who is served, by the limit that the settings name, and who is told."""

from datetime import datetime

from livecommerce.live.offers.waitlist import actions
from livecommerce.live.offers.waitlist.events import LineMoves, TurnCame
from livecommerce.resources import Resources


async def serve(r: Resources, event: LineMoves, *, now: datetime) -> None:
    """The next in line have what came back."""
    async with r.db.begin() as tx:
        await actions.serve(tx, event.variant, most=r.settings.claim_limit, now=now)


async def tell_next(r: Resources, event: TurnCame, *, now: datetime) -> None:
    """Their own screens: a piece is theirs until a moment."""
    frame = {"t": "turn", **event.model_dump(mode="json", exclude={"buyer", "place"})}
    await r.gateway.publish(f"#{event.buyer}", frame, idempotency_key=f"turn/{event.place}")
