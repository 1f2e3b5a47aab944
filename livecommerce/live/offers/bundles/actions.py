"""What assistants do with bundles: set one, and end it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.live import actions as shelves
from livecommerce.live.offers.bundles import queries
from livecommerce.live.offers.bundles.errors import BundleWrong
from livecommerce.live.offers.bundles.rules import BundleKind
from livecommerce.live.offers.bundles.tables import BundleOffer
from livecommerce.live.offers.bundles.wire import SetBundle
from livecommerce.live.offers.events import OffersChanged
from livecommerce.web.principal import Principal


async def start(
    tx: Tx, live: str, want: SetBundle, *, by: Principal, now: datetime
) -> BundleOffer:
    """From now on these are cheaper together.

    Raises:
        NoSuchCard: a card is not on the shelf.
        BundleWrong: it is neither a second-item price nor a bundle, or mixes currencies.
    """
    shelf = await shelves.may_offer(tx, live, by=by)
    names = list(dict.fromkeys(want.cards))
    second = len(names) == 1 and want.percent is not None and want.off is None
    bundle = len(names) > 1 and want.off is not None and want.percent is None
    cards = [await shelves.card_on(tx, live, card) for card in names]
    if not (second or bundle) or len({card.currency for card in cards}) != 1:
        raise BundleWrong()
    row = BundleOffer(
        id=ids.new("bnd"),
        live_id=live,
        merchant_id=shelf.merchant_id,
        kind=BundleKind.SECOND if second else BundleKind.BUNDLE,
        cards=names,
        products=[card.product_id for card in cards],
        nth=want.nth,
        percent=want.percent,
        off_minor=want.off,
        currency=cards[0].currency,
        set_at=now,
    )
    tx.add(row)
    await tx.flush()
    await emit(tx, OffersChanged(live=live, at=now))
    return row


async def stop(tx: Tx, live: str, id_: str, *, by: Principal, now: datetime) -> None:
    """End a bundle. Twice is once."""
    await shelves.may_offer(tx, live, by=by)
    await queries.one(tx, live, id_)
    await end(tx, col(BundleOffer.id) == id_, now=now)


async def end(tx: Tx, which: sa.ColumnElement[bool], *, now: datetime) -> None:
    """End those that run."""
    ended = (
        sa.update(BundleOffer)
        .where(which, col(BundleOffer.ended_at).is_(None))
        .values(ended_at=now)
        .returning(col(BundleOffer.live_id))
    )
    for live in (await tx.execute(ended)).scalars().all():
        await emit(tx, OffersChanged(live=live, at=now))
