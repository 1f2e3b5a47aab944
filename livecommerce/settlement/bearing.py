"""Who bears what a buyer gets back: a merchant's share first, then what they owe us.

``left_minor`` of a share is what is there of it; what was taken beyond that stands in
``over_minor`` and is owed. Undone, it is the other way round, so that a share never claims
money that went to pay a debt.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement import exchange, shares
from livecommerce.settlement.rules import ShareState, converted
from livecommerce.settlement.tables import UNSENT, MerchantShare
from payments import ledger, reversals
from payments.ledger import Entry

PENDING, AVAILABLE, OWED = "merchant_pending", "merchant_available", "merchant_receivable"


async def take(tx: Tx, order: str, amount: Money, *, source: str, now: datetime) -> list[Entry]:
    """The debits by which a merchant bears a refund: what is pending, else what is available,
    else what they owe us from now on. What was transferred of it is asked back. The caller
    posts them in this transaction.

    Args:
        source: the refund; asking back happens once for it.
    """
    share = await shares.locked(tx, order)
    assert share is not None, f"{order} was never posted as a sale"
    if share.state is ShareState.PENDING:
        # What disputes keep back is not pending: a refund beyond the rest is owed instead.
        free = max(0, share.left_minor - share.held_minor)
        covered = Money(min(free, amount.minor), amount.currency)
        share.left_minor -= covered.minor
        share.over_minor += (amount - covered).minor
        await tx.flush()
        return [
            Entry(PENDING, share.merchant_id, covered),
            Entry(OWED, share.merchant_id, amount - covered),
        ]
    theirs = share.exchanged(amount)
    share.sold_left_minor -= amount.minor if share.sold_currency else 0
    taken_from(share, theirs)
    await tx.flush()
    taken = await shares.from_available(tx, share.merchant_id, theirs)
    await take_back(tx, share, taken[-1].amount, source=source, now=now)
    return [*taken, *back_from(theirs, amount)]


def taken_from(share: MerchantShare, amount: Money) -> None:
    """A released share has less by this much, and owes what it has not."""
    there = min(share.left_minor, amount.minor)
    share.left_minor -= there
    share.over_minor += amount.minor - there


def given_to(share: MerchantShare, minor: int) -> int:
    """A released share has more by this much; what was taken beyond it is made good first.
    By how much it has: less, if a rounding would make it more than the whole share."""
    good = min(share.over_minor, minor)
    more = min(share.share_minor - share.left_minor, minor - good)
    share.over_minor -= good
    share.left_minor += more
    return good + more


def back_from(theirs: Money, amount: Money) -> list[Entry]:
    """The merchant's money becomes the buyer's: nothing, if it is of one currency."""
    same = theirs.currency == amount.currency
    return [] if same else exchange.legs(theirs, amount)


async def take_back(
    tx: Tx, share: MerchantShare, short: Money, *, source: str, now: datetime
) -> None:
    """Ask back as much of what was transferred for the share as is short."""
    await _asked_back(tx, share, short, share.sent_minor, key=source, now=now)


async def take_back_beyond(tx: Tx, share: MerchantShare, *, source: str, now: datetime) -> None:
    """Once what was taken of a share is posted: ask back what was sent for any of the
    merchant's orders beyond what is left of it, as far as they owe us and nothing else pays
    it. Such orders were refunded with the money of others, which these now miss."""
    merchant, currency = share.merchant_id, share.currency
    await shares.lock(tx, merchant, currency)
    short = await ledger.balance(tx, OWED, currency, merchant)
    short -= await ledger.balance(tx, AVAILABLE, currency, merchant)
    if short.minor > 0:
        short -= await reversals.coming_back(tx, merchant, currency)
    if short.minor <= 0:
        return
    for each in await _sent_beyond(tx, merchant, currency):
        beyond, key = each.sent_minor - each.left_minor, f"{source}:beyond"
        short -= await _asked_back(tx, each, short, beyond, key=key, now=now)


async def _asked_back(
    tx: Tx, share: MerchantShare, short: Money, minor: int, *, key: str, now: datetime
) -> Money:
    wanted = Money(min(short.minor, minor), short.currency)
    if not wanted:
        return wanted
    asked = await reversals.take_back(
        tx, reference=share.order_id, amount=wanted, key=key, now=now
    )
    share.sent_minor -= asked.minor
    await tx.flush()
    return asked


async def _sent_beyond(tx: Tx, merchant: str, currency: str) -> Sequence[MerchantShare]:
    """The merchant's shares of which more was sent than is left, newest first, from the index
    of what is not even. Whoever holds one may be waiting for the merchant's lock, which is
    ours: it is passed by."""
    theirs = sa.select(MerchantShare).where(
        col(MerchantShare.merchant_id) == merchant,
        col(MerchantShare.currency) == currency,
        col(MerchantShare.sent_minor) > col(MerchantShare.left_minor),
        sa.text(f"({UNSENT}) <> 0"),
    )
    newest = theirs.order_by(
        col(MerchantShare.released_at).desc(), col(MerchantShare.order_id).desc()
    )
    locked = newest.with_for_update(skip_locked=True)
    fresh = locked.execution_options(populate_existing=True)
    return (await tx.execute(fresh)).scalars().all()


async def put_back(
    tx: Tx, order: str, source: str, taken: Sequence[Entry], *, now: datetime
) -> None:
    """A refund was undone: the share has its money again, as far as it was taken from it and
    not owed. What was taken while it was pending and is undone after its release is released
    (and exchanged), too; a share that had gone waits for that again."""
    share = await shares.locked(tx, order)
    assert share is not None, f"{order} was never posted as a sale"
    theirs = [entry for entry in taken if entry.owner == share.merchant_id]
    pending = _of(theirs, PENDING)
    if share.state is ShareState.GONE and pending:
        share.state, share.released_at = ShareState.PENDING, None
    if share.state is ShareState.PENDING:
        # What was taken while it had gone stood beyond it, whatever it was taken from.
        share.left_minor += pending
        share.over_minor -= _of(theirs, OWED) + _of(theirs, AVAILABLE)
        await tx.flush()
        await shares.recover(tx, share.merchant_id, share.currency, source, now=now)
        return
    if share.sold_currency is None:
        given_to(share, sum(entry.amount.minor for entry in theirs))
        if share.left_minor:
            share.state = ShareState.AVAILABLE
        await tx.flush()
        await _release_again(tx, share, Money(pending, share.currency), source, now)
        await shares.recover(tx, share.merchant_id, share.currency, source, now=now)
        return
    if any(entry.amount.currency == share.sold_currency for entry in theirs):
        await _exchange_again(tx, share, theirs, source, now)
    else:
        await _given_back(tx, share, taken, theirs, source, now)
    own = f"{source}{shares.IN_OWN}"
    await shares.recover(tx, share.merchant_id, share.currency, own, now=now)


async def _release_again(
    tx: Tx, share: MerchantShare, amount: Money, source: str, now: datetime
) -> None:
    await shares.lock_both(tx, share.merchant_id, amount.currency, share.currency)
    if amount:
        moved = shares.move(share, PENDING, AVAILABLE, amount)
        await shares.post(tx, shares.RELEASE, source, moved, now)


async def _exchange_again(
    tx: Tx, share: MerchantShare, theirs: Sequence[Entry], source: str, now: datetime
) -> None:
    """It was taken in the sale's currency, before the rest was exchanged: debts in that one
    are paid first, and what is left of it follows the rest."""
    assert share.sold_currency is not None
    sold, rate, own = share.sold_currency, share.rate_used, share.currency
    pending, owed = Money(_of(theirs, PENDING), sold), Money(_of(theirs, OWED), sold)
    # What was pending has a part in the exchange from now on, whatever later refunds took.
    got = _exchanged_back(share, pending)
    share.sold_minor += pending.minor
    share.share_minor = converted(Money(share.sold_minor, sold), rate, own).minor
    share.left_minor += got
    got += given_to(share, converted(owed, rate, own).minor)
    # While it had gone it took what others had in that currency: that is theirs again.
    of_others = Money(_of(theirs, AVAILABLE), sold)
    given_to(share, converted(of_others, rate, own).minor)
    await tx.flush()
    await _release_again(tx, share, pending, source, now)
    paid = await shares.recover(tx, share.merchant_id, sold, source, now=now)
    rest = Money(got, own) - converted(paid + owed, rate, own)
    none = Money.zero(own)
    await shares.become(tx, share, pending - paid, rest, none, source=source, now=now)


async def _given_back(
    tx: Tx,
    share: MerchantShare,
    taken: Sequence[Entry],
    theirs: Sequence[Entry],
    source: str,
    now: datetime,
) -> None:
    """It was taken of what had been exchanged. Undone in another order than it was done, the
    same amount may round otherwise: that is the exchange's gain or loss, so that share and
    books always stand at the rate of what is left."""
    given = given_to(share, _exchanged_back(share, _paid_back(taken)))
    await tx.flush()
    more = Money(given - sum(entry.amount.minor for entry in theirs), share.currency)
    if not more:
        return
    side = [Entry(AVAILABLE, share.merchant_id, -more)]
    if more.minor < 0:
        side = await shares.from_available(tx, share.merchant_id, -more)
    rounded = [*side, Entry(exchange.CLEARING, None, more)]
    memo = exchange.memo_of(share)
    await shares.post(tx, shares.CONVERSION, source, rounded, now, memo=memo)


def _exchanged_back(share: MerchantShare, amount: Money) -> int:
    """What so much of the sale's currency is again in the share's own."""
    back = -share.exchanged(-amount)
    share.sold_left_minor += amount.minor
    return back.minor


def _paid_back(taken: Sequence[Entry]) -> Money:
    """What a refund of an exchanged share came to in the currency of the sale."""
    (paid,) = [e.amount for e in taken if e.account == exchange.CLEARING and e.amount.minor > 0]
    return paid


def _of(entries: Sequence[Entry], account: str) -> int:
    return sum(entry.amount.minor for entry in entries if entry.account == account)
