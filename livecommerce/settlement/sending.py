"""Sending merchants what is available to them, and what transfers and payouts mean in the
books.

What is sent leaves ``merchant_available`` the moment it is decided, under the merchant's lock:
nothing can be spent twice while the provider takes its time. What merchants owe us is set off
first.
"""

import logging
from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.errors import Problem
from livecommerce.kernel.money import Money
from livecommerce.settlement import shares, waits
from livecommerce.settlement.rules import ShareState
from livecommerce.settlement.tables import UNSENT, MerchantShare, SendingWait
from payments import ledger, payees, transfers
from payments.events import (
    PayoutFailed,
    PayoutOnItsWay,
    ReversalRefused,
    ReversalSettled,
    TransferRefused,
    TransferSent,
)
from payments.ledger import Entry
from payments.rules import PayeeState
from payments.stripe_words import CannotCarry

LEAVES = "transfer-wanted"
SENT = "transfer"
REFUSED = "transfer-refused"
BACK = "transfer-reversed"
PAYOUT = "payout"

AT_ONCE = 500

log = logging.getLogger(__name__)


async def send_due(db: Database, *, now: datetime) -> int:
    """Have everything sent that is available to merchants whom the provider knows, however it
    became so, and that no refusal keeps waiting; in how many transactions.

    One that fails keeps none of the others waiting; it is logged, and tried again.
    """
    async with db.begin() as tx:
        lines = [
            x for x in await ledger.balances(tx, "merchant_available") if x.amount.minor < 0
        ]
        known = await payees.find(tx, [line.owner for line in lines if line.owner])
    done, stuck = 0, Counter[str]()
    for line in lines:
        payee = known.get(line.owner or "")
        if payee is None or payee.state is not PayeeState.READY:
            continue
        try:
            while await _send_some(db, payee.owner, line.amount.currency, now=now):
                done += 1
        except Problem as problem:
            stuck[problem.code] += 1
    if stuck:
        log.error("merchants' money cannot be sent", extra={"why": dict(stuck)})
    return done


async def _send_some(db: Database, merchant: str, currency: str, *, now: datetime) -> Money:
    async with db.begin() as tx:
        return await send_available(tx, merchant, currency, now=now)


async def send_available(tx: Tx, merchant: str, currency: str, *, now: datetime) -> Money:
    """Set off what the merchant owes us, and have sent what is still available to them: order
    by order, oldest first, and then what is no order's (a correction was in their favour); how
    much that is. Nothing, while the provider does not know them well enough.

    It is ``AT_ONCE`` orders at most, and of each no more than one transfer can carry: whoever
    wants all calls until it is nothing.
    """
    none, most = Money.zero(currency), transfers.largest(currency)
    if not await payees.is_ready(tx, merchant):
        return none
    await shares.recover(tx, merchant, currency, ids.new("rec"), now=now)
    left = await ledger.balance(tx, "merchant_available", currency, merchant)
    if left.minor <= 0:
        return none
    sent = none
    found = await _to_send(tx, merchant, currency, now)
    for share in found:
        due = share.left_minor - share.over_minor - share.reserve_minor - share.sent_minor
        amount = _up_to(most, Money(min(due, left.minor), currency))
        if amount.minor <= 0:
            continue
        key = f"{share.order_id}:{share.transfers}"
        share.sent_minor += amount.minor
        share.transfers += 1
        await tx.flush()
        await _leaves(tx, merchant, share.order_id, share.payment_id, amount, key, now)
        left, sent = left - amount, sent + amount
    if len(found) == AT_ONCE or await waits.is_waiting(tx, merchant, currency, now=now):
        return sent
    rest = min(left, await _unclaimed(tx, merchant, currency), key=lambda money: money.minor)
    amount = _up_to(most, rest)
    if amount.minor > 0:
        await _leaves(tx, merchant, merchant, None, amount, ids.new("key"), now)
        sent += amount
    return sent


def _up_to(most: Money | None, amount: Money) -> Money:
    return amount if most is None else min(most, amount, key=lambda money: money.minor)


async def _leaves(
    tx: Tx,
    merchant: str,
    reference: str,
    payment: str | None,
    amount: Money,
    key: str,
    now: datetime,
) -> None:
    transfer = await transfers.request(
        tx,
        owner=merchant,
        reference=reference,
        payment=payment,
        amount=amount,
        key=key,
        now=now,
    )
    entries = _move("merchant_available", "merchant_transit", merchant, amount)
    await _post(tx, LEAVES, transfer.id, entries, now)


async def send_everything(tx: Tx, merchant: str, *, now: datetime) -> None:
    """As :func:`send_available`, in every currency that the merchant has."""
    for line in await ledger.trial_balance(tx, owner=merchant):
        if line.account == "merchant_available" and line.amount:
            await send_available(tx, merchant, line.amount.currency, now=now)


