"""What the catalogue does by itself."""

from datetime import datetime

from livecommerce.catalogue import stock
from livecommerce.resources import Resources

AT_ONCE = 500


async def lapse_holds(r: Resources, *, now: datetime) -> int:
    """End the holds whose moment has come; how many."""
    total = 0
    while True:
        async with r.db.begin() as tx:
            ended = await stock.lapse(tx, now=now, limit=AT_ONCE)
        total += ended
        if ended < AT_ONCE:
            return total
