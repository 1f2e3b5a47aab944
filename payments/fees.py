"""What the provider keeps for itself, and what it exchanges: learnt when it books a charge or a
refund, and posted."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from payments import ledger, transfers, unread
from payments.events import ChargeBooked, FundsDue, RefundBooked
from payments.gateway import Booking, PaymentGateway
from payments.ledger import Entry
from payments.outgoing import Unread
from payments.tables import Payment


async def post(
    db: Database, gateway: PaymentGateway, event: ChargeBooked, *, now: datetime
) -> None:
    """Job: fetch the booking, post its fee, and set the clock for when its net is ours. One
    that cannot be read becomes a difference, for somebody to look at."""
    booking = await gateway.booking(event.balance_transaction)
    if isinstance(booking, Unread):
        await _unread(db, event, booking, now=now)
        return
    entries = entries_of(booking)
    async with db.begin() as tx:
        await transfers.known(tx, event.payment, booking)
        learnt = sa.update(Payment).where(col(Payment.id) == event.payment)
        rate = None if booking.rate is None else f"{booking.rate:f}"
        await tx.execute(learnt.values(settled_in=booking.settled.currency, exchange_rate=rate))
        if entries:
            await ledger.post(
                tx,
                kind="fee",
                source=booking.id,
                entries=entries,
                occurred_at=now,
                memo=event.payment,
            )
        due = FundsDue(payment=event.payment, balance_transaction=booking.id, net=booking.net)
        await emit(tx, due, at=booking.available_on)


async def post_refund(
    db: Database, gateway: PaymentGateway, event: RefundBooked, *, now: datetime
) -> None:
    """Job: a refund left our balance in another currency than the buyer's, or came back."""
    booking = await gateway.booking(event.balance_transaction)
    if isinstance(booking, Unread):
        async with db.begin() as tx:
            await unread.note(tx, booking, now=now)
        return
    entries = entries_of(booking, at="stripe_available")
    if not entries:
        return
    async with db.begin() as tx:
        await ledger.post(
            tx,
            kind="exchange",
            source=booking.id,
            entries=entries,
            occurred_at=now,
            memo=event.refund,
        )


async def on_funds_due(tx: Tx, event: FundsDue, *, now: datetime) -> None:
    """Reaction: what was pending at the provider is available."""
    await ledger.post(
        tx,
        kind="available",
        source=event.balance_transaction,
        entries=_move("stripe_available", "stripe_pending", event.net),
        occurred_at=now,
        memo=event.payment,
    )


async def _unread(db: Database, event: ChargeBooked, booking: Unread, *, now: datetime) -> None:
    """What there is to learn from it all the same: no share waits for its currency."""
    async with db.begin() as tx:
        await transfers.known(tx, event.payment, booking)
        learnt = sa.update(Payment).where(
            col(Payment.id) == event.payment, col(Payment.settled_in).is_(None)
        )
        await tx.execute(learnt.values(settled_in=booking.currency))
        await unread.note(tx, booking, now=now)


def entries_of(booking: Booking, *, at: str = "stripe_pending") -> list[Entry]:
    """The fee; and, settled in another currency, the exchange on the way to it.

    Args:
        at: the account at the provider on which the buyer's amount stands.
    """
    entries: list[Entry] = []
    gross = booking.gross
    if gross is not None and gross.currency != booking.settled.currency:
        entries += _move("fx_clearing", at, gross)
        entries += _move(at, "fx_clearing", booking.settled)
    if booking.fee:
        entries += _move("stripe_fee", at, booking.fee)
    return entries


def _move(debit: str, credit: str, amount: Money) -> list[Entry]:
    return [Entry(debit, None, amount), Entry(credit, None, -amount)]
