"""What is available and not sent, because the provider would not: why, and until when."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement.rules import asked_again_after
from livecommerce.settlement.tables import UNSENT, MerchantShare, SendingWait

REVERSED = "reversed_at_provider"
"""Somebody took it back at the provider's own desk."""


async def refused(
    tx: Tx, merchant: str, reference: str, amount: Money, *, why: str, now: datetime
) -> SendingWait:
    """The provider will not send it: asked again later, and later each time."""
    row = await tx.get(SendingWait, (reference, amount.currency), with_for_update=True)
    if row is None:
        row = SendingWait(
            reference=reference,
            currency=amount.currency,
            merchant_id=merchant,
            amount_minor=amount.minor,
            refusals=0,
            why=why,
            since=now,
        )
    row.refusals += 1
    row.amount_minor, row.why = amount.minor, why
    row.again_at = now + asked_again_after(row.refusals)
    tx.add(row)
    await tx.flush()
    return row


async def stopped(
    tx: Tx, merchant: str, reference: str, amount: Money, *, why: str, now: datetime
) -> SendingWait:
    """It is not sent until somebody says so."""
    row = await refused(tx, merchant, reference, amount, why=why, now=now)
    row.refusals, row.again_at = row.refusals - 1, None
    await tx.flush()
    return row


async def over(tx: Tx, reference: str, currency: str) -> None:
    """It was sent. What is stopped stays so: it was another transfer."""
    mine = sa.delete(SendingWait).where(
        col(SendingWait.reference) == reference,
        col(SendingWait.currency) == currency,
        col(SendingWait.again_at).is_not(None),
    )
    await tx.execute(mine)


async def ask_again(tx: Tx, merchant: str, *, now: datetime, stopped: bool = False) -> None:
    """The provider may think otherwise by now: what it refused is not waited for any longer.

    Args:
        stopped: also what is kept until somebody says so; somebody has.
    """
    theirs = sa.update(SendingWait).where(col(SendingWait.merchant_id) == merchant)
    if not stopped:
        theirs = theirs.where(col(SendingWait.again_at).is_not(None))
    again = theirs.values(again_at=now).execution_options(synchronize_session=False)
    await tx.execute(again)


def waiting(now: datetime) -> sa.ColumnElement[bool]:
    """Whether a row keeps its money from being sent."""
    return sa.or_(col(SendingWait.again_at).is_(None), col(SendingWait.again_at) > now)


async def is_waiting(tx: Tx, reference: str, currency: str, *, now: datetime) -> bool:
    """Whether something keeps this from being sent."""
    mine = sa.select(sa.literal(1)).where(
        col(SendingWait.reference) == reference,
        col(SendingWait.currency) == currency,
        waiting(now),
    )
    return (await tx.execute(mine)).first() is not None


Waiting = tuple[SendingWait, Money]


async def listed(tx: Tx, merchant: str | None = None) -> Sequence[Waiting]:
    """What waits, of one merchant or of all, longest first, and how much it is by now; a
    hundred at most. What a refund has taken since is none of it."""
    unsent = sa.func.coalesce(sa.text(UNSENT), col(SendingWait.amount_minor))
    of_order = sa.and_(
        col(MerchantShare.order_id) == col(SendingWait.reference),
        col(MerchantShare.currency) == col(SendingWait.currency),
    )
    found = sa.select(SendingWait, unsent).outerjoin(MerchantShare, of_order).where(unsent > 0)
    if merchant is not None:
        found = found.where(col(SendingWait.merchant_id) == merchant)
    fresh = found.execution_options(populate_existing=True)
    longest = fresh.order_by(col(SendingWait.since), col(SendingWait.reference)).limit(100)
    rows = (await tx.execute(longest)).all()
    return [(row, Money(int(minor), row.currency)) for row, minor in rows]
