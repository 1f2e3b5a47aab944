"""Merchants' shares: pending until the hold has passed, then theirs less a reserve.

A share that is settled in another currency is exchanged the moment it is released: first it
becomes available in the currency of the sale and pays what is owed in that one, and what is
left of it is exchanged, less the reserve.

What reads a merchant's balances before it posts does so under that merchant's lock. Sales
take no such lock: they only ever add to what is pending.
"""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import orjson
import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Database, Tx, one_at_a_time
from livecommerce.kernel.errors import Problem
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.settlement import exchange
from livecommerce.settlement.events import ShareReleased
from livecommerce.settlement.exchange import DatedRates, Quoted
from livecommerce.settlement.rules import ShareState, converted, kept_back
from livecommerce.settlement.tables import MerchantShare
from payments import ledger
from payments.ledger import Entry

log = logging.getLogger(__name__)

RELEASE = "release"
RESERVE_RELEASE = "reserve-release"
RECOVERY = "recovery"
CONVERSION = "conversion"
IN_OWN = ":own"  # a source posts a recovery in each of two currencies


async def begin_hold(tx: Tx, order: str, *, now: datetime) -> None:
    """The hold period of the order's share runs from now; saying so again changes nothing."""
    share = await locked(tx, order)
    if share is not None and share.due_at is None:
        share.due_at = now + share.agreed.hold


async def release_due(
    db: Database, rates: DatedRates, *, now: datetime, limit: int = 200
) -> int:
    """Make available what was held long enough, and reserves that were; how many shares.

    Each in its own transaction, so that those that cannot be (their rate is not to be had) keep
    none of the others waiting; they are logged, and tried again.

    Args:
        limit: how many are looked up at a time.
    """
    done, stuck = 0, Counter[str]()
    async for order in _due(db, now, limit):
        try:
            async with db.begin() as tx:
                done += await _release(tx, order, rates, now=now)
        except Problem as problem:
            stuck[problem.code] += 1
    if stuck:
        log.error("shares cannot be exchanged, and stay pending", extra={"why": dict(stuck)})
    kept = sa.select(col(MerchantShare.order_id)).where(
        col(MerchantShare.reserve_minor) > 0,
        col(MerchantShare.reserve_due_at) <= now,
        col(MerchantShare.blocked) == 0,
    )
    async with db.begin() as tx:
        reserves = (await tx.execute(kept.limit(limit))).scalars().all()
    for order in reserves:
        async with db.begin() as tx:
            await _release_reserve(tx, order, now=now)
    return done + len(reserves)


async def _due(db: Database, now: datetime, limit: int) -> AsyncIterator[str]:
    """Orders whose shares were held long enough, in the order in which they became due."""
    place = sa.tuple_(col(MerchantShare.due_at), col(MerchantShare.order_id))
    waiting = (
        sa.select(col(MerchantShare.due_at), col(MerchantShare.order_id))
        .where(
            col(MerchantShare.state) == ShareState.PENDING,
            col(MerchantShare.due_at) <= now,
            col(MerchantShare.blocked) == 0,
        )
        .order_by(col(MerchantShare.due_at), col(MerchantShare.order_id))
        .limit(limit)
    )
    page = waiting
    while True:
        async with db.begin() as tx:
            found = (await tx.execute(page)).all()
        for row in found:
            yield row.order_id
        if len(found) < limit:
            return
        last = found[-1]
        page = waiting.where(
            place > sa.tuple_(sa.literal(last.due_at), sa.literal(last.order_id))
        )


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
        await post(tx, RECOVERY, source, entries, now)
    return amount


async def lock(tx: Tx, merchant: str, currency: str) -> None:
    """Nobody else decides by this merchant's balances until the transaction ends."""
    await one_at_a_time(tx, f"merchant-money:{merchant}:{currency}")


async def _release(tx: Tx, order: str, rates: DatedRates, *, now: datetime) -> bool:
    share = await locked(tx, order)
    if share is None or share.state is not ShareState.PENDING or share.blocked:
        return False
    sold, wanted = share.currency, share.agreed.settles_in or share.currency
    quoted = None
    if wanted != sold:
        quoted = await exchange.rate_for(tx, share, rates, now=now)
        if quoted is None:
            return False  # the provider has not told what it made of the sale
    await lock_both(tx, share.merchant_id, sold, wanted)
    amount = await _own_pending(tx, share)
    share.state = ShareState.AVAILABLE if amount else ShareState.GONE
    share.left_minor, share.released_at = amount.minor, now
    if quoted is not None and amount:
        await _release_exchanged(tx, share, amount, quoted, now=now)
        return True
    reserve = kept_back(amount, share.agreed)
    _keep(share, reserve, now)
    await tx.flush()
    if not amount:
        return True
    entries = [
        Entry("merchant_pending", share.merchant_id, amount),
        Entry("merchant_available", share.merchant_id, -(amount - reserve)),
        Entry("merchant_reserve", share.merchant_id, -reserve),
    ]
    await post(tx, RELEASE, order, entries, now)
    await _released(tx, share, order, now=now)
    return True


_ADJUSTED = sa.text("""
SELECT EXISTS (SELECT FROM commerce.adjustment
               WHERE state = 'approved' AND entries @> cast(:touching AS jsonb))
""")


