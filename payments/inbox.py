"""What the provider says: stored first, answered at once, understood once, in any order."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
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
    reversals,
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
        stored = await store(tx, [(one, now) for one in heard])
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


# In the order of their names, so that two processes that hear the same cannot deadlock.
_KEEP = sa.text("""
INSERT INTO payments.inbox
  (id, source, event_id, kind, said_at, received_at, body, account)
SELECT * FROM unnest(cast(:ids AS text[]), cast(:sources AS text[]), cast(:events AS text[]),
                     cast(:kinds AS text[]), cast(:said AS timestamptz[]),
                     cast(:received AS timestamptz[]), cast(:bodies AS jsonb[]),
                     cast(:accounts AS text[]))
ON CONFLICT (source, event_id) DO NOTHING RETURNING id, source, event_id
""")

_KEPT = sa.text("""
SELECT i.id, i.source, i.event_id FROM payments.inbox i
JOIN unnest(cast(:sources AS text[]), cast(:events AS text[])) AS w (source, event_id)
  ON i.source = w.source AND i.event_id = w.event_id
""")


async def store(tx: Tx, said: Sequence[tuple[Heard, datetime]]) -> list[Received]:
    """Keep what was heard, each with the moment at which it was; an answer for each, in
    order. Of the same message only the first is fresh, and told."""
    rows: dict[tuple[str, str], tuple[str, Heard, datetime]] = {}
    for heard, at in said:
        rows.setdefault((heard.source, heard.id), (ids.new("ibx"), heard, at))
    named = sorted(rows)
    kept = [rows[name] for name in named]
    keys = {"sources": [s for s, _ in named], "events": [e for _, e in named]}
    values = {
        "ids": [id_ for id_, _, _ in kept],
        "kinds": [heard.kind for _, heard, _ in kept],
        "said": [heard.said_at for _, heard, _ in kept],
        "received": [at for _, _, at in kept],
        "bodies": [orjson.dumps(_without_secrets(h.body)).decode() for _, h, _ in kept],
        "accounts": [heard.account for _, heard, _ in kept],
    }
    made = await tx.execute(_KEEP, {**keys, **values})
    fresh = {(row.source, row.event_id): str(row.id) for row in made}
    told = [
        StripeSaid(inbox=fresh[name], kind=rows[name][1].kind)
        for name in dict.fromkeys((heard.source, heard.id) for heard, _ in said)
        if name in fresh
    ]
    await emit(tx, *told)
    known = dict(fresh)
    if len(fresh) < len(named):
        # A statement of its own: the one above does not see what it lost the race to.
        found = await tx.execute(_KEPT, keys)
        known |= {(row.source, row.event_id): str(row.id) for row in found}
    answers = []
    for heard, _ in said:
        name = (heard.source, heard.id)
        answers.append(Received(known[name], fresh=fresh.pop(name, None) is not None))
    return answers


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


async def _account(tx: Tx, row: InboxRow, _now: datetime) -> bool:
    return await payees.changed(tx, understood(stripe_outgoing.account, row.body))


async def _transfer(tx: Tx, row: InboxRow, now: datetime) -> bool:
    return await transfers.apply(tx, understood(stripe_outgoing.transfer, row.body), now=now)


async def _transfer_back(tx: Tx, row: InboxRow, now: datetime) -> bool:
    return await reversals.told(tx, understood(stripe_outgoing.transfer, row.body), now=now)


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
    "transfer.reversed": _transfer_back,
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
