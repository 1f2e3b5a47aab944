"""Asks again where an outcome is unknown, and for what should long have been done.

Jobs do this on their own while they are retried; this is for after that, and for messages
that the provider sent and nobody received.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Database
from payments import inbox, intents, methods, payees, refunds, reversals, transfers
from payments.errors import TransferNotSent
from payments.gateway import NotAsked, OutcomeUnknown, PaymentGateway, Refused
from payments.rules import PayeeState, PaymentState, RefundState
from payments.tables import InboxRow, Payment, Refund

_ACCOUNT_EVERY = timedelta(minutes=10)
_OVERLAP = timedelta(minutes=10)
_NEWS_LAST = timedelta(days=10)
"""A payout reaches or leaves its bank within a week or so."""


async def ask_again(
    db: Database,
    gateway: PaymentGateway,
    *,
    now: datetime,
    after: timedelta = timedelta(minutes=2),
    limit: int = 20,
) -> int:
    """Ask about payments and refunds that have waited this long; tells how many.

    One that stays unknown is left for the next time, and does not keep the others waiting.
    """
    old = now - after
    async with db.begin() as tx:
        payments = await tx.execute(
            sa.select(col(Payment.id))
            .where(
                col(Payment.state).in_([PaymentState.WANTED, PaymentState.ASKED]),
                col(Payment.recorded_at) < old,
            )
            .order_by(col(Payment.recorded_at))
            .limit(limit)
        )
        wanted = payments.scalars().all()
        refunded = await tx.execute(
            sa.select(col(Refund.id))
            .where(
                col(Refund.state).in_([RefundState.WANTED, RefundState.ASKED]),
                col(Refund.requested_at) < old,
            )
            .order_by(col(Refund.requested_at))
            .limit(limit)
        )
        going_back = refunded.scalars().all()
        unwanted = await methods.leaving(tx, before=old, limit=limit)
        sending, taking_back = await transfers.waiting(tx, before=old, limit=limit)
    answered = 0
    for payment in wanted:
        try:
            await intents.open_with_provider(db, gateway, payment, now=now)
            answered += 1
        except (OutcomeUnknown, NotAsked):
            continue
    for refund in going_back:
        try:
            await refunds.send(db, gateway, refund, now=now)
            answered += 1
        except (OutcomeUnknown, NotAsked):
            continue
    for transfer in sending:
        try:
            await transfers.send(db, gateway, transfer, now=now)
            answered += 1
        except (OutcomeUnknown, NotAsked):
            continue
    for reversal in taking_back:
        try:
            await reversals.reverse(db, gateway, reversal, now=now)
            answered += 1
        except (OutcomeUnknown, NotAsked, TransferNotSent):
            continue
    for method in unwanted:
        try:
            await methods.let_go(db, gateway, method, now=now)
            answered += 1
        except (OutcomeUnknown, NotAsked):
            continue
    return answered


async def listen_again(
    db: Database,
    gateway: PaymentGateway,
    *,
    now: datetime,
    overlap: timedelta = timedelta(minutes=10),
) -> int:
    """Fetch what the provider said around and after the last message we have; how many new.

    Without any message yet, it looks back over the overlap only.
    """
    async with db.begin() as tx:
        last = sa.select(sa.func.max(InboxRow.said_at)).where(
            col(InboxRow.source) == gateway.source
        )
        newest = (await tx.execute(last)).scalar()
    since = min(newest or now, now) - overlap
    return await inbox.catch_up(db, gateway, since=since, now=now)


async def listen_to_payees(
    db: Database, gateway: PaymentGateway, *, now: datetime, limit: int = 10
) -> int:
    """Fetch what was said of connected accounts and never arrived; how many messages were new.

    An account is asked about when it may have news (its owner answers questions, money was
    sent to it, a payout is on its way), each every ten minutes at most: one request each. One
    that is not ready is looked at besides, whatever was said of it.
    """
    before, lately = now - _ACCOUNT_EVERY, now - _NEWS_LAST
    async with db.begin() as tx:
        theirs = await payees.to_hear(tx, before=before, lately=lately, limit=limit)
    fresh = 0
    for payee in theirs:
        since = (payee.heard_at or payee.wanted_at) - _OVERLAP
        try:
            fresh += await inbox.catch_up(
                db, gateway, since=since, now=now, account=payee.provider_id
            )
            if payee.state is not PayeeState.READY:
                await payees.look(db, gateway, payee.owner, now=now)
        except (OutcomeUnknown, NotAsked, Refused):
            continue
        async with db.begin() as tx:
            await payees.heard(tx, payee.owner, now=now)
    return fresh