async def _own_pending(tx: Tx, share: MerchantShare) -> Money:
    """What of the merchant's pending money is this share's: what refunds have left of it.

    The books may have been changed by hand. Of a sale that was reversed nothing is there; what
    a correction took of the merchant's pending money is missing where it is asked for first,
    so that no share is paid with the money of another.
    """
    merchant, sold = share.merchant_id, share.currency
    if await ledger.stands(tx, kind="sale.reversed", source=share.order_id):
        return Money.zero(sold)
    touching = orjson.dumps([{"account": "merchant_pending", "owner": merchant}]).decode()
    there = (await ledger.balance(tx, "merchant_pending", sold, merchant)).minor
    if (await tx.execute(_ADJUSTED, {"touching": touching})).scalar_one():
        of_others = sa.select(
            sa.func.coalesce(
                sa.func.sum(col(MerchantShare.left_minor) - col(MerchantShare.held_minor)), 0
            )
        ).where(
            col(MerchantShare.merchant_id) == merchant,
            col(MerchantShare.currency) == sold,
            col(MerchantShare.state) == ShareState.PENDING,
            col(MerchantShare.order_id) != share.order_id,
        )
        # One statement: sales and refunds of others go on meanwhile.
        all_ = ledger.balance_within("merchant_pending", sold, merchant)
        there = int(
            (await tx.execute(sa.select(all_ - of_others.scalar_subquery()))).scalar_one()
        )
    return Money(max(0, min(share.left_minor, there)), sold)


async def _release_exchanged(
    tx: Tx, share: MerchantShare, amount: Money, quoted: Quoted, *, now: datetime
) -> None:
    """Available in the sale's currency, less what is owed in it, and then in the merchant's."""
    order, wanted = share.order_id, share.agreed.settles_in
    assert wanted is not None
    released = move(share, "merchant_pending", "merchant_available", amount)
    await post(tx, RELEASE, order, released, now)
    paid = await recover(tx, share.merchant_id, amount.currency, order, now=now)
    share.sold_currency, share.sold_minor = amount.currency, amount.minor
    share.sold_left_minor = amount.minor
    share.rate, share.rate_source, share.rate_on = (
        f"{quoted.rate:f}",
        quoted.source,
        quoted.on,
    )
    share.currency = wanted
    share.share_minor = share.left_minor = converted(amount, quoted.rate, wanted).minor
    over = Money(share.over_minor, amount.currency)
    share.over_minor = converted(over, quoted.rate, wanted).minor
    await tx.flush()
    got = share.left - converted(paid, quoted.rate, wanted)
    reserve = kept_back(got, share.agreed)
    _keep(share, reserve, now)
    await tx.flush()
    await become(tx, share, amount - paid, got, reserve, source=order, now=now)
    await _released(tx, share, f"{order}{IN_OWN}", now=now)


async def become(
    tx: Tx,
    share: MerchantShare,
    amount: Money,
    got: Money,
    reserve: Money,
    *,
    source: str,
    now: datetime,
) -> None:
    """What is available of the sale's currency becomes ``got`` of the merchant's, of which
    ``reserve`` is kept back."""
    if amount.minor <= 0:
        return
    entries = [
        Entry("merchant_available", share.merchant_id, amount),
        *exchange.legs(amount, got),
        Entry("merchant_available", share.merchant_id, -(got - reserve)),
        Entry("merchant_reserve", share.merchant_id, -reserve),
    ]
    await post(tx, CONVERSION, source, entries, now, memo=exchange.memo_of(share))


def _keep(share: MerchantShare, reserve: Money, now: datetime) -> None:
    share.reserve_minor = reserve.minor
    share.reserve_due_at = now + share.agreed.reserve_lasts if reserve else None


async def _release_reserve(tx: Tx, order: str, *, now: datetime) -> None:
    share = await locked(tx, order)
    if share is None or not share.reserve_minor or share.blocked:
        return
    amount = Money(share.reserve_minor, share.currency)
    share.reserve_minor, share.reserve_due_at = 0, None
    await tx.flush()
    moved = move(share, "merchant_reserve", "merchant_available", amount)
    await post(tx, RESERVE_RELEASE, order, moved, now)
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


async def from_available(tx: Tx, merchant: str, amount: Money) -> list[Entry]:
    """Debits of what is available, up to the amount, and of what they owe us for the rest."""
    await lock(tx, merchant, amount.currency)
    has = await ledger.balance(tx, "merchant_available", amount.currency, merchant)
    covered = Money(max(0, min(has.minor, amount.minor)), amount.currency)
    return [
        Entry("merchant_available", merchant, covered),
        Entry("merchant_receivable", merchant, amount - covered),
    ]


async def lock_both(tx: Tx, merchant: str, one: str, other: str) -> None:
    """In one order for everybody."""
    for currency in sorted({one, other}):
        await lock(tx, merchant, currency)


async def locked(tx: Tx, order: str) -> MerchantShare | None:
    """The share of an order, ours until the transaction ends."""
    return await tx.get(MerchantShare, order, with_for_update=True, populate_existing=True)


def move(share: MerchantShare, debit: str, credit: str, amount: Money) -> list[Entry]:
    owner = share.merchant_id
    return [Entry(debit, owner, amount), Entry(credit, owner, -amount)]


async def post(
    tx: Tx, kind: str, source: str, entries: Sequence[Entry], now: datetime, memo: str = ""
) -> None:
    await ledger.post(tx, kind=kind, source=source, entries=entries, occurred_at=now, memo=memo)
