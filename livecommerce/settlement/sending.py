"""Sending merchants what is available to them, and what transfers and payouts mean in the
books.

What is sent leaves ``merchant_available`` the moment it is decided, under the merchant's lock:
nothing can be spent twice while the provider takes its time.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement import shares
from livecommerce.settlement.rules import ShareState
from livecommerce.settlement.tables import MerchantShare
from payments import ledger, payees, transfers
from payments.events import (
    PayoutFailed,
    PayoutOnItsWay,
    ReversalSettled,
    TransferRefused,
    TransferSent,
)
from payments.ledger import Entry

LEAVES = "transfer-wanted"
SENT = "transfer"
REFUSED = "transfer-refused"
BACK = "transfer-reversed"
PAYOUT = "payout"

AT_ONCE = 500


async def send_available(tx: Tx, merchant: str, currency: str, *, now: datetime) -> Money:
    """Have everything sent that is available to the merchant, order by order, oldest first;
    how much that is. Nothing, while the provider does not know them well enough."""
    none = Money.zero(currency)
    if not await payees.is_ready(tx, merchant):
        return none
    await shares.lock(tx, merchant, currency)
    left = await ledger.balance(tx, "merchant_available", currency, merchant)
    sent = none
    for share in await _to_send(tx, merchant, currency):
        due = share.left_minor - share.reserve_minor - share.sent_minor
        amount = Money(min(due, left.minor), currency)
        if amount.minor <= 0:
            continue
        transfer = await transfers.request(
            tx,
            owner=merchant,
            reference=share.order_id,
            payment=share.payment_id,
            amount=amount,
            key=f"{share.order_id}:{share.transfers}",
            now=now,
        )
        share.sent_minor += amount.minor
        share.transfers += 1
        await tx.flush()
        entries = _move("merchant_available", "merchant_transit", merchant, amount)
        await _post(tx, LEAVES, transfer.id, entries, now)
        left, sent = left - amount, sent + amount
    return sent


async def send_everything(tx: Tx, merchant: str, *, now: datetime) -> None:
    """As :func:`send_available`, in every currency that the merchant has."""
    for line in await ledger.trial_balance(tx, owner=merchant):
        if line.account == "merchant_available" and line.amount:
            await send_available(tx, merchant, line.amount.currency, now=now)


async def sent(tx: Tx, event: TransferSent, *, now: datetime) -> None:
    """The money has left our balance."""
    entries = [
        Entry("merchant_transit", event.owner, event.amount),
        Entry("stripe_available", None, -event.amount),
    ]
    await _post(tx, SENT, event.transfer, entries, now)


async def refused(tx: Tx, event: TransferRefused, *, now: datetime) -> None:
    """It never left: it is available again. Nobody tries again by themselves."""
    share = await shares.locked(tx, event.reference)
    if share is not None:
        share.sent_minor = max(0, share.sent_minor - event.amount.minor)
        await tx.flush()
    entries = _move("merchant_transit", "merchant_available", event.owner, event.amount)
    await _post(tx, REFUSED, event.transfer, entries, now)
    currency = event.amount.currency
    await shares.recover(tx, event.owner, currency, event.transfer, now=now)


async def came_back(tx: Tx, event: ReversalSettled, *, now: datetime) -> None:
    """Some of a transfer is with us again, and pays what the merchant owes us first."""
    entries = [
        Entry("stripe_available", None, event.amount),
        Entry("merchant_available", event.owner, -event.amount),
    ]
    await _post(tx, BACK, event.reversal, entries, now)
    currency = event.amount.currency
    await shares.recover(tx, event.owner, currency, event.reversal, now=now)


async def paid_out(tx: Tx, event: PayoutOnItsWay, *, now: datetime) -> None:
    """Our own money is on its way to our bank; a merchant's was theirs already."""
    if event.owner is None:
        entries = [
            Entry("bank", None, event.amount),
            Entry("stripe_available", None, -event.amount),
        ]
        await _post(tx, PAYOUT, event.payout, entries, now)


async def payout_failed(tx: Tx, event: PayoutFailed, *, now: datetime) -> None:
    """Our bank sent it back: the payout's mirror image."""
    if event.owner is None:
        await ledger.reverse(
            tx, kind=PAYOUT, source=event.payout, reason=event.code, occurred_at=now
        )


async def _to_send(tx: Tx, merchant: str, currency: str) -> list[MerchantShare]:
    due = col(MerchantShare.left_minor) - col(MerchantShare.reserve_minor)
    wanted = sa.select(MerchantShare).where(
        col(MerchantShare.merchant_id) == merchant,
        col(MerchantShare.currency) == currency,
        col(MerchantShare.state) == ShareState.AVAILABLE,
        col(MerchantShare.blocked) == 0,
        due > col(MerchantShare.sent_minor),
    )
    oldest = wanted.order_by(col(MerchantShare.released_at), col(MerchantShare.order_id))
    locked = oldest.limit(AT_ONCE).with_for_update().execution_options(populate_existing=True)
    return list((await tx.execute(locked)).scalars())


def _move(debit: str, credit: str, owner: str, amount: Money) -> list[Entry]:
    return [Entry(debit, owner, amount), Entry(credit, owner, -amount)]


async def _post(tx: Tx, kind: str, source: str, entries: list[Entry], now: datetime) -> None:
    await ledger.post(tx, kind=kind, source=source, entries=entries, occurred_at=now)
