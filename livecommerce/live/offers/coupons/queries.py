"""Reads: templates, the coupons of a room, and the caller's own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.live.offers.coupons.errors import NoSuchTemplate
from livecommerce.live.offers.coupons.rules import CouponState, PlanState
from livecommerce.live.offers.coupons.tables import (
    Coupon,
    CouponCap,
    CouponPlan,
    CouponTemplate,
)
from livecommerce.live.offers.coupons.wire import CouponOut, CouponPlanOut, TemplateOut
from livecommerce.live.offers.errors import NoSuchOffer
from livecommerce.web.wire import Both


async def template(tx: Tx, id_: str) -> CouponTemplate:
    """One template. Raises NoSuchTemplate."""
    row = await tx.get(CouponTemplate, id_, populate_existing=True)
    if row is None:
        raise NoSuchTemplate(template=id_)
    return row


async def templates(tx: Tx, merchant: str) -> list[TemplateOut]:
    """A merchant's templates, newest first."""
    found = sa.select(CouponTemplate).where(col(CouponTemplate.merchant_id) == merchant)
    rows = (await tx.execute(found.order_by(col(CouponTemplate.id).desc()))).scalars().all()
    return [await template_out(tx, row) for row in rows]


async def template_out(tx: Tx, row: CouponTemplate) -> TemplateOut:
    """A template with its hosts' caps."""
    caps = sa.select(CouponCap).where(col(CouponCap.template_id) == row.id)
    found = (await tx.execute(caps)).scalars()
    return TemplateOut(
        id=row.id,
        merchant=row.merchant_id,
        stock=row.stock,
        planned=row.planned,
        valid_hours=row.valid_hours,
        caps={cap.host: cap.most for cap in found},
        **_worth(row),
    )


async def plan(tx: Tx, live: str, id_: str) -> CouponPlan:
    """A plan of the room. Raises NoSuchOffer."""
    row = await tx.get(CouponPlan, id_, populate_existing=True)
    if row is None or row.live_id != live:
        raise NoSuchOffer(offer=id_)
    return row


async def shown(tx: Tx, live: str) -> list[CouponPlanOut]:
    """The coupons that can be taken in the room, oldest first."""
    found = (
        sa.select(CouponPlan, CouponTemplate)
        .join(CouponTemplate, col(CouponTemplate.id) == col(CouponPlan.template_id))
        .where(col(CouponPlan.live_id) == live, col(CouponPlan.state) == PlanState.OPEN)
        .order_by(col(CouponPlan.opens_at), col(CouponPlan.id))
        .execution_options(populate_existing=True)
    )
    return [plan_out(row, of) for row, of in (await tx.execute(found)).all()]


def plan_out(row: CouponPlan, of: CouponTemplate) -> CouponPlanOut:
    """A plan as clients see it."""
    return CouponPlanOut(
        id=row.id,
        stock=row.stock,
        left=row.stock - row.taken,
        watch_s=row.watch_s,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        **_worth(of),
    )


async def of_buyer(tx: Tx, buyer: str, *, now: datetime) -> list[CouponOut]:
    """The buyer's coupons that can still be used."""
    found = (
        _with_template()
        .where(
            col(Coupon.buyer) == buyer,
            col(Coupon.state) == CouponState.TAKEN,
            col(Coupon.valid_until) > now,
        )
        .order_by(col(Coupon.id))
    )
    return [coupon_out(row, of) for row, of in (await tx.execute(found)).all()]


async def these(
    tx: Tx, ids: Sequence[str], *, buyer: str
) -> Sequence[tuple[Coupon, CouponTemplate]]:
    """Those of the buyer's coupons, with what they are worth."""
    found = _with_template().where(col(Coupon.id).in_(ids), col(Coupon.buyer) == buyer)
    return [(row, of) for row, of in (await tx.execute(found)).all()]


def _with_template() -> sa.Select[Coupon, CouponTemplate]:
    return (
        sa.select(Coupon, CouponTemplate)
        .join(CouponTemplate, col(CouponTemplate.id) == col(Coupon.template_id))
        .execution_options(populate_existing=True)
    )


def coupon_out(row: Coupon, of: CouponTemplate) -> CouponOut:
    """Somebody's coupon as they see it."""
    return CouponOut(
        id=row.id,
        plan=row.plan_id,
        merchant=row.merchant_id,
        state=row.state,
        valid_until=row.valid_until,
        **_worth(of),
    )


def _worth(of: CouponTemplate) -> dict[str, Any]:
    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, of.currency)

    return {
        "title": Both(**of.title),
        "off": money(of.off_minor),
        "percent": of.percent,
        "most": money(of.most_minor),
        "least": Money(of.least_minor, of.currency),
    }
