"""Reads of payments and refunds."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.page import Cursor, Page
from payments.errors import NoSuchPayment, NoSuchRefund
from payments.rules import LIVE, DisputeState, PaymentState, RefundState
from payments.tables import Payment, Refund
from payments.tables_out import Dispute


async def payment(tx: Tx, payment_id: str) -> Payment:
    """One payment.

    Raises:
        NoSuchPayment: there is none.
    """
    found = await tx.get(Payment, payment_id, populate_existing=True)
    if found is None:
        raise NoSuchPayment(payment=payment_id)
    return found


async def payment_for(tx: Tx, reference: str) -> Payment | None:
    """The payment of this reference that counts: captured, else live, else the last one."""
    rank = sa.case(
        (col(Payment.state) == PaymentState.CAPTURED, 0),
        (col(Payment.state).in_(LIVE), 1),
        else_=2,
    )
    best = (
        sa.select(Payment)
        .where(col(Payment.reference) == reference)
        .order_by(rank, col(Payment.attempt).desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return (await tx.execute(best)).scalar_one_or_none()


async def payments_for(tx: Tx, references: Sequence[str]) -> Sequence[Payment]:
    """All payments of these references, oldest first."""
    theirs = sa.select(Payment).where(col(Payment.reference).in_(references))
    return (await tx.execute(theirs.order_by(col(Payment.recorded_at)))).scalars().all()


async def ahead(tx: Tx, payment: Payment) -> int:
    """How many payments wait to be opened before this one."""
    waiting = (PaymentState.WANTED, PaymentState.ASKED)
    if payment.state not in waiting:
        return 0
    earlier = sa.select(sa.func.count()).where(
        col(Payment.state).in_(waiting), col(Payment.recorded_at) < payment.recorded_at
    )
    return int((await tx.execute(earlier)).scalar_one())


async def queue(tx: Tx, *, limit: int = 1000) -> Sequence[str]:
    """The references whose payments wait to be opened, in the order of their turns."""
    waiting = sa.select(col(Payment.reference)).where(
        col(Payment.state).in_((PaymentState.WANTED, PaymentState.ASKED))
    )
    turns = waiting.order_by(col(Payment.recorded_at), col(Payment.id)).limit(limit)
    return (await tx.execute(turns)).scalars().all()


async def refund(tx: Tx, refund_id: str) -> Refund:
    """One refund.

    Raises:
        NoSuchRefund: there is none.
    """
    found = await tx.get(Refund, refund_id, populate_existing=True)
    if found is None:
        raise NoSuchRefund(refund=refund_id)
    return found


async def refunds_of(tx: Tx, payment_id: str) -> Sequence[Refund]:
    """Every refund of a payment, oldest first."""
    theirs = sa.select(Refund).where(col(Refund.payment_id) == payment_id)
    return (await tx.execute(theirs.order_by(col(Refund.requested_at)))).scalars().all()


async def paid_outside(tx: Tx, refunds: Sequence[str]) -> dict[str, str]:
    """The bank's references of those of these refunds that went past the provider."""
    if not refunds:
        return {}
    theirs = sa.select(col(Refund.id), col(Refund.outside)).where(
        col(Refund.id).in_(refunds), col(Refund.outside).is_not(None)
    )
    return {id_: outside for id_, outside in await tx.execute(theirs) if outside}


async def inquiries(tx: Tx, about: Sequence[str]) -> dict[str, Dispute]:
    """What banks ask about these payments, or about what they are for, and have not taken; by
    either."""
    if not about:
        return {}
    asked = sa.select(Dispute).where(
        sa.text("state = 'inquiry'"),  # in these words, for its index
        sa.or_(col(Dispute.reference).in_(about), col(Dispute.payment_id).in_(about)),
    )
    rows = (await tx.execute(asked.order_by(col(Dispute.id)))).scalars().all()
    return {key: row for row in rows for key in (row.reference, row.payment_id)}


async def refund_with_key(tx: Tx, key: str) -> Refund | None:
    """The refund that was asked for, or written down, with this key."""
    asked = sa.select(Refund).where(col(Refund.key) == key)
    return (await tx.execute(asked)).scalar_one_or_none()


async def with_banks(tx: Tx, payment_ids: Sequence[str]) -> dict[str, int]:
    """What buyers' banks have taken of these payments and not returned, in minor units; a
    payment of which none has anything is left out."""
    if not payment_ids:
        return {}
    taken = (
        sa.select(col(Dispute.payment_id), sa.func.sum(Dispute.taken_minor))
        .where(
            col(Dispute.payment_id).in_(payment_ids),
            col(Dispute.state) != DisputeState.WON,
            col(Dispute.taken_minor) > 0,
        )
        .group_by(col(Dispute.payment_id))
    )
    return {id_: int(minor) for id_, minor in await tx.execute(taken)}


async def given_outside(tx: Tx, payments: Sequence[str]) -> dict[str, Money]:
    """What of these payments was given back past the provider; those of which something
    was."""
    if not payments:
        return {}
    sums = (
        sa.select(
            col(Refund.payment_id), col(Refund.currency), sa.func.sum(Refund.amount_minor)
        )
        .where(
            col(Refund.payment_id).in_(payments),
            col(Refund.outside).is_not(None),
            col(Refund.state) == RefundState.SETTLED,
        )
        .group_by(col(Refund.payment_id), col(Refund.currency))
    )
    return {
        payment: Money(int(minor), currency)
        for payment, currency, minor in await tx.execute(sums)
    }


async def newest_payments(
    tx: Tx, *, state: PaymentState | None = None, after: Cursor | None = None, limit: int = 50
) -> Page[Payment]:
    """Payments, newest first, a page at a time."""
    place = sa.tuple_(col(Payment.recorded_at), col(Payment.id))
    wanted = sa.select(Payment)
    if state is not None:
        wanted = wanted.where(col(Payment.state) == state)
    if after is not None:
        wanted = wanted.where(place < (after.at, after.id))
    order = wanted.order_by(col(Payment.recorded_at).desc(), col(Payment.id).desc())
    rows = list((await tx.execute(order.limit(limit + 1))).scalars())
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(rows[:limit], Cursor(last.recorded_at, last.id) if last else None)


async def newest_refunds(tx: Tx, *, limit: int = 50) -> Sequence[Refund]:
    """Refunds, newest first."""
    order = sa.select(Refund).order_by(col(Refund.requested_at).desc(), col(Refund.id).desc())
    return (await tx.execute(order.limit(limit))).scalars().all()
