"""What is available and not sent, because the provider would not: why, and until when."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement.rules import asked_again_after
from livecommerce.settlement.tables import SendingWait


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


async def over(tx: Tx, reference: str, currency: str) -> None:
    """It was sent."""
    mine = sa.delete(SendingWait).where(
        col(SendingWait.reference) == reference, col(SendingWait.currency) == currency
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


async def listed(tx: Tx, merchant: str | None = None) -> Sequence[SendingWait]:
    """What waits, of one merchant or of all, longest first; a hundred at most."""
    found = sa.select(SendingWait)
    if merchant is not None:
        found = found.where(col(SendingWait.merchant_id) == merchant)
    fresh = found.execution_options(populate_existing=True)
    longest = fresh.order_by(col(SendingWait.since), col(SendingWait.reference)).limit(100)
    return (await tx.execute(longest)).scalars().all()
