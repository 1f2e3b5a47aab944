"""What offers tell the rooms."""

from datetime import datetime

from livecommerce.catalogue.events import StockChanged
from livecommerce.live.board import Board
from livecommerce.live.events import ShelfChanged
from livecommerce.live.offers.events import OffersChanged
from livecommerce.live.offers.flash import queries as flash
from livecommerce.resources import Resources


async def show(r: Resources, event: OffersChanged | ShelfChanged, *, now: datetime) -> None:
    """Screens are shown what the room is offered, whole."""
    await r.part(Board).offers(event.live)


async def show_left(r: Resources, event: StockChanged, *, now: datetime) -> None:
    """Pieces went, or came back: what is left at a flash price has changed, too."""
    async with r.db.begin() as tx:
        rooms = await flash.rooms_flashing(tx, event.product)
    for live in rooms:
        await r.part(Board).offers(live)
