"""Giving money back: never more than was captured, however many ask at once."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from payments import queries, rules
from payments.errors import BadAmount, NotUnderstood, RefundDiffers, RefundTooLarge
from payments.events import RefundBooked, RefundFailed, RefundSettled, RefundWanted
from payments.gateway import PaymentGateway, ProviderRefund, Refused, There, WantedRefund
from payments.rules import NEXT_REFUND, NOT_PAID, PaymentState, RefundState
from payments.tables import Payment, Refund

get = queries.refund
of_payment = queries.refunds_of


async def request(
    tx: Tx,
    *,
    payment: str,
    reference: str,
    amount: Money,
    reason: str,
    key: str,
    now: datetime,
) -> Refund:
    """Set the amount aside from the payment and write down that it goes back.

    Args:
        reference: what it is given back for, as the caller knows it (an order); it comes
            back in every event.
        key: asking again with it returns the first refund.

    Raises:
        NoSuchPayment: there is no such payment.
        BadAmount: not positive, or not in the payment's currency.
        RefundTooLarge: less than that is left of what was captured.
        RefundDiffers: the key stands for another refund.
    """
    row = _row(payment, reference, amount, RefundState.WANTED, reason, key, now)
    fresh = await _recorded(tx, row)
    if fresh is None:
        return await _asked_before(tx, row)
    wanted = RefundWanted(refund=fresh.id, payment=payment, reference=reference, amount=amount)
    await emit(tx, wanted)
    return fresh


async def paid_outside(
    tx: Tx,
    *,
    payment: str,
    reference: str,
    amount: Money,
    by: str,
    reason: str,
    key: str,
    now: datetime,
) -> Refund:
    """Write down that it was given back past the provider, who is never asked: it is settled.

    No event tells it: whoever says so knows.

    Args:
        by: the reference under which the bank paid it.
        key: saying it again with it returns the first refund.

    Raises:
        NoSuchPayment, BadAmount, RefundTooLarge, RefundDiffers: as for :func:`request`.
    """
    row = _row(payment, reference, amount, RefundState.SETTLED, reason, key, now)
    row.outside, row.settled_at = by, now
    return await _recorded(tx, row) or await _asked_before(tx, row)


async def not_paid_outside(tx: Tx, refund_id: str, *, now: datetime) -> bool:
    """It was written down that it was given back past the provider, and it was not: it has
    failed, as one that had settled. Whether that is news.

    Raises:
        NoSuchRefund: there is none.
    """
    refund = await queries.refund(tx, refund_id)
    return refund.outside is not None and await _failed(tx, refund_id, NOT_PAID, now)


async def send(
    db: Database, gateway: PaymentGateway, refund_id: str, *, now: datetime
) -> Refund:
    """Have the provider give it back; sent already, it changes nothing.

    Raises:
        OutcomeUnknown, NotAsked: call again later; nothing is lost and nothing doubled.
    """
    async with db.begin() as tx:
        since = sa.func.coalesce(col(Refund.asked_at), now)
        waiting = [RefundState.WANTED, RefundState.ASKED]
        await _move(tx, refund_id, RefundState.ASKED, before=waiting, asked_at=since)
        refund = await queries.refund(tx, refund_id)
        payment = await queries.payment(tx, refund.payment_id)
    if refund.state is not RefundState.ASKED:
        return refund
    try:
        told = await _ask(gateway, refund, payment, now)
    except (Refused, BadAmount) as refusal:
        code = str(refusal.facts.get("reason", refusal.code))
        async with db.begin() as tx:
            await _failed(tx, refund_id, code, now)
            return await queries.refund(tx, refund_id)
    async with db.begin() as tx:
        await apply(tx, told, now=now)
        return await queries.refund(tx, refund_id)


async def apply(tx: Tx, told: ProviderRefund, *, now: datetime) -> bool:
    """Make our record agree with what the provider says, as far as that is news.

    A refund made at the provider's own dashboard becomes a record of ours first. Returns
    whether it belongs to one of our payments.

    Raises:
        NotUnderstood: it was made there, and is more than is left of the payment.
    """
    refund = await _ours(tx, told) or await _adopted(tx, told, now)
    if refund is None:
        return False
    match told.state:
        case There.SETTLED:
            if await _settled(tx, refund.id, told.id, now):
                await _booked(tx, refund, told.booked)
        case There.FAILED:
            if await _failed(tx, refund.id, told.failure or "unknown", now, told.id):
                await _booked(tx, refund, told.unbooked)
        case _:
            await _move(tx, refund.id, RefundState.PENDING, provider_id=told.id)
    return True


def _row(
    payment: str,
    reference: str,
    amount: Money,
    state: RefundState,
    reason: str,
    key: str,
    now: datetime,
) -> Refund:
    return Refund(
        id=ids.new("rfd"),
        payment_id=payment,
        reference=reference,
        key=key,
        state=state,
        amount_minor=amount.minor,
        currency=amount.currency,
        reason=reason,
        requested_at=now,
    )


async def _recorded(tx: Tx, row: Refund) -> Refund | None:
    """The refund with its amount set aside from the payment; nothing if its key is taken."""
    paid = await queries.payment(tx, row.payment_id)
    if row.amount_minor <= 0 or row.currency != paid.currency:
        raise BadAmount(minor=row.amount_minor, currency=row.currency)
    insert = postgresql.insert(Refund).values(row.model_dump())
    fresh = await _one(tx, insert.on_conflict_do_nothing(index_elements=["key"]))
    if fresh is not None:
        await _set_aside(tx, row.payment_id, row.amount)
    return fresh


async def _ask(
    gateway: PaymentGateway, refund: Refund, payment: Payment, now: datetime
) -> ProviderRefund:
    assert refund.asked_at is not None
    assert payment.provider_id is not None
    if not rules.key_is_fresh(refund.asked_at, now=now):
        found = await gateway.find_refund(payment.provider_id, refund.id)
        if found is not None:
            return found
    want = WantedRefund(
        key=refund.id,
        provider_payment=payment.provider_id,
        amount=refund.amount,
        details={"refund": refund.id, "reference": refund.reference},
    )
    return await gateway.refund(want)


async def _asked_before(tx: Tx, wanted: Refund) -> Refund:
    same = sa.select(Refund).where(col(Refund.key) == wanted.key)
    first = (await tx.execute(same)).scalar_one()
    asked = (wanted.payment_id, wanted.reference, wanted.amount, wanted.outside)
    if (first.payment_id, first.reference, first.amount, first.outside) != asked:
        raise RefundDiffers(refund=first.id)
    return first


async def _set_aside(tx: Tx, payment: str, amount: Money) -> None:
    total = col(Payment.refund_minor) + amount.minor
    take = sa.update(Payment).where(
        col(Payment.id) == payment,
        col(Payment.state) == PaymentState.CAPTURED,
        total <= col(Payment.captured_minor),
    )
    taken = await tx.execute(take.values(refund_minor=total).returning(col(Payment.id)))
    if taken.scalar() is None:
        paid = await queries.payment(tx, payment)
        left = paid.refundable
        raise RefundTooLarge(wanted=amount.minor, left=left.minor, currency=left.currency)


async def _ours(tx: Tx, told: ProviderRefund) -> Refund | None:
    by_number = col(Refund.provider_id) == told.id
    by_name = sa.and_(col(Refund.provider_id).is_(None), col(Refund.id) == told.refund)
    found = await tx.execute(sa.select(Refund).where(sa.or_(by_number, by_name)))
    return found.scalar_one_or_none()


async def _adopted(tx: Tx, told: ProviderRefund, now: datetime) -> Refund | None:
    theirs = (
        sa.select(Payment)
        .where(col(Payment.provider_id) == told.provider_payment)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    payment = (await tx.execute(theirs)).scalar_one_or_none()
    if payment is None or told.refund is not None:
        return None
    there = await _ours(tx, told)
    if there is not None:  # another message about it was understood at the same moment
        return there
    if told.amount.minor > payment.refundable.minor:  # it was paid outside, and once more there
        left = payment.refundable
        raise NotUnderstood(refund=told.id, wanted=told.amount.minor, left=left.minor)
    why = "given back at the provider"
    row = _row(payment.id, payment.reference, told.amount, RefundState.ASKED, why, told.id, now)
    row.provider_id, row.asked_at = told.id, now
    return await _recorded(tx, row)


async def _booked(tx: Tx, refund: Refund, line: str | None) -> None:
    """Have the rate learnt at which it was booked, unless there was none."""
    payment = await queries.payment(tx, refund.payment_id)
    if line is not None and payment.settled_in != refund.currency:
        booked = RefundBooked(refund=refund.id, payment=payment.id, balance_transaction=line)
        await emit(tx, booked)


async def _settled(tx: Tx, refund_id: str, number: str, now: datetime) -> bool:
    """Whether it is so from now on."""
    row = await _move(tx, refund_id, RefundState.SETTLED, provider_id=number, settled_at=now)
    if row is not None:
        settled = RefundSettled(
            refund=row.id,
            payment=row.payment_id,
            reference=row.reference,
            amount=row.amount,
            at=now,
        )
        await emit(tx, settled)
    return row is not None


async def _failed(
    tx: Tx, refund_id: str, code: str, now: datetime, number: str | None = None
) -> bool:
    """Whether it had settled, and came back."""
    known: dict[str, Any] = {} if number is None else {"provider_id": number}
    row = await _move(tx, refund_id, RefundState.FAILED, failure=code, failed_at=now, **known)
    if row is None:
        return False
    give_back = sa.update(Payment).where(col(Payment.id) == row.payment_id)
    less = col(Payment.refund_minor) - row.amount_minor
    await tx.execute(give_back.values(refund_minor=less))
    failed = RefundFailed(
        refund=row.id,
        payment=row.payment_id,
        reference=row.reference,
        amount=row.amount,
        code=code,
        settled=row.settled_at is not None,
    )
    await emit(tx, failed)
    return failed.settled


async def _move(
    tx: Tx,
    refund_id: str,
    to: RefundState,
    *,
    before: list[RefundState] | None = None,
    **new: Any,
) -> Refund | None:
    """The row in its new state, or nothing if another got there first."""
    states = before or rules.before(NEXT_REFUND, to)
    move = sa.update(Refund).where(col(Refund.id) == refund_id, col(Refund.state).in_(states))
    return await _one(tx, move.values(state=to, **new))


async def _one(tx: Tx, write: Any) -> Refund | None:
    written = write.returning(Refund).execution_options(
        synchronize_session=False, populate_existing=True
    )
    found: Refund | None = (await tx.execute(written)).scalar_one_or_none()
    return found
