"""Merchants' shares: pending until the hold has passed, then theirs less a reserve.

What reads a merchant's balances before it posts does so under that merchant's lock. Sales
take no such lock: they only ever add to what is pending.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Database, Tx, one_at_a_time
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.settlement.events import ShareReleased
from livecommerce.settlement.rules import ShareState, kept_back
from livecommerce.settlement.tables import MerchantShare
from payments import ledger, transfers
from payments.ledger import Entry

RELEASE = "release"
RESERVE_RELEASE = "reserve-release"
RECOVERY = "recovery"


async def begin_hold(tx: Tx, order: str, *, now: datetime) -> None:
    """The hold period of the order's share runs from now; saying so again changes nothing."""
    share = await locked(tx, order)
    if share is not None and share.due_at is None:
        share.due_at = now + share.agreed.hold


async def take(tx: Tx, order: str, amount: Money, *, source: str, now: datetime) -> list[Entry]:
    """The debits by which a merchant bears a refund: what is pending, else what is available,
    else what they owe us from now on. What was transferred of it is asked back. The caller
    posts them in this transaction.

    Args:
        source: the refund; asking back happens once for it.
    """
    share = await locked(tx, order)
    assert share is not None, f"{order} was never posted as a sale"
    if share.state is ShareState.PENDING:
        return await _from_pending(tx, share, amount)
    # Never below nothing: a refund that failed in between may shift a rounding by one.
    share.left_minor = max(0, share.left_minor - amount.minor)
    await tx.flush()
    taken = await from_available(tx, share.merchant_id, amount)
    await take_back(tx, share, taken[-1].amount, source=source, now=now)
    return taken


async def take_back(
    tx: Tx, share: MerchantShare, short: Money, *, source: str, now: datetime
) -> None:
    """Ask back as much of what was transferred for the share as is short."""
    if short and share.sent_minor:
        wanted = Money(min(short.minor, share.sent_minor), short.currency)
        asked = await transfers.take_back(
            tx, reference=share.order_id, amount=wanted, key=source, now=now
        )
        share.sent_minor -= asked.minor
        await tx.flush()


async def put_back(
    tx: Tx, order: str, source: str, taken: Sequence[Entry], *, now: datetime
) -> None:
    """A refund was undone: the share has its money again. What was taken while it was pending
    and is undone after its release is released, too."""
    share = await locked(tx, order)
    assert share is not None, f"{order} was never posted as a sale"
    theirs = [entry for entry in taken if entry.owner == share.merchant_id]
    was_pending = any(entry.account == "merchant_pending" for entry in theirs)
    counted = [e for e in theirs if not was_pending or e.account == "merchant_pending"]
    back = share.left_minor + sum(entry.amount.minor for entry in counted)
    share.left_minor = min(share.share_minor, back)
    await tx.flush()
    if share.state is ShareState.PENDING:
        return
    pending = [e.amount for e in theirs if e.account == "merchant_pending"]
    amount = Money.sum(pending, share.currency)
    if amount:
        await _post(
            tx,
            RELEASE,
            source,
            _move(share, "merchant_pending", "merchant_available", amount),
            now,
        )
    await recover(tx, share.merchant_id, share.currency, source, now=now)


async def release_due(db: Database, *, now: datetime, limit: int = 200) -> int:
    """Make available what was held long enough, and reserves that were; how many shares.

    Each in its own transaction, so that one that cannot be does not keep the others."""
    pending = sa.select(col(MerchantShare.order_id)).where(
        col(MerchantShare.state) == ShareState.PENDING,
        col(MerchantShare.due_at) <= now,
        col(MerchantShare.blocked) == 0,
    )
    kept = sa.select(col(MerchantShare.order_id)).where(
        col(MerchantShare.reserve_minor) > 0,
        col(MerchantShare.reserve_due_at) <= now,
        col(MerchantShare.blocked) == 0,
    )
    async with db.begin() as tx:
        due = (await tx.execute(pending.limit(limit))).scalars().all()
        reserves = (await tx.execute(kept.limit(limit))).scalars().all()
    for order in due:
        async with db.begin() as tx:
            await _release(tx, order, now=now)
    for order in reserves:
        async with db.begin() as tx:
            await _release_reserve(tx, order, now=now)
    return len(due) + len(reserves)


