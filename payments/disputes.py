"""Disputes: a buyer's bank takes money back, and may be convinced to return it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.outbox import emit
from payments import rules
from payments.errors import DisputeDecided, NoSuchDispute
from payments.events import DisputeClosed, DisputeOpened, EvidenceWanted
from payments.gateway import PaymentGateway
from payments.outgoing import ProviderDispute
from payments.rules import DisputeState
from payments.tables import Payment
from payments.tables_out import Dispute

OPEN = frozenset({DisputeState.INQUIRY, DisputeState.NEEDS_ANSWER, DisputeState.UNDER_REVIEW})


async def apply(tx: Tx, told: ProviderDispute, *, now: datetime) -> bool:
    """Make our record agree with what the provider says, as far as that is news; whether it
    is about one of our payments. Money that was taken is told before how it ended."""
    paid = sa.select(Payment).where(col(Payment.provider_id) == told.provider_payment)
    payment = (await tx.execute(paid)).scalar_one_or_none()
    if payment is None:
        return False
    row = Dispute(
        id=ids.new("dsp"),
        provider_id=told.id,
        payment_id=payment.id,
        reference=payment.reference,
        state=DisputeState.INQUIRY,
        amount_minor=told.amount.minor,
        currency=told.amount.currency,
        reason=told.reason,
        evidence={},
        answer_by=told.answer_by,
        opened_at=now,
    )
    insert = postgresql.insert(Dispute).values(row.model_dump())
    await tx.execute(insert.on_conflict_do_nothing(index_elements=["provider_id"]))
    found = await _locked(tx, told.id)
    if told.withdrawn and not found.taken_minor:
        found.taken_minor, found.fee_minor = told.withdrawn.minor, told.fee.minor
        found.fee_currency = told.fee.currency
        opened = DisputeOpened(
            dispute=found.id,
            payment=payment.id,
            reference=payment.reference,
            amount=told.withdrawn,
            fee=told.fee,
            booked=told.booked,
            at=now,
        )
        await emit(tx, opened, _evidence(found, submit=False))
    state = DisputeState(told.state.value)
    if found.state in rules.before(rules.NEXT_DISPUTE, state):
        found.state = state
        if state not in OPEN:
            found.closed_at = now
            await _closed(tx, found, told, now)
    await tx.flush()
    return True


async def request_answer(
    tx: Tx, dispute: str, *, note: str, submit: bool, now: datetime
) -> Dispute:
    """Have what speaks for us put together, with our own words, and put before the bank.

    Raises:
        NoSuchDispute: there is none.
        DisputeDecided: it is over.
    """
    found = await get(tx, dispute)
    if found.state not in OPEN:
        raise DisputeDecided(dispute=dispute, state=found.state)
    found.note = note or found.note
    await tx.flush()
    await emit(tx, _evidence(found, submit=submit))
    return found


async def answer(
    db: Database,
    gateway: PaymentGateway,
    event: EvidenceWanted,
    evidence: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Job: put the evidence before the bank. Putting the same again changes nothing there.

    Raises:
        OutcomeUnknown, NotAsked: call again later.
    """
    async with db.begin() as tx:
        dispute = await get(tx, event.dispute)
    if dispute.state not in OPEN or (dispute.answered_at is not None and not event.submit):
        return
    told = await gateway.answer_dispute(dispute.provider_id, evidence, submit=event.submit)
    async with db.begin() as tx:
        found = await _locked(tx, dispute.provider_id)
        found.evidence = dict(evidence)
        if event.submit:
            found.answered_at = now
        await tx.flush()
        await apply(tx, told, now=now)


async def get(tx: Tx, dispute: str) -> Dispute:
    """One dispute.

    Raises:
        NoSuchDispute: there is none.
    """
    found = await tx.get(Dispute, dispute, populate_existing=True)
    if found is None:
        raise NoSuchDispute(dispute=dispute)
    return found


async def newest(tx: Tx, *, limit: int = 100) -> Sequence[Dispute]:
    """Disputes, those that wait for an answer first."""
    waiting = sa.case((col(Dispute.state).in_(OPEN), 0), else_=1)
    order = sa.select(Dispute).order_by(
        waiting, col(Dispute.opened_at).desc(), col(Dispute.id).desc()
    )
    return (await tx.execute(order.limit(limit))).scalars().all()


async def _closed(tx: Tx, found: Dispute, told: ProviderDispute, now: datetime) -> None:
    exchanged = None
    if told.booked is not None and told.booked_back is not None:
        exchanged = told.booked_back - told.booked
    closed = DisputeClosed(
        dispute=found.id,
        payment=found.payment_id,
        reference=found.reference,
        amount=found.money(found.taken_minor),
        fee=found.fee,
        won=found.state is DisputeState.WON,
        exchanged=exchanged,
        at=now,
    )
    await emit(tx, closed)


def _evidence(found: Dispute, *, submit: bool) -> EvidenceWanted:
    return EvidenceWanted(
        dispute=found.id,
        payment=found.payment_id,
        reference=found.reference,
        submit=submit,
    )


async def _locked(tx: Tx, provider_id: str) -> Dispute:
    row: Any = sa.select(Dispute).where(col(Dispute.provider_id) == provider_id)
    fresh = row.with_for_update().execution_options(populate_existing=True)
    found: Dispute = (await tx.execute(fresh)).scalar_one()
    return found
