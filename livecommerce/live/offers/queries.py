"""Reads: what a room is offered."""

import sqlalchemy as sa

from livecommerce.kernel.db import Tx
from livecommerce.live.offers.auctions import queries as auctions
from livecommerce.live.offers.bundles import queries as bundles
from livecommerce.live.offers.coupons import queries as coupons
from livecommerce.live.offers.draws import queries as draws
from livecommerce.live.offers.flash import queries as flash
from livecommerce.live.offers.waitlist import queries as waitlist
from livecommerce.live.offers.wire import OffersOut
from livecommerce.live.offers.wishes import queries as wishes

_VERSION = sa.text("SELECT (extract(epoch FROM statement_timestamp()) * 1000000)::bigint")


async def shown(tx: Tx, live: str) -> OffersOut:
    """What the room is offered. Its version is the moment before it was read: whatever is
    committed later has a later one."""
    version = int((await tx.execute(_VERSION)).scalar_one())
    return OffersOut(
        version=version,
        flash=await flash.shown(tx, live),
        coupons=await coupons.shown(tx, live),
        auctions=await auctions.shown(tx, live),
        draw=await draws.shown(tx, live),
        bundles=await bundles.shown(tx, live),
        wishes=await wishes.counts(tx, live),
        waiting=await waitlist.counts(tx, live),
    )