async def sent(tx: Tx, event: TransferSent, *, now: datetime) -> None:
    """The money has left our balance."""
    await waits.over(tx, event.reference, event.amount.currency)
    entries = [
        Entry("merchant_transit", event.owner, event.amount),
        Entry("stripe_available", None, -event.amount),
    ]
    await _post(tx, SENT, event.transfer, entries, now)


async def refused(tx: Tx, event: TransferRefused, *, now: datetime) -> None:
    """It never left: it is available again, and sent again after a while. What the provider
    has no way to carry at all waits until somebody has looked at it."""
    share = await shares.locked(tx, event.reference)
    if share is not None:
        back = (await transfers.get(tx, event.transfer)).taken_back_minor  # asked back already
        share.sent_minor = max(0, share.sent_minor - (event.amount.minor - back))
        await tx.flush()
    why, about = event.code, (event.owner, event.reference)
    waits_for = waits.stopped if why == CannotCarry.code else waits.refused
    wait = await waits_for(tx, *about, event.amount, why=why, now=now)
    facts = {"transfer": event.transfer, "code": why, "refusals": wait.refusals}
    log.warning("the provider refused a transfer", extra=facts)
    entries = _move("merchant_transit", "merchant_available", event.owner, event.amount)
    await _post(tx, REFUSED, event.transfer, entries, now)
    currency = event.amount.currency
    await shares.recover(tx, event.owner, currency, event.transfer, now=now)


async def came_back(tx: Tx, event: ReversalSettled, *, now: datetime) -> None:
    """Some of a transfer is with us again, and pays what the merchant owes us first. What we
    had not asked for is not sent again until somebody of finance says so."""
    if event.unasked:
        share = await shares.locked(tx, event.reference)
        if share is not None:
            share.sent_minor = max(0, share.sent_minor - event.unasked.minor)
            await tx.flush()
        about = (event.owner, event.reference, event.unasked)
        await waits.stopped(tx, *about, why=waits.REVERSED, now=now)
    entries = [
        Entry("stripe_available", None, event.amount),
        Entry("merchant_available", event.owner, -event.amount),
    ]
    await _post(tx, BACK, event.reversal, entries, now)
    currency = event.amount.currency
    await shares.recover(tx, event.owner, currency, event.reversal, now=now)


async def not_back(tx: Tx, event: ReversalRefused, *, now: datetime) -> None:
    """The merchant still has what was asked back; the debt stands, and somebody has to look."""
    share = await shares.locked(tx, event.reference)
    if share is not None:
        share.sent_minor += event.amount.minor
        await tx.flush()
    facts = {"reversal": event.reversal, "transfer": event.transfer, "code": event.code}
    log.error("the provider will not take a transfer back", extra=facts)


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


async def _to_send(tx: Tx, merchant: str, currency: str, now: datetime) -> list[MerchantShare]:
    """Whoever locks a share is about to change it: it is sent the next time."""
    oldest = to_send(merchant, currency, now)
    locked = oldest.limit(AT_ONCE).with_for_update(skip_locked=True, of=MerchantShare)
    fresh = locked.execution_options(populate_existing=True)
    return list((await tx.execute(fresh)).scalars())


def to_send(merchant: str, currency: str, now: datetime) -> sa.Select[MerchantShare]:
    """The merchant's shares of which something can be sent, longest released first; read from
    an index that has no others."""
    held_up = sa.exists().where(
        col(SendingWait.reference) == col(MerchantShare.order_id),
        col(SendingWait.currency) == col(MerchantShare.currency),
        waits.waiting(now),
    )
    wanted = sa.select(MerchantShare).where(
        col(MerchantShare.merchant_id) == merchant,
        col(MerchantShare.currency) == currency,
        col(MerchantShare.state) == ShareState.AVAILABLE,
        col(MerchantShare.blocked) == 0,
        sa.text(f"({UNSENT}) <> 0"),
        sa.text(f"({UNSENT}) > 0"),
        ~held_up,
    )
    return wanted.order_by(col(MerchantShare.released_at), col(MerchantShare.order_id))


async def _unclaimed(tx: Tx, merchant: str, currency: str) -> Money:
    """What stands in the merchant's accounts and no share claims. One statement: the sum is
    of the same moment as the balances."""
    claimed = sa.select(sa.func.coalesce(sa.func.sum(sa.text(UNSENT)), 0)).where(
        col(MerchantShare.merchant_id) == merchant,
        col(MerchantShare.currency) == currency,
        sa.text(f"({UNSENT}) <> 0"),
    )
    has = ledger.balance_within("merchant_available", currency, merchant)
    owes = ledger.balance_within("merchant_receivable", currency, merchant)
    rest = await tx.execute(sa.select(has - owes - claimed.scalar_subquery()))
    return Money(int(rest.scalar_one()), currency)


def _move(debit: str, credit: str, owner: str, amount: Money) -> list[Entry]:
    return [Entry(debit, owner, amount), Entry(credit, owner, -amount)]


async def _post(tx: Tx, kind: str, source: str, entries: list[Entry], now: datetime) -> None:
    await ledger.post(tx, kind=kind, source=source, entries=entries, occurred_at=now)
