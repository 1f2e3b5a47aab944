"""What is done with coupons: made, planned, taken, used, given back.

Each layer of stock is one guarded UPDATE of one row; what it does not return was not there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.catalogue import queries as catalogue
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.outbox import emit
from livecommerce.live import actions as shelves
from livecommerce.live.offers.coupons import queries, rules
from livecommerce.live.offers.coupons.errors import (
    AllTaken,
    CapReached,
    ClosingWrong,
    CouponUsed,
    NoSuchTemplate,
    NothingInCurrency,
    NotYetTakeable,
    StockPlanned,
    WatchLonger,
    WorthWrong,
)
from livecommerce.live.offers.coupons.events import CouponClosing
from livecommerce.live.offers.coupons.rules import CouponState, PlanState
from livecommerce.live.offers.coupons.tables import (
    Coupon,
    CouponCap,
    CouponPlan,
    CouponTemplate,
)
from livecommerce.live.offers.coupons.wire import MakeTemplate, PlanCoupon
from livecommerce.live.offers.events import OffersChanged
from livecommerce.live.offers.team import must_be_audience
from livecommerce.web.principal import MerchantRole, Principal


async def make(tx: Tx, want: MakeTemplate, *, by: Principal, now: datetime) -> CouponTemplate:
    """A coupon that can be planned for live sessions.

    Raises:
        NotYours, NotAllowed: the caller makes no offers for the merchant.
        WorthWrong: it says both or neither of amount and percentage.
        NothingInCurrency: it would be good for nothing that the merchant sells.
    """
    by.must_act_for(want.merchant, MerchantRole.ASSISTANT)
    if (want.off is None) == (want.percent is None):
        raise WorthWrong()
    if not await catalogue.sells_in(tx, want.merchant, want.currency):
        raise NothingInCurrency(currency=want.currency)
    row = CouponTemplate(
        id=ids.new("cpt"),
        merchant_id=want.merchant,
        title=want.title.model_dump(),
        currency=want.currency,
        off_minor=want.off,
        percent=want.percent,
        most_minor=want.most,
        least_minor=want.least,
        valid_hours=want.valid_hours,
        stock=want.stock,
        made_at=now,
        made_by=by.id,
    )
    tx.add(row)
    await tx.flush()
    for host, most in want.caps.items():
        tx.add(CouponCap(template_id=row.id, host=host, merchant_id=want.merchant, most=most))
    await tx.flush()
    return row


async def plan(
    tx: Tx, live: str, want: PlanCoupon, *, by: Principal, now: datetime
) -> CouponPlan:
    """Lock coupons for this live session; from now on they can be taken in its room.

    Raises:
        NoSuchTemplate: the merchant has none with that id.
        StockPlanned, CapReached: the template, or the host's cap, has fewer left.
        ClosingWrong: it would have closed already, or in two ways.
        OverAlready: the session is over.
    """
    shelf = await shelves.may_offer(tx, live, by=by)
    if (want.minutes and want.until) or (want.until and want.until <= now):
        raise ClosingWrong()
    of = await queries.template(tx, want.template)
    if of.merchant_id != shelf.merchant_id:
        raise NoSuchTemplate(template=want.template)
    if not await _lock(tx, of.id, want.stock):
        raise StockPlanned(left=of.stock - of.planned)
    host = want.host or shelf.hosted_by
    if not await _lock_of_host(tx, of.id, host, want.stock):
        raise CapReached(host=host)
    row = CouponPlan(
        id=ids.new("cpp"),
        template_id=of.id,
        live_id=live,
        merchant_id=shelf.merchant_id,
        host=host,
        stock=want.stock,
        watch_s=want.watch_s,
        opens_at=now,
        closes_at=rules.closes(now, want.minutes, want.until),
        state=PlanState.OPEN,
    )
    tx.add(row)
    await tx.flush()
    if row.closes_at is not None:
        closing = CouponClosing(plan=row.id, live=live, at=row.closes_at)
        await emit(tx, closing, at=row.closes_at)
    await emit(tx, OffersChanged(live=live, at=now))
    return row


async def stop(tx: Tx, live: str, id_: str, *, by: Principal, now: datetime) -> None:
    """No more can be taken; what was not taken can be planned again. Twice is once."""
    await shelves.may_offer(tx, live, by=by)
    await queries.plan(tx, live, id_)
    await close(tx, col(CouponPlan.id) == id_, now=now)


async def close(tx: Tx, which: sa.ColumnElement[bool], *, now: datetime) -> None:
    """End the open plans, and unlock what is left of them."""
    ended = (
        sa.update(CouponPlan)
        .where(which, col(CouponPlan.state) == PlanState.OPEN)
        .values(state=PlanState.CLOSED)
        .returning(CouponPlan)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    for row in (await tx.execute(ended)).scalars().all():
        await _lock(tx, row.template_id, row.taken - row.stock)
        await _lock_of_host(tx, row.template_id, row.host, row.taken - row.stock)
        await emit(tx, OffersChanged(live=row.live_id, at=now))


async def take(
    tx: Tx, live: str, id_: str, *, by: Principal, watched_s: float, now: datetime
) -> Coupon:
    """One of the room's coupons for the buyer; the one they have, if they have one.

    Raises:
        NoSuchOffer: the room has no such coupon.
        NotForTheTeam: they give the coupons themselves.
        NotYetTakeable: it is closed.
        WatchLonger: the buyer has not been in the room for long enough.
        AllTaken: none is left.
    """
    row = await queries.plan(tx, live, id_)
    must_be_audience(by, row.merchant_id)
    buyer = by.id
    mine = sa.select(Coupon).where(
        col(Coupon.template_id) == row.template_id, col(Coupon.buyer) == buyer
    )
    before = (await tx.execute(mine)).scalar_one_or_none()
    if before is not None:
        return before
    closed = row.closes_at is not None and row.closes_at <= now
    if row.state is PlanState.CLOSED or closed:
        raise NotYetTakeable(coupon=id_)
    if watched_s < row.watch_s:
        raise WatchLonger(watch_s=row.watch_s, retry_after=int(row.watch_s - watched_s) + 1)
    of = await queries.template(tx, row.template_id)
    if not await _take_one(tx, row.id):
        before = (await tx.execute(mine)).scalar_one_or_none()  # a click of theirs before
        if before is not None:
            return before
        raise AllTaken(coupon=id_)
    made = (
        postgresql.insert(Coupon)
        .values(
            id=ids.new("cpn"),
            template_id=row.template_id,
            plan_id=row.id,
            merchant_id=row.merchant_id,
            buyer=buyer,
            state=CouponState.TAKEN,
            taken_at=now,
            valid_until=now + timedelta(hours=of.valid_hours),
        )
        .on_conflict_do_nothing(index_elements=["template_id", "buyer"])
        .returning(Coupon)
    )
    coupon = (await tx.execute(made)).scalar_one_or_none()
    if coupon is None:  # the same buyer's other click came first: put the piece back
        await _take_one(tx, row.id, back=True)
        return (await tx.execute(mine)).scalar_one()
    await emit(tx, OffersChanged(live=live, at=now))
    return coupon


async def use(
    tx: Tx, coupons: Sequence[str], *, checkout: str, buyer: str, now: datetime
) -> None:
    """The buyer's coupons go into a checkout.

    Raises:
        CouponUsed: one of them is in another, or no longer valid.
    """
    wanted = set(coupons)
    used = (
        sa.update(Coupon)
        .where(
            col(Coupon.id).in_(wanted),
            col(Coupon.buyer) == buyer,
            col(Coupon.state) == CouponState.TAKEN,
            col(Coupon.valid_until) > now,
        )
        .values(state=CouponState.USED, checkout_id=checkout)
        .returning(col(Coupon.id))
    )
    found = set((await tx.execute(used)).scalars())
    if found != wanted:
        raise CouponUsed(coupons=sorted(wanted - found))


async def use_again(tx: Tx, coupons: Sequence[str], *, checkout: str) -> bool:
    """Coupons that a checkout gave back are its own again, if none of them is in another by
    now; else none is. They were in time when it was placed, so their time is not asked."""
    wanted = set(coupons)
    used = (
        sa.update(Coupon)
        .where(col(Coupon.id).in_(wanted), col(Coupon.state) == CouponState.TAKEN)
        .values(state=CouponState.USED, checkout_id=checkout)
        .returning(col(Coupon.id))
    )
    if set((await tx.execute(used)).scalars()) == wanted:
        return True
    await give_back(tx, checkout)
    return False


async def give_back(tx: Tx, checkout: str, *, merchant: str | None = None) -> None:
    """Nothing came of the purchase, or of the merchant's part of it: its coupons can be used
    again, until their own time."""
    back = sa.update(Coupon).where(col(Coupon.checkout_id) == checkout)
    if merchant is not None:
        back = back.where(col(Coupon.merchant_id) == merchant)
    await tx.execute(back.values(state=CouponState.TAKEN, checkout_id=None))


async def carry_over(tx: Tx, guest: str, person: str) -> None:
    """The guest's coupons are the person's, but for those of which they have one."""
    theirs = sa.select(col(Coupon.template_id)).where(col(Coupon.buyer) == person)
    moved = (
        sa.update(Coupon)
        .where(col(Coupon.buyer) == guest, col(Coupon.template_id).not_in(theirs))
        .values(buyer=person)
        .execution_options(synchronize_session=False)
    )
    await tx.execute(moved)


async def _lock(tx: Tx, template: str, count: int) -> bool:
    """Take so many out of what can be planned (or put them back); whether there were."""
    moved = (
        sa.update(CouponTemplate)
        .where(
            col(CouponTemplate.id) == template,
            CouponTemplate.planned + count <= col(CouponTemplate.stock),
        )
        .values(planned=CouponTemplate.planned + count)
        .returning(col(CouponTemplate.id))
        .execution_options(synchronize_session=False)
    )
    return (await tx.execute(moved)).scalar_one_or_none() is not None


async def _lock_of_host(tx: Tx, template: str, host: str | None, count: int) -> bool:
    """The same of the host's cap, if the host has one."""
    same = (col(CouponCap.template_id) == template, col(CouponCap.host) == host)
    if (await tx.execute(sa.select(CouponCap).where(*same))).first() is None:
        return True
    moved = (
        sa.update(CouponCap)
        .where(*same, CouponCap.planned + count <= col(CouponCap.most))
        .values(planned=CouponCap.planned + count)
        .returning(col(CouponCap.host))
        .execution_options(synchronize_session=False)
    )
    return (await tx.execute(moved)).scalar_one_or_none() is not None


async def _take_one(tx: Tx, plan_id: str, *, back: bool = False) -> bool:
    by = -1 if back else 1
    moved = (
        sa.update(CouponPlan)
        .where(col(CouponPlan.id) == plan_id, CouponPlan.taken + by <= col(CouponPlan.stock))
        .values(taken=CouponPlan.taken + by)
        .returning(col(CouponPlan.id))
        .execution_options(synchronize_session=False)
    )
    if not back:
        moved = moved.where(col(CouponPlan.state) == PlanState.OPEN)
    return (await tx.execute(moved)).scalar_one_or_none() is not None
