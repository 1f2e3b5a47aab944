"""What offers do when live sessions change."""

from datetime import datetime

from sqlmodel import col

from livecommerce.identity.events import GuestMerged
from livecommerce.kernel.db import Tx
from livecommerce.live.events import CardExplained
from livecommerce.live.offers.auctions import actions as auctions
from livecommerce.live.offers.bundles import actions as bundles
from livecommerce.live.offers.bundles.tables import BundleOffer
from livecommerce.live.offers.coupons import actions as coupons
from livecommerce.live.offers.coupons.tables import CouponPlan
from livecommerce.live.offers.flash import actions as flash
from livecommerce.live.offers.wishes import actions as wishes
from streams.sessions.events import LiveEnded


async def on_live_ended(tx: Tx, event: LiveEnded, *, now: datetime) -> None:
    """What was offered in the broadcast ends with it."""
    await flash.close_all(tx, event.live, now=event.at)
    await coupons.close(tx, col(CouponPlan.live_id) == event.live, now=event.at)
    await auctions.drop_announced(tx, event.live, now=event.at)
    await bundles.end(tx, col(BundleOffer.live_id) == event.live, now=event.at)


async def on_card_explained(tx: Tx, event: CardExplained, *, now: datetime) -> None:
    """What was asked for is being presented."""
    await wishes.meet(tx, event.live, event.card, now=event.at)


async def on_guest_merged(tx: Tx, event: GuestMerged, *, now: datetime) -> None:
    """The guest's coupons are the person's."""
    await coupons.carry_over(tx, event.guest, event.person)
