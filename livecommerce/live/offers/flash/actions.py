"""What assistants do with flash prices: set one, and end it before its time."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.live import actions as shelves
from livecommerce.live.errors import NotSoldHere
from livecommerce.live.offers.events import OffersChanged
from livecommerce.live.offers.flash import queries, rules
from livecommerce.live.offers.flash.errors import (
    BelowFloor,
    FlashRunning,
    LimitsWrong,
    NotBelowRecent,
)
from livecommerce.live.offers.flash.events import FlashDue
from livecommerce.live.offers.flash.rules import FlashState
from livecommerce.live.offers.flash.tables import Flash
from livecommerce.live.offers.flash.wire import SetFlash
from livecommerce.web.principal import Principal


async def start(tx: Tx, live: str, want: SetFlash, *, by: Principal, now: datetime) -> Flash:
    """Announce a flash price: the room counts down, then claims are met at it.

    Raises:
        NotSoldHere: a price is for a variant that the card does not offer.
        LimitsWrong: one buyer may have more than there is.
        NotBelowRecent, BelowFloor: the price is too high, or too low, to be one.
        FlashRunning: the card has one already.
        OverAlready: the session is over.
    """
    shelf = await shelves.may_offer(tx, live, by=by)
    card = await shelves.card_on(tx, live, want.card)
    if strange := sorted(want.prices.keys() - card.prices.keys()):
        raise NotSoldHere(variants=",".join(strange))
    if want.per_buyer > want.total:
        raise LimitsWrong(total=want.total, per_buyer=want.per_buyer)
    variants = sorted(want.prices)
    found = await queries.recent(tx, variants, card.currency, days=want.recent_days, now=now)
    recent = {v: min(found.get(v, card.prices[v]), card.prices[v]) for v in variants}
    if dear := rules.too_dear(want.prices, recent):
        lowest = {v: recent[v] for v in dear}
        raise NotBelowRecent(variants=lowest, days=want.recent_days, currency=card.currency)
    if cheap := rules.too_cheap(want.prices, card.prices):
        raise BelowFloor(variants={v: rules.least(card.prices[v]) for v in cheap})
    opens = now + timedelta(seconds=want.countdown_s)
    row = Flash(
        id=ids.new("fls"),
        live_id=live,
        merchant_id=shelf.merchant_id,
        card_id=card.id,
        product_id=card.product_id,
        currency=card.currency,
        prices=dict(want.prices),
        basis={v: {"minor": recent[v], "days": want.recent_days} for v in variants},
        total=want.total,
        per_buyer=want.per_buyer,
        opens_at=opens,
        closes_at=opens + timedelta(seconds=want.lasts_s),
        state=FlashState.SET,
        set_at=now,
        set_by=by.id,
    )
    if any(each.card_id == card.id for each in await queries.set_in(tx, live)):
        raise FlashRunning(card=card.id)
    tx.add(row)
    await tx.flush()
    await emit(tx, FlashDue(flash=row.id, live=live, at=row.closes_at), at=row.closes_at)
    await emit(tx, OffersChanged(live=live, at=now))
    return row


async def stop(tx: Tx, live: str, flash: str, *, by: Principal, now: datetime) -> None:
    """End a flash price now. Holds keep the price they were given; ending twice is ending
    once."""
    await shelves.may_offer(tx, live, by=by)
    await queries.one(tx, live, flash)
    await _over(tx, col(Flash.id) == flash, now)


async def close_due(tx: Tx, flash: str, *, now: datetime) -> None:
    """The last moment of a flash price has passed."""
    await _over(tx, sa.and_(col(Flash.id) == flash, col(Flash.closes_at) <= now), now)


async def close_all(tx: Tx, live: str, *, now: datetime) -> None:
    """The broadcast is over, so are its flash prices."""
    await _over(tx, col(Flash.live_id) == live, now)


async def _over(tx: Tx, which: sa.ColumnElement[bool], now: datetime) -> None:
    ended = (
        sa.update(Flash)
        .where(which, col(Flash.state) == FlashState.SET)
        .values(state=FlashState.OVER)
        .returning(col(Flash.live_id))
    )
    for live in (await tx.execute(ended)).scalars().all():
        await emit(tx, OffersChanged(live=live, at=now))
