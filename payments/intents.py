"""Collecting one amount: record it, open it with the provider, learn how it ended.

Recorded in the caller's transaction, opened by a job. We write down that we are about to
ask before we ask, so a crash or a timeout leaves ``asked``, and asking again with the same
key finds what the first time made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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
from payments.errors import BadAmount, NoSuchPayment, NotUnderstood, PaymentInTheWay
from payments.events import (
    PaymentCancelled,
    PaymentCaptured,
    PaymentFailed,
    PaymentOpened,
    PaymentProcessing,
    PaymentWanted,
)
from payments.gateway import PaymentGateway, ProviderPayment, Refused, There, WantedPayment
from payments.rules import LIVE, NEXT, PaymentState
from payments.tables import Payment

CHARGING = "charging"
"""Under this name a payment's details say how it is charged."""

REFUSED_DIRECT = "destination_refused"


@dataclass(frozen=True, slots=True)
class Direct:
    """Who gets the money with the charge, in which account, and what comes back to us."""

    owner: str
    account: str
    fee: Money


get = queries.payment
for_reference = queries.payment_for


async def record(
    tx: Tx,
    *,
    reference: str,
    amount: Money,
    description: str,
    metadata: Mapping[str, str],
    direct: Direct | None = None,
    now: datetime,
) -> Payment:
    """Write down that this amount is wanted for this reference.

    Args:
        direct: it is sent on with the charge itself.

    Recording the same amount again while it can still be paid returns the first.

    Raises:
        BadAmount: nothing, or less than nothing, was asked for.
        PaymentInTheWay: the reference is paid, or another amount is being collected for it.
    """
    if amount.minor <= 0:
        raise BadAmount(minor=amount.minor, currency=amount.currency)
    # Locked, because one of them might be captured while we decide.
    mine = sa.select(Payment).where(col(Payment.reference) == reference)
    in_order = mine.order_by(col(Payment.attempt)).with_for_update()
    earlier = (await tx.execute(in_order)).scalars().all()
    if any(payment.state is PaymentState.CAPTURED for payment in earlier):
        raise PaymentInTheWay(reference=reference)
    row = Payment(
        id=ids.new("pay"),
        reference=reference,
        attempt=1 + max((payment.attempt for payment in earlier), default=0),
        state=PaymentState.WANTED,
        amount_minor=amount.minor,
        currency=amount.currency,
        description=description,
        details=dict(metadata),
        direct_owner=direct.owner if direct else None,
        direct_account=direct.account if direct else None,
        fee_minor=direct.fee.minor if direct else None,
        recorded_at=now,
    )
    # No arbiter is named: a rival's row is in the way by its attempt or by being live.
    insert = postgresql.insert(Payment).values(row.model_dump()).on_conflict_do_nothing()
    fresh = (await tx.execute(insert.returning(Payment))).scalar_one_or_none()
    if fresh is not None:
        await emit(tx, PaymentWanted(payment=fresh.id, reference=reference))
        return fresh
    live = await _live(tx, reference)
    if live is None or live.amount != amount:
        raise PaymentInTheWay(reference=reference)
    return live


async def open_with_provider(
    db: Database, gateway: PaymentGateway, payment_id: str, *, now: datetime
) -> Payment:
    """Make it possible to pay; done already, or past that, it changes nothing.

    Raises:
        OutcomeUnknown, NotAsked: call again later; nothing is lost and nothing doubled.
    """
    async with db.begin() as tx:
        payment = await _about_to_ask(tx, payment_id, now)
    if payment.state is not PaymentState.ASKED:
        return payment
    try:
        told = await _ask(gateway, payment, now)
    except (Refused, BadAmount) as refusal:
        if payment.direct_account is not None:
            await _not_direct(db, payment)
            return await open_with_provider(db, gateway, payment_id, now=now)
        code = str(refusal.facts.get("reason", refusal.code))
        async with db.begin() as tx:
            return await _refused(tx, payment.id, code)
    async with db.begin() as tx:
        await apply(tx, told, now=now)
        return await queries.payment(tx, payment_id)


