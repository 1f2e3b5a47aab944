"""What is agreed with each merchant, and the terms that an order freezes."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from livecommerce.identity import queries as people
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.errors import Problem
from livecommerce.settlement.errors import BadPlan
from livecommerce.settlement.exchange import DatedRates
from livecommerce.settlement.rules import ChargeMode, Terms
from livecommerce.settlement.tables import MerchantPlan
from livecommerce.settlement.wire import PlanIn, PlanOut
from livecommerce.web.principal import MerchantRole, Principal, StaffRole

SOLD_IN = "EUR"
"""A currency that things are sold in, to see whether another can be reached from it."""


async def agree(
    tx: Tx,
    merchant: str,
    want: PlanIn,
    *,
    by: Principal,
    now: datetime,
    rates: DatedRates | None = None,
) -> PlanOut:
    """From ``valid_from`` on, orders that are placed freeze these terms.

    Raises:
        NoSuchMerchant: nobody sells under this id.
        BadPlan: it begins in the past, a cap is less than its minimum, there is no rate for
            the currency it is settled in, or something is to be kept back of money that goes
            out with the charge.
    """
    by.must_be_staff(StaffRole.FINANCE)
    await people.seller(tx, merchant)
    begins = want.valid_from or now
    crossed = [c for c, cap in want.caps.items() if cap < want.minimums.get(c, 0)]
    at_once = want.charge_mode is ChargeMode.DESTINATION
    if begins < now or crossed or (at_once and (want.hold_days or want.reserve_bps)):
        raise BadPlan(merchant=merchant, currencies=crossed)
    if want.settles_in is not None and rates is not None:
        try:
            rates.between(SOLD_IN, want.settles_in, now)
        except Problem as problem:
            raise BadPlan(merchant=merchant, currencies=[want.settles_in]) from problem
    row = MerchantPlan(
        id=ids.new("pln"),
        merchant_id=merchant,
        **want.model_dump(exclude={"valid_from"}),
        valid_from=begins,
        set_by=by.id,
        set_at=now,
    )
    tx.add(row)
    await tx.flush()
    return _out(row, in_force=begins == now)


async def plans(tx: Tx, merchant: str, *, by: Principal, now: datetime) -> list[PlanOut]:
    """Every plan of a merchant, newest first: those to come, the one in force, and earlier
    ones.

    Raises:
        NotYours: the caller has nothing to do with this merchant.
    """
    if not by.is_staff(StaffRole.FINANCE):
        by.must_act_for(merchant, MerchantRole.FINANCE)
    await people.seller(tx, merchant)
    theirs = sa.select(MerchantPlan).where(col(MerchantPlan.merchant_id) == merchant)
    newest = theirs.order_by(col(MerchantPlan.valid_from).desc(), col(MerchantPlan.id).desc())
    rows = (await tx.execute(newest.limit(50))).scalars().all()
    current = next((row for row in rows if row.valid_from <= now), None)
    return [_out(row, in_force=row is current) for row in rows]


async def terms_for(
    tx: Tx, merchants: Iterable[str], currency: str, *, default_bps: int, now: datetime
) -> Mapping[str, Terms]:
    """The terms in force for an order placed now, by merchant."""
    wanted = sorted(set(merchants))
    rows = await tx.execute(
        sa.select(MerchantPlan)
        .ext(distinct_on(col(MerchantPlan.merchant_id)))
        .where(col(MerchantPlan.merchant_id).in_(wanted), col(MerchantPlan.valid_from) <= now)
        .order_by(
            col(MerchantPlan.merchant_id),
            col(MerchantPlan.valid_from).desc(),
            col(MerchantPlan.id).desc(),
        )
    )
    agreed = {row.merchant_id: _terms(row, currency) for row in rows.scalars()}
    return {merchant: agreed.get(merchant, Terms(bps=default_bps)) for merchant in wanted}


def stored(terms: Terms) -> dict[str, int | str | None]:
    """As an order keeps them."""
    return asdict(terms)


def _terms(row: MerchantPlan, currency: str) -> Terms:
    return Terms(
        bps=row.bps,
        minimum_minor=row.minimums.get(currency),
        cap_minor=row.caps.get(currency),
        subsidy_bps=row.subsidy_bps,
        hold_days=row.hold_days,
        reserve_bps=row.reserve_bps,
        reserve_days=row.reserve_days,
        plan=row.id,
        settles_in=row.settles_in,
        charge_mode=row.charge_mode.value,
    )


def _out(row: MerchantPlan, *, in_force: bool) -> PlanOut:
    told = row.model_dump(exclude={"merchant_id"})
    return PlanOut.model_validate({**told, "in_force": in_force})
