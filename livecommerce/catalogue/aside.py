"""Goods set aside before it is known for whom: an auction's piece, a waitlist's next in line.

The hold is made by the statement that makes all holds, for something that is nobody (an
auction's id), and handed over to a buyer once it is decided.
"""

from datetime import datetime

import sqlalchemy as sa

from livecommerce.catalogue.errors import TooMany
from livecommerce.catalogue.events import HoldMade
from livecommerce.catalogue.settle import Ask, Claim, Fate, settle
from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit

_HAND_OVER = sa.text(
    "UPDATE commerce.hold SET buyer = :buyer, price_minor = :price, normal_minor = price_minor,"
    " offer_id = :offer, hold_until = :until"
    " WHERE id = :hold AND state = 'held' AND buyer = :holder AND checkout_id IS NULL"
    " RETURNING id, variant_id, merchant_id, live_id, card_id, count AS pieces, currency"
)


async def set_aside(tx: Tx, want: Claim, *, until: datetime, now: datetime) -> str | None:
    """A hold for ``want`` in the caller's transaction, or none if too few are left. Asked
    again with its key, it gives none: look the first one up.

    Raises:
        TooMany: the buyer would have more than ``want`` allows.
    """
    ask = Ask.of(want, now=now, until=until)
    settled = await settle(tx, want.variant, [ask])
    if settled.fates[0] is Fate.LIMITED:
        raise TooMany(variant=want.variant, most=want.limit_per_buyer)
    return ask.hold if settled.fates[0] in {Fate.MADE, Fate.SPECIAL} else None


async def hand_over(
    tx: Tx, hold: str, *, holder: str, buyer: str, price: Money, offer: str, until: datetime
) -> bool:
    """What was set aside for ``holder`` is the buyer's, at this price, until a moment; what
    it would have cost is kept. Whether it was still there."""
    values = {
        "hold": hold,
        "holder": holder,
        "buyer": buyer,
        "price": price.minor,
        "offer": offer,
        "until": until,
    }
    row = (await tx.execute(_HAND_OVER, values)).one_or_none()
    if row is None:
        return False
    made = HoldMade(
        hold=row.id,
        variant=row.variant_id,
        merchant=row.merchant_id,
        buyer=buyer,
        live=row.live_id,
        card=row.card_id,
        count=row.pieces,
        price=Money(price.minor, row.currency),
        hold_until=until,
    )
    await emit(tx, made)
    return True
