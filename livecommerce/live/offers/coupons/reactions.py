"""What coupons do when their moment comes."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.live.offers.coupons import actions
from livecommerce.live.offers.coupons.events import CouponClosing
from livecommerce.live.offers.coupons.tables import CouponPlan


async def on_coupon_closing(tx: Tx, event: CouponClosing, *, now: datetime) -> None:
    """It closes by the clock of the facts, not by a page."""
    due = sa.and_(col(CouponPlan.id) == event.plan, col(CouponPlan.closes_at) <= now)
    await actions.close(tx, due, now=now)
