"""Reads: the bundles of rooms."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.live.offers.bundles.rules import GRACE
from livecommerce.live.offers.bundles.tables import BundleOffer
from livecommerce.live.offers.bundles.wire import BundleOut
from livecommerce.live.offers.errors import NoSuchOffer


async def one(tx: Tx, live: str, id_: str) -> BundleOffer:
    """A bundle of the room. Raises NoSuchOffer."""
    row = await tx.get(BundleOffer, id_, populate_existing=True)
    if row is None or row.live_id != live:
        raise NoSuchOffer(offer=id_)
    return row


async def holding(tx: Tx, lives: Iterable[str], *, now: datetime) -> Sequence[BundleOffer]:
    """The bundles by which purchases from these rooms are quoted."""
    found = sa.select(BundleOffer).where(
        col(BundleOffer.live_id).in_(list(lives)),
        sa.or_(col(BundleOffer.ended_at).is_(None), col(BundleOffer.ended_at) > now - GRACE),
    )
    return (await tx.execute(found.order_by(col(BundleOffer.id)))).scalars().all()


async def shown(tx: Tx, live: str) -> list[BundleOut]:
    """What runs in the room, oldest first."""
    found = (
        sa.select(BundleOffer)
        .where(col(BundleOffer.live_id) == live, col(BundleOffer.ended_at).is_(None))
        .order_by(col(BundleOffer.id))
        .execution_options(populate_existing=True)
    )
    return [out(row) for row in (await tx.execute(found)).scalars()]


def out(row: BundleOffer) -> BundleOut:
    """A bundle as clients see it."""
    return BundleOut(
        id=row.id,
        kind=row.kind,
        cards=row.cards,
        nth=row.nth,
        percent=row.percent,
        off=None if row.off_minor is None else Money(row.off_minor, row.currency),
    )
