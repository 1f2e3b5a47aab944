"""Reads: how many ask for each card."""

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.live.offers.wishes.tables import ProductWish


async def counts(tx: Tx, live: str) -> dict[str, int]:
    """How many viewers wait for each card to be presented; those of none left out."""
    found = (
        sa.select(col(ProductWish.card_id), sa.func.count().label("n"))
        .where(col(ProductWish.live_id) == live, col(ProductWish.met_at).is_(None))
        .group_by(col(ProductWish.card_id))
        .order_by(col(ProductWish.card_id))
    )
    return {row.card_id: row.n for row in await tx.execute(found)}
