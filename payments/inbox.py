"""What the provider says: stored first, answered at once, understood once, in any order."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.outbox import emit
from payments import (
    disputes,
    intents,
    methods,
    payees,
    payouts,
    refunds,
    stripe_outgoing,
    stripe_words,
    transfers,
)
from payments.errors import NotUnderstood
from payments.events import ChargeBooked, StripeSaid
from payments.gateway import Heard, PaymentGateway
from payments.stripe_words import understood
from payments.tables import InboxRow, Payment

log = logging.getLogger(__name__)

_SECRETS = frozenset({"client_secret"})
NOT_UNDERSTOOD = "not understood"


@dataclass(frozen=True, slots=True)
class Received:
    """Where a message was stored, and whether it was the first of its kind."""

    inbox: str
    fresh: bool


async def receive(
    db: Database,
    gateway: PaymentGateway,
    raw: bytes,
    signature: str,
    *,
    now: datetime,
    connected: bool = False,
) -> Received:
    """Check and store a webhook. A repeat is stored no second time, and not told again.

    Args:
        connected: it came by the endpoint of connected accounts.

    Raises:
        EndpointOff: no secret is set.
        Forged, Stale, Foreign: it is not to be believed.
        Unreadable: it is signed and still no event.
    """
    heard = gateway.hear(raw, signature, now=now, connected=connected)
    async with db.begin() as tx:
        return await _store(tx, heard, now)


async def catch_up(
    db: Database,
    gateway: PaymentGateway,
    *,
    since: datetime,
    now: datetime,
    account: str | None = None,
) -> int:
    """Ask the provider what it has said since then, for messages that never arrived; of our
    account, or of a connected one.

    Returns how many were new.
    """
    heard = await gateway.said_since(since, account=account)
    async with db.begin() as tx:
        stored = [await _store(tx, one, now) for one in heard]
    return sum(one.fresh for one in stored)


async def on_stripe_said(tx: Tx, event: StripeSaid, *, now: datetime) -> None:
    """Reaction: act on a stored message, unless that has been done.

    A message that cannot be understood is marked so and logged. It is not tried again: what
    it lacks will not come.
    """
    mine = sa.update(InboxRow).where(
        col(InboxRow.id) == event.inbox, col(InboxRow.understood_at).is_(None)
    )
    row = (
        await tx.execute(
            mine.values(understood_at=now)
            .returning(InboxRow)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
    ).scalar_one_or_none()
    if row is None:
        return
    understand = UNDERSTOOD.get(row.kind)
    if understand is None:
        row.outcome = "irrelevant"
        return
    try:
        row.outcome = "ours" if await understand(tx, row, now) else "not ours"
    except NotUnderstood as odd:
        row.outcome = NOT_UNDERSTOOD
        facts = {"inbox": row.id, "event": row.event_id, "kind": row.kind, **odd.facts}
        log.error("a message of the provider's was not understood", extra=facts)


async def not_understood(tx: Tx) -> Sequence[InboxRow]:
    """The messages that somebody has to look at, newest first, a hundred at most."""
    odd = sa.select(InboxRow).where(col(InboxRow.outcome) == NOT_UNDERSTOOD)
    newest = odd.order_by(col(InboxRow.received_at).desc(), col(InboxRow.id)).limit(100)
    return (await tx.execute(newest)).scalars().all()


async def _store(tx: Tx, heard: Heard, now: datetime) -> Received:
    row = InboxRow(
        id=ids.new("ibx"),
        source=heard.source,
        event_id=heard.id,
        kind=heard.kind,
        said_at=heard.said_at,
        received_at=now,
        body=_without_secrets(heard.body),
        account=heard.account,
    )
    insert = postgresql.insert(InboxRow).values(row.model_dump())
    once = insert.on_conflict_do_nothing(index_elements=["source", "event_id"])
    fresh = (await tx.execute(once.returning(col(InboxRow.id)))).scalar()
    if fresh is not None:
        await emit(tx, StripeSaid(inbox=row.id, kind=heard.kind))
        return Received(row.id, fresh=True)
    same = sa.select(col(InboxRow.id)).where(
        col(InboxRow.source) == heard.source, col(InboxRow.event_id) == heard.id
    )
    return Received((await tx.execute(same)).scalar_one(), fresh=False)


def _without_secrets(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in _SECRETS}


async def _payment(tx: Tx, row: InboxRow, now: datetime) -> bool:
    return await intents.apply(tx, understood(stripe_words.payment, row.body), now=now)


async def _attempt_failed(tx: Tx, row: InboxRow, _now: datetime) -> bool:
    return await intents.attempt_failed(tx, understood(stripe_words.payment, row.body))


async def _refund(tx: Tx, row: InboxRow, now: datetime) -> bool:
    return await refunds.apply(tx, understood(stripe_words.refund, row.body), now=now)


async def _charge(tx: Tx, row: InboxRow, _now: datetime) -> bool:
    """A charge that has reached our balance: its fee can be learnt, once."""
    told = understood(stripe_words.charge, row.body)
    line, ours = told.balance_transaction, told.payment
    if line is None:
        return True  # it will be updated when it is booked
    by_number = col(Payment.provider_id) == told.provider_payment
    first = sa.update(Payment).where(
        sa.or_(by_number, sa.and_(col(Payment.provider_id).is_(None), col(Payment.id) == ours)),
        col(Payment.balance_transaction).is_(None),
    )
    mark = first.values(balance_transaction=line).returning(col(Payment.id))
    payment = (await tx.execute(mark)).scalar_one_or_none()
    if payment is not None:
        booked = ChargeBooked(payment=payment, charge=told.id, balance_transaction=line)
        await emit(tx, booked)
    return True


async def _method(tx: Tx, row: InboxRow, now: datetime) -> bool:
    return await methods.apply(tx, understood(stripe_words.method, row.body), now=now)


async def _account(tx: Tx, row: InboxRow, now: datetime) -> bool:
    return await payees.apply(tx, understood(stripe_outgoing.account, row.body), now=now)


async def _transfer(tx: Tx, row: InboxRow, now: datetime) -> bool:
    return await transfers.apply(tx, understood(stripe_outgoing.transfer, row.body), now=now)


async def _payout(tx: Tx, row: InboxRow, now: datetime) -> bool:
    told = understood(stripe_outgoing.payout, row.body)
    return await payouts.apply(tx, told, account=row.account, now=now)


async def _dispute(tx: Tx, row: InboxRow, now: datetime) -> bool:
    return await disputes.apply(tx, understood(stripe_outgoing.dispute, row.body), now=now)


Understand = Callable[[Tx, InboxRow, datetime], Awaitable[bool]]

UNDERSTOOD: Mapping[str, Understand] = {
    "payment_intent.succeeded": _payment,
    "payment_intent.processing": _payment,
    "payment_intent.canceled": _payment,
    "payment_intent.payment_failed": _attempt_failed,
    "charge.succeeded": _charge,
    "charge.updated": _charge,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "payment_method.attached": _method,
    "payment_method.updated": _method,
    "payment_method.automatically_updated": _method,
    "payment_method.detached": _method,
    "account.updated": _account,
    "transfer.created": _transfer,
    "payout.created": _payout,
    "payout.updated": _payout,
    "payout.paid": _payout,
    "payout.failed": _payout,
    "payout.canceled": _payout,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.funds_reinstated": _dispute,
    "charge.dispute.closed": _dispute,
}
"""What each kind of message means to us. Each may come late, early, twice or not at all."""
