"""What the catalogue does by itself."""

from datetime import datetime

import sqlalchemy as sa

from livecommerce.catalogue import stock
from livecommerce.catalogue.search.index import index
from livecommerce.resources import Resources

AT_ONCE = 500

_NOT_INDEXED = sa.text(
    "SELECT p.id FROM commerce.product p WHERE NOT EXISTS ("
    "SELECT FROM commerce.product_search s WHERE s.product_id = p.id) ORDER BY p.id LIMIT :most"
)


async def index_missing(r: Resources, *, now: datetime) -> int:
    """Index products that a migration or a loader brought; how many."""
    total = 0
    while True:
        async with r.db.begin() as tx:
            found = list((await tx.execute(_NOT_INDEXED, {"most": AT_ONCE})).scalars())
            if found:
                await index(tx, found)
        total += len(found)
        if len(found) < AT_ONCE:
            return total


async def lapse_holds(r: Resources, *, now: datetime) -> int:
    """End the holds whose moment has come; how many."""
    total = 0
    while True:
        async with r.db.begin() as tx:
            ended = await stock.lapse(tx, now=now, limit=AT_ONCE)
        total += ended
        if ended < AT_ONCE:
            return total
