"""What viewers do with offers by calls in the room: take, bid, enter, wait, ask, follow."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from livecommerce.kernel.db import Database
from livecommerce.kernel.money import MOST, Money
from livecommerce.live.offers.auctions import actions as auctions
from livecommerce.live.offers.auctions import queries as auction_reads
from livecommerce.live.offers.auctions.wire import BidOut
from livecommerce.live.offers.coupons import actions as coupons
from livecommerce.live.offers.coupons import queries as coupon_reads
from livecommerce.live.offers.draws import actions as draws
from livecommerce.live.offers.waitlist import actions as waitlist
from livecommerce.live.offers.wishes import actions as wishes
from livecommerce.web.principal import Principal
from streams.realtime.door import Visitor


class _Rpc(BaseModel):
    model_config = ConfigDict(extra="forbid")
    live: str = Field(max_length=64)


class TakeCoupon(_Rpc):
    """``coupon.take``"""

    coupon: str = Field(max_length=64)


class Bid(_Rpc):
    """``auction.bid``: the most they would pay, in minor units."""

    auction: str = Field(max_length=64)
    most: int = Field(ge=1, le=MOST)


class EnterDraw(_Rpc):
    """``draw.enter``"""

    draw: str = Field(max_length=64)


class Wait(_Rpc):
    """``waitlist.join`` and ``waitlist.leave``: for one piece of what is sold out."""

    card: str = Field(max_length=64)
    variant: str = Field(max_length=64)


class Ask(_Rpc):
    """``product.ask``: present this one."""

    card: str = Field(max_length=64)


class FollowShop(_Rpc):
    """``shop.follow``: the room's merchant, or (``on`` false) no longer."""

    on: bool = True


BODIES: dict[str, TypeAdapter[Any]] = {
    "coupon.take": TypeAdapter(TakeCoupon),
    "auction.bid": TypeAdapter(Bid),
    "draw.enter": TypeAdapter(EnterDraw),
    "waitlist.join": TypeAdapter(Wait),
    "waitlist.leave": TypeAdapter(Wait),
    "product.ask": TypeAdapter(Ask),
    "shop.follow": TypeAdapter(FollowShop),
}


async def answer(
    db: Database,
    visitor: Visitor,
    who: Principal,
    method: str,
    body: BaseModel,
    *,
    merchant: str,
    most: int | None,
    now: datetime,
) -> dict[str, Any]:
    """The answer to a call about an offer. All of them may be repeated: twice is once.

    Args:
        most: pieces of a variant on one card that a buyer may have.
    """
    if isinstance(body, TakeCoupon):
        return await _take(db, visitor, who, body, now)
    if isinstance(body, Bid):
        return await _bid(db, who, body, now)
    async with db.begin() as tx:
        if isinstance(body, EnterDraw):
            watched = watched_s(visitor, now=now)
            entries = await draws.enter(
                tx, body.live, body.draw, viewer=who, watched_s=watched, now=now
            )
            return {"entries": entries}
        if isinstance(body, Ask):
            asked = await wishes.ask(tx, body.live, body.card, viewer=who.id, now=now)
            return {"asked": asked}
        if isinstance(body, FollowShop):
            await draws.follow(tx, merchant, viewer=who.id, on=body.on, now=now)
            return {"follows": body.on}
        assert isinstance(body, Wait)
        if method == "waitlist.leave":
            await waitlist.leave(tx, body.live, body.variant, buyer=who.id, now=now)
            return {"waits": False}
        ahead = await waitlist.join(
            tx, body.live, body.card, body.variant, by=who, most=most, now=now
        )
        return {"waits": True, "ahead": ahead}


def watched_s(visitor: Visitor, *, now: datetime) -> float:
    """How long they have been connected to the room without a break."""
    since = visitor.meta.get("since") if isinstance(visitor.meta, Mapping) else None
    if not isinstance(since, str):
        return 0.0
    return max(0.0, (now - datetime.fromisoformat(since)).total_seconds())


async def _take(
    db: Database, visitor: Visitor, who: Principal, body: TakeCoupon, now: datetime
) -> dict[str, Any]:
    watched = watched_s(visitor, now=now)
    async with db.begin() as tx:
        row = await coupons.take(tx, body.live, body.coupon, by=who, watched_s=watched, now=now)
        of = await coupon_reads.template(tx, row.template_id)
        return coupon_reads.coupon_out(row, of).model_dump(mode="json")


async def _bid(db: Database, who: Principal, body: Bid, now: datetime) -> dict[str, Any]:
    async with db.begin() as tx:
        row = await auctions.bid(tx, body.live, body.auction, body.most, by=who, now=now)
        price = None if row.price_minor is None else Money(row.price_minor, row.currency)
        stands = BidOut(
            leading=row.leader == who.id,
            price=price,
            least=Money(auction_reads.standing(row).least, row.currency),
            ends_at=row.ends_at,
        )
        return stands.model_dump(mode="json")