async def recover(tx: Tx, merchant: str, currency: str, source: str, *, now: datetime) -> Money:
    """Set what the merchant owes us off against what is available to them; how much it was.
    Negative, they had paid a debt that is none any more."""
    await lock(tx, merchant, currency)
    owes = await ledger.balance(tx, "merchant_receivable", currency, merchant)
    has = await ledger.balance(tx, "merchant_available", currency, merchant)
    # Less than nothing is owed when a refund whose debt was paid is undone.
    amount = Money(min(owes.minor, max(0, has.minor)), currency)
    if amount:
        entries = [
            Entry("merchant_available", merchant, amount),
            Entry("merchant_receivable", merchant, -amount),
        ]
        await _post(tx, RECOVERY, source, entries, now)
    return amount


async def lock(tx: Tx, merchant: str, currency: str) -> None:
    """Nobody else decides by this merchant's balances until the transaction ends."""
    await one_at_a_time(tx, f"merchant-money:{merchant}:{currency}")


async def _release(tx: Tx, order: str, *, now: datetime) -> None:
    share = await locked(tx, order)
    if share is None or share.state is not ShareState.PENDING or share.blocked:
        return
    await lock(tx, share.merchant_id, share.currency)
    held = await ledger.balance(tx, "merchant_pending", share.currency, share.merchant_id)
    # An adjustment may have taken some of it: nothing becomes available that is not there.
    amount = Money(max(0, min(share.left_minor, held.minor)), share.currency)
    reserve = kept_back(amount, share.agreed)
    share.state = ShareState.AVAILABLE if amount else ShareState.GONE
    share.released_at = now
    share.reserve_minor = reserve.minor
    share.reserve_due_at = now + share.agreed.reserve_lasts if reserve else None
    await tx.flush()
    if not amount:
        return
    entries = [
        Entry("merchant_pending", share.merchant_id, amount),
        Entry("merchant_available", share.merchant_id, -(amount - reserve)),
        Entry("merchant_reserve", share.merchant_id, -reserve),
    ]
    await _post(tx, RELEASE, order, entries, now)
    await _released(tx, share, order, now=now)


async def _release_reserve(tx: Tx, order: str, *, now: datetime) -> None:
    share = await locked(tx, order)
    if share is None or not share.reserve_minor or share.blocked:
        return
    amount = Money(share.reserve_minor, share.currency)
    share.reserve_minor, share.reserve_due_at = 0, None
    await tx.flush()
    moved = _move(share, "merchant_reserve", "merchant_available", amount)
    await _post(tx, RESERVE_RELEASE, order, moved, now)
    await _released(tx, share, f"{order}:reserve", now=now)


async def _released(tx: Tx, share: MerchantShare, source: str, *, now: datetime) -> None:
    await recover(tx, share.merchant_id, share.currency, source, now=now)
    fact = ShareReleased(
        order=share.order_id,
        merchant=share.merchant_id,
        currency=share.currency,
        at=now,
    )
    await emit(tx, fact)


async def _from_pending(tx: Tx, share: MerchantShare, amount: Money) -> list[Entry]:
    """What disputes keep back is not pending: a refund beyond the rest is owed instead."""
    free = max(0, share.left_minor - share.held_minor)
    covered = Money(min(free, amount.minor), amount.currency)
    share.left_minor -= covered.minor
    await tx.flush()
    return [
        Entry("merchant_pending", share.merchant_id, covered),
        Entry("merchant_receivable", share.merchant_id, amount - covered),
    ]


async def from_available(tx: Tx, merchant: str, amount: Money) -> list[Entry]:
    """Debits of what is available, up to the amount, and of what they owe us for the rest."""
    await lock(tx, merchant, amount.currency)
    has = await ledger.balance(tx, "merchant_available", amount.currency, merchant)
    covered = Money(max(0, min(has.minor, amount.minor)), amount.currency)
    return [
        Entry("merchant_available", merchant, covered),
        Entry("merchant_receivable", merchant, amount - covered),
    ]


async def locked(tx: Tx, order: str) -> MerchantShare | None:
    """The share of an order, ours until the transaction ends."""
    return await tx.get(MerchantShare, order, with_for_update=True, populate_existing=True)


def _move(share: MerchantShare, debit: str, credit: str, amount: Money) -> list[Entry]:
    owner = share.merchant_id
    return [Entry(debit, owner, amount), Entry(credit, owner, -amount)]


async def _post(
    tx: Tx, kind: str, source: str, entries: Sequence[Entry], now: datetime
) -> None:
    await ledger.post(tx, kind=kind, source=source, entries=entries, occurred_at=now)