async def cancel_with_provider(
    db: Database, gateway: PaymentGateway, reference: str, *, now: datetime
) -> Payment:
    """Make sure that nobody can pay for this reference any more, or learn that somebody did.

    The state of the returned payment is the answer: ``cancelled`` or ``refused``, nobody
    can; ``captured``, it is paid; ``processing``, a wallet is busy, so ask again later.

    Raises:
        NoSuchPayment: nothing was ever recorded for this reference.
        OutcomeUnknown, NotAsked: call again later.
    """
    async with db.begin() as tx:
        payment = await _live(tx, reference)
        if payment is not None and payment.state is PaymentState.WANTED:
            # Nobody has been asked, and now nobody will be.
            await _cancelled(tx, payment.id, now, was=PaymentState.WANTED)
            payment = await _live(tx, reference)
        last = payment or await queries.payment_for(tx, reference)
    if last is None:
        raise NoSuchPayment(reference=reference)
    if payment is None:
        return last
    if payment.state is PaymentState.ASKED:
        payment = await open_with_provider(db, gateway, payment.id, now=now)
    if payment.state not in LIVE or payment.provider_id is None:
        return payment
    told = await gateway.cancel(payment.provider_id)
    async with db.begin() as tx:
        await apply(tx, told, now=now)
        return await queries.payment(tx, payment.id)


async def apply(tx: Tx, told: ProviderPayment, *, now: datetime) -> bool:
    """Make our record agree with what the provider says, as far as that is news.

    Returns whether the payment is one of ours.
    """
    payment = await _ours(tx, told)
    if payment is None:
        return False
    match told.state:
        case There.CAPTURED:
            await _captured(tx, payment, told, now)
        case There.CANCELLED:
            await _cancelled(tx, payment.id, now)
        case There.PROCESSING:
            await _processing(tx, payment.id, told)
        case There.OPEN if told.client_secret is not None:
            await _opened(tx, payment.id, told, now)
        case _:
            pass  # a webhook about an open payment: no secret in it, nothing new
    return True


async def attempt_failed(tx: Tx, told: ProviderPayment) -> bool:
    """An attempt was declined. The payment stays open for the next one."""
    payment = await _ours(tx, told)
    if payment is None:
        return False
    code = told.failure or "unknown"
    mark = sa.update(Payment).where(col(Payment.id) == payment.id, col(Payment.state).in_(LIVE))
    row = await _one(tx, mark.values(failure=code))
    if row is not None:
        if row.state is PaymentState.PROCESSING:
            await _move(tx, row.id, PaymentState.OPEN, failure=code)
        await emit(tx, PaymentFailed(payment=row.id, reference=row.reference, code=code))
    return True


async def _ask(gateway: PaymentGateway, payment: Payment, now: datetime) -> ProviderPayment:
    assert payment.asked_at is not None
    if not rules.key_is_fresh(payment.asked_at, now=now):
        found = await gateway.find(payment.id)
        if found is not None:
            return found
    details = {**payment.details, "payment": payment.id, "reference": payment.reference}
    usual = payment.details.get(CHARGING) == REFUSED_DIRECT
    direct = payment.direct
    want = WantedPayment(
        key=f"{payment.reference}:pay:{payment.attempt}" + (":usual" if usual else ""),
        amount=payment.amount,
        description=payment.description,
        details=details,
        account=payment.direct_account,
        fee=None if direct is None else payment.amount - direct,
    )
    return await gateway.open(want)


async def _not_direct(db: Database, payment: Payment) -> None:
    """The provider will not send it on with the charge: it is collected the usual way."""
    mine = sa.update(Payment).where(
        col(Payment.id) == payment.id, col(Payment.state) == PaymentState.ASKED
    )
    usual = {"direct_owner": None, "direct_account": None, "fee_minor": None}
    details = {**payment.details, CHARGING: REFUSED_DIRECT}
    async with db.begin() as tx:
        await tx.execute(mine.values(details=details, **usual))


