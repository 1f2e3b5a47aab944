"""What is done with wishes: raised by viewers, met when the card is presented."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.live import actions as shelves
from livecommerce.live.offers.events import OffersChanged
from livecommerce.live.offers.wishes import queries
from livecommerce.live.offers.wishes.tables import ProductWish


async def ask(tx: Tx, live: str, card: str, *, viewer: str, now: datetime) -> int:
    """Ask for a card; how many do. Asking twice is asking once.

    Raises:
        NoSuchCard: it is not on the shelf.
    """
    row = await shelves.card_on(tx, live, card)
    raised = (
        postgresql.insert(ProductWish)
        .values(
            card_id=card,
            viewer=viewer,
            live_id=live,
            merchant_id=row.merchant_id,
            asked_at=now,
        )
        .on_conflict_do_update(
            index_elements=["card_id", "viewer"],
            set_={"asked_at": now, "met_at": None},
            where=col(ProductWish.met_at).is_not(None),
        )
    )
    if (await tx.execute(raised)).rowcount:  # type: ignore[attr-defined]
        await emit(tx, OffersChanged(live=live, at=now))
    return (await queries.counts(tx, live)).get(card, 0)


async def meet(tx: Tx, live: str, card: str, *, now: datetime) -> None:
    """The card is being presented: what was asked for is there."""
    met = (
        sa.update(ProductWish)
        .where(col(ProductWish.card_id) == card, col(ProductWish.met_at).is_(None))
        .values(met_at=now)
        .returning(col(ProductWish.viewer))
    )
    if (await tx.execute(met)).scalars().all():
        await emit(tx, OffersChanged(live=live, at=now))
