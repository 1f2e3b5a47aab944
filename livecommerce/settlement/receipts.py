"""What a merchant has received this year from abroad, in US dollars, against the threshold.

A small cross-border firm whose receipts exceed 200,000 US dollars in a calendar year must enter
the directory of trading firms at the foreign exchange administration before it receives more;
the administration lists firms from 180,000 on (汇发〔2019〕13号, and the questions and answers
of 2021). A year is one in China.
"""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.identity import queries as people
from livecommerce.kernel.clock import BEIJING
from livecommerce.kernel.db import Tx, one_at_a_time
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.settlement.events import ReceiptsReached
from livecommerce.settlement.tables import MerchantReceipt, MerchantShare, ReceiptsAlert
from livecommerce.settlement.wire_receipts import AlertOut, ReceiptsOut
from livecommerce.web.principal import MerchantRole, Principal, StaffRole

ALERTS = (Money(180_000_00, "USD"), Money(200_000_00, "USD"))
"""Where the merchant and the centre are told."""


def year_of(moment: datetime) -> int:
    """The calendar year in China."""
    return moment.astimezone(BEIJING).year


async def count(
    tx: Tx,
    *,
    order: str,
    merchant: str,
    paid: Money,
    dollars: Money,
    rate: Decimal,
    rate_source: str,
    now: datetime,
) -> None:
    """Count one sale, once, and tell when a threshold is passed by it.

    Args:
        paid: the goods, as the buyer paid them; ``dollars``: the same at ``rate``.
    """
    row = MerchantReceipt(
        order_id=order,
        merchant_id=merchant,
        year=year_of(now),
        paid_minor=paid.minor,
        currency=paid.currency,
        dollars_minor=dollars.minor,
        rate=f"{rate:f}",
        rate_source=rate_source,
        at=now,
    )
    insert = postgresql.insert(MerchantReceipt).values(row.model_dump())
    once = insert.on_conflict_do_nothing(index_elements=["order_id"])
    fresh = await tx.execute(once.returning(col(MerchantReceipt.order_id)))
    if fresh.scalar() is None:
        return
    # Two sales at once might each see too little: one after the other, per merchant.
    await one_at_a_time(tx, f"receipts:{merchant}:{row.year}")
    total = await total_of(tx, merchant, row.year)
    for threshold in ALERTS:
        if total >= threshold and await _first(tx, merchant, row.year, threshold, now):
            reached = ReceiptsReached(
                merchant=merchant, year=row.year, threshold=threshold, total=total, at=now
            )
            await emit(tx, reached)


async def total_of(tx: Tx, merchant: str, year: int) -> Money:
    """All that was counted for the merchant in that year."""
    summed = sa.select(sa.func.coalesce(sa.func.sum(MerchantReceipt.dollars_minor), 0)).where(
        col(MerchantReceipt.merchant_id) == merchant, col(MerchantReceipt.year) == year
    )
    return Money(int((await tx.execute(summed)).scalar_one()), "USD")


async def receipts(tx: Tx, merchant: str, *, by: Principal, now: datetime) -> ReceiptsOut:
    """This year's receipts and the thresholds that were passed.

    Raises:
        NotYours: the caller has nothing to do with this merchant.
    """
    if not by.is_staff(StaffRole.FINANCE, StaffRole.COMPLIANCE):
        by.must_act_for(merchant, MerchantRole.FINANCE)
    await people.seller(tx, merchant)
    year = year_of(now)
    passed = sa.select(ReceiptsAlert).where(
        col(ReceiptsAlert.merchant_id) == merchant, col(ReceiptsAlert.year) == year
    )
    when = {row.threshold_minor: row.at for row in (await tx.execute(passed)).scalars()}
    return ReceiptsOut(
        year=year,
        total=await total_of(tx, merchant, year),
        waiting=await _waiting(tx, merchant, year),
        alerts=[AlertOut(threshold=a, passed_at=when.get(a.minor)) for a in ALERTS],
    )


async def _first(tx: Tx, merchant: str, year: int, threshold: Money, now: datetime) -> bool:
    row = ReceiptsAlert(
        merchant_id=merchant, year=year, threshold_minor=threshold.minor, at=now
    )
    insert = postgresql.insert(ReceiptsAlert).values(row.model_dump())
    once = insert.on_conflict_do_nothing().returning(col(ReceiptsAlert.merchant_id))
    return (await tx.execute(once)).scalar() is not None


async def _waiting(tx: Tx, merchant: str, year: int) -> int:
    """Sales of the year that are not counted yet."""
    begin, end = (datetime(each, 1, 1, tzinfo=BEIJING) for each in (year, year + 1))
    counted = sa.exists().where(col(MerchantReceipt.order_id) == col(MerchantShare.order_id))
    sold = sa.select(sa.func.count()).where(
        col(MerchantShare.merchant_id) == merchant,
        col(MerchantShare.paid_at) >= begin,
        col(MerchantShare.paid_at) < end,
        ~counted,
    )
    return int((await tx.execute(sold)).scalar_one())