async def _ours(tx: Tx, told: ProviderPayment) -> Payment | None:
    by_number = col(Payment.provider_id) == told.id
    by_name = sa.and_(col(Payment.provider_id).is_(None), col(Payment.id) == told.payment)
    found = await tx.execute(sa.select(Payment).where(sa.or_(by_number, by_name)))
    return found.scalar_one_or_none()


async def _live(tx: Tx, reference: str) -> Payment | None:
    live = sa.select(Payment).where(
        col(Payment.reference) == reference, col(Payment.state).in_(LIVE)
    )
    fresh = live.execution_options(populate_existing=True)
    return (await tx.execute(fresh)).scalar_one_or_none()


async def _about_to_ask(tx: Tx, payment_id: str, now: datetime) -> Payment:
    since = sa.func.coalesce(col(Payment.asked_at), now)
    await _move(tx, payment_id, PaymentState.ASKED, asked_at=since)
    return await queries.payment(tx, payment_id)


async def _opened(tx: Tx, payment_id: str, told: ProviderPayment, now: datetime) -> None:
    row = await _move(
        tx,
        payment_id,
        PaymentState.OPEN,
        provider_id=told.id,
        client_secret=told.client_secret,
        opened_at=now,
        was=PaymentState.ASKED,
    )
    if row is not None:
        await emit(tx, PaymentOpened(payment=row.id, reference=row.reference, at=now))


async def _processing(tx: Tx, payment_id: str, told: ProviderPayment) -> None:
    row = await _move(tx, payment_id, PaymentState.PROCESSING, provider_id=told.id)
    if row is not None:
        await emit(tx, PaymentProcessing(payment=row.id, reference=row.reference))


async def _captured(tx: Tx, payment: Payment, told: ProviderPayment, now: datetime) -> None:
    if payment.state is PaymentState.CAPTURED:
        return  # told before
    if told.received.currency != payment.currency or told.charge is None:
        raise NotUnderstood(payment=payment.id, told=str(told.received), charge=told.charge)
    row = await _move(
        tx,
        payment.id,
        PaymentState.CAPTURED,
        provider_id=told.id,
        charge=told.charge,
        captured_minor=told.received.minor,
        captured_at=now,
        client_secret=None,
        failure=None,  # of an attempt before it
    )
    if row is None:
        return  # another told it first
    await emit(
        tx,
        PaymentCaptured(
            payment=row.id,
            reference=row.reference,
            amount=told.received,
            charge=told.charge,
            at=now,
        ),
    )


async def _cancelled(
    tx: Tx, payment_id: str, now: datetime, *, was: PaymentState | None = None
) -> None:
    row = await _move(
        tx, payment_id, PaymentState.CANCELLED, cancelled_at=now, client_secret=None, was=was
    )
    if row is not None:
        await emit(tx, PaymentCancelled(payment=row.id, reference=row.reference))


async def _refused(tx: Tx, payment_id: str, code: str) -> Payment:
    row = await _move(tx, payment_id, PaymentState.REFUSED, failure=code)
    if row is None:
        return await queries.payment(tx, payment_id)
    said = PaymentFailed(payment=row.id, reference=row.reference, code=code, final=True)
    await emit(tx, said)
    return row


async def _move(
    tx: Tx, payment_id: str, to: PaymentState, *, was: PaymentState | None = None, **new: Any
) -> Payment | None:
    """The row in its new state, or nothing if another got there first."""
    before = [was] if was is not None else rules.before(NEXT, to)
    move = sa.update(Payment).where(
        col(Payment.id) == payment_id, col(Payment.state).in_(before)
    )
    return await _one(tx, move.values(state=to, **new))


async def _one(tx: Tx, update: sa.Update) -> Payment | None:
    moved = update.returning(Payment).execution_options(
        synchronize_session=False, populate_existing=True
    )
    return (await tx.execute(moved)).scalar_one_or_none()
