"""What the provider keeps for itself: learnt when it books a charge, and posted."""

from datetime import datetime

from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from payments import ledger
from payments.events import ChargeBooked, FundsDue
from payments.gateway import Booking, PaymentGateway
from payments.ledger import Entry


async def post(
    db: Database, gateway: PaymentGateway, event: ChargeBooked, *, now: datetime
) -> None:
    """Job: fetch the booking, post its fee, and set the clock for when its net is ours."""
    booking = await gateway.booking(event.balance_transaction)
    entries = entries_of(booking)
    async with db.begin() as tx:
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


def entries_of(booking: Booking) -> list[Entry]:
    """The fee; and, settled in another currency, the exchange on the way to it."""
    entries: list[Entry] = []
    gross = booking.gross
    if gross is not None and gross.currency != booking.settled.currency:
        entries += _move("fx_clearing", "stripe_pending", gross)
        entries += _move("stripe_pending", "fx_clearing", booking.settled)
    if booking.fee:
        entries += _move("stripe_fee", "stripe_pending", booking.fee)
    return entries


def _move(debit: str, credit: str, amount: Money) -> list[Entry]:
    return [Entry(debit, None, amount), Entry(credit, None, -amount)]
