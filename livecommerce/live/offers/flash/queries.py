"""Reads: the flash prices of a room, and what was asked for a variant lately."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.live.offers.errors import NoSuchOffer
from livecommerce.live.offers.flash import rules
from livecommerce.live.offers.flash.rules import FlashState
from livecommerce.live.offers.flash.tables import Flash
from livecommerce.live.offers.flash.wire import BasisOut, FlashOut
from livecommerce.live.tables import Card

# A price was asked from when it was set until the next one, the card's end or the session's.
_RECENT = sa.text(
    "SELECT variant_id, min(minor) AS minor FROM ("
    " SELECT p.variant_id, p.minor, coalesce(lead(p.at) OVER (PARTITION BY p.card_id,"
    " p.variant_id ORDER BY p.at, p.id), c.removed_at, s.ended_at) AS until"
    " FROM commerce.card_price p JOIN commerce.card c ON c.id = p.card_id"
    " JOIN streams.live_session s ON s.id = c.live_id"
    " WHERE p.variant_id = ANY(:variants) AND p.currency = :currency) asked"
    " WHERE until IS NULL OR until > :since GROUP BY variant_id"
)
_TAKEN = sa.text(
    "SELECT offer_id, cast(sum(count) AS int) AS pieces FROM commerce.hold"
    " WHERE offer_id = ANY(:offers) AND state IN ('held', 'sold') GROUP BY offer_id"
)


async def recent(
    tx: Tx, variants: Sequence[str], currency: str, *, days: int, now: datetime
) -> dict[str, int]:
    """The lowest price, other than a flash price, asked for each variant in so many days."""
    values = {
        "variants": list(variants),
        "currency": currency,
        "since": now - timedelta(days=days),
    }
    return {row.variant_id: row.minor for row in await tx.execute(_RECENT, values)}


async def set_in(tx: Tx, live: str) -> Sequence[Flash]:
    """The flash prices of a room that count down or hold, oldest first; that of a card that
    has left the shelf is none."""
    found = (
        sa.select(Flash)
        .join(Card, col(Card.id) == col(Flash.card_id))
        .where(
            col(Flash.live_id) == live,
            col(Flash.state) == FlashState.SET,
            col(Card.removed_at).is_(None),
        )
        .order_by(col(Flash.opens_at), col(Flash.id))
        .execution_options(populate_existing=True)
    )
    return (await tx.execute(found)).scalars().all()


async def one(tx: Tx, live: str, flash: str) -> Flash:
    """A flash price of the room.

    Raises:
        NoSuchOffer: the room has none with that id.
    """
    row = await tx.get(Flash, flash, populate_existing=True)
    if row is None or row.live_id != live:
        raise NoSuchOffer(offer=flash)
    return row


async def rooms_flashing(tx: Tx, product: str) -> Sequence[str]:
    """The rooms in which the product has a flash price."""
    found = sa.select(col(Flash.live_id)).where(
        col(Flash.product_id) == product, col(Flash.state) == FlashState.SET
    )
    return (await tx.execute(found.distinct())).scalars().all()


async def shown(tx: Tx, live: str) -> list[FlashOut]:
    """The room's flash prices as clients see them: those that are below the card's own."""
    rows = await set_in(tx, live)
    found = await outs(tx, rows) if rows else []
    return [flash for flash in found if flash.prices]


async def outs(tx: Tx, rows: Sequence[Flash]) -> list[FlashOut]:
    """With what is left of each; without the prices that are no cut any more."""
    counted: Any = await tx.execute(_TAKEN, {"offers": [row.id for row in rows]})
    taken = {row.offer_id: row.pieces for row in counted}
    asked = sa.select(col(Card.id), col(Card.prices)).where(
        col(Card.id).in_([row.card_id for row in rows])
    )
    normal = {row.id: row.prices for row in await tx.execute(asked)}
    return [_out(row, taken.get(row.id, 0), normal[row.card_id]) for row in rows]


def _out(row: Flash, taken: int, normal: Mapping[str, int]) -> FlashOut:
    prices = rules.cuts(row.prices, normal)
    return FlashOut(
        id=row.id,
        card=row.card_id,
        prices={v: Money(minor, row.currency) for v, minor in prices.items()},
        basis={
            v: BasisOut(price=Money(found["minor"], row.currency), days=found["days"])
            for v, found in row.basis.items()
            if v in prices
        },
        total=row.total,
        per_buyer=row.per_buyer,
        left=max(0, row.total - taken),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
    )
