"""Reads: who waits."""

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.live.offers.waitlist.rules import PlaceState
from livecommerce.live.offers.waitlist.tables import WaitlistPlace


async def place_of(tx: Tx, variant: str, buyer: str) -> WaitlistPlace | None:
    """Where the buyer waits for the variant, if they do."""
    mine = sa.select(WaitlistPlace).where(
        col(WaitlistPlace.variant_id) == variant,
        col(WaitlistPlace.buyer) == buyer,
        col(WaitlistPlace.state) == PlaceState.WAITING,
    )
    return (await tx.execute(mine)).scalar_one_or_none()


async def ahead(tx: Tx, place: WaitlistPlace) -> int:
    """How many wait for the same before them."""
    before = sa.select(sa.func.count()).where(
        col(WaitlistPlace.variant_id) == place.variant_id,
        col(WaitlistPlace.state) == PlaceState.WAITING,
        col(WaitlistPlace.id) < place.id,
    )
    return int((await tx.execute(before)).scalar_one())


async def next_of(tx: Tx, variant: str) -> WaitlistPlace | None:
    """Who is next, if anybody waits."""
    first = (
        sa.select(WaitlistPlace)
        .where(
            col(WaitlistPlace.variant_id) == variant,
            col(WaitlistPlace.state) == PlaceState.WAITING,
        )
        .order_by(col(WaitlistPlace.id))
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return (await tx.execute(first)).scalar_one_or_none()


async def counts(tx: Tx, live: str) -> dict[str, int]:
    """How many wait for each variant in the room; those of none left out."""
    found = (
        sa.select(col(WaitlistPlace.variant_id), sa.func.count().label("n"))
        .where(
            col(WaitlistPlace.live_id) == live,
            col(WaitlistPlace.state) == PlaceState.WAITING,
        )
        .group_by(col(WaitlistPlace.variant_id))
        .order_by(col(WaitlistPlace.variant_id))
    )
    return {row.variant_id: row.n for row in await tx.execute(found)}
