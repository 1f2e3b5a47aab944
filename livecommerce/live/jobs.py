"""What live commerce tells the rooms."""

from datetime import datetime

from livecommerce.catalogue.events import StockChanged
from livecommerce.live import queries
from livecommerce.live.board import Board
from livecommerce.live.events import CardExplained, ExplainStopped, ShelfChanged
from livecommerce.resources import Resources
from streams.sessions.events import LiveChanged


async def show_card(
    r: Resources, event: CardExplained | ExplainStopped, *, now: datetime
) -> None:
    """The card that is presented changes in every room at once; screens apply it when the
    picture they show has come to the same moment."""
    await r.part(Board).card(event.live)


async def show_shelf(r: Resources, event: ShelfChanged, *, now: datetime) -> None:
    """Screens read the shelf anew, and learn what is left of what is on it."""
    frame = {"t": "shelf", "version": event.version}
    key = f"shelf/{event.live}/{event.version}"
    await r.gateway.publish(f"room:{event.live}", frame, idempotency_key=key)
    await r.part(Board).stock(event.live)


async def show_stock(r: Resources, event: StockChanged, *, now: datetime) -> None:
    """The rooms in which the variant is on the shelf see what is left."""
    async with r.db.begin() as tx:
        rooms = await queries.rooms_showing(tx, event.product)
    for live in rooms:
        await r.part(Board).stock(live)


async def show_state(r: Resources, event: LiveChanged, *, now: datetime) -> None:
    """The room learns that it is on air, paused, interrupted, over."""
    frame = {
        "t": "state",
        "state": event.state,
        "version": event.version,
        "at": event.at.isoformat(),
    }
    key = f"state/{event.live}/{event.version}"
    await r.gateway.publish(f"room:{event.live}", frame, idempotency_key=key)
