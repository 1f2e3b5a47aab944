"""Who bears what a buyer gets back: a merchant's share first, then what they owe us.

``left_minor`` of a share is what is there of it; what was taken beyond that stands in
``over_minor`` and is owed. Undone, it is the other way round, so that a share never claims
money that went to pay a debt.
"""

from collections.abc import Sequence
from datetime import datetime

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement import exchange, shares
from livecommerce.settlement.rules import ShareState, converted
from livecommerce.settlement.tables import MerchantShare
from payments import reversals
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


def given_to(share: MerchantShare, minor: int) -> None:
    """A released share has more by this much; what was taken beyond it is made good first."""
    good = min(share.over_minor, minor)
    share.over_minor -= good
    share.left_minor = min(share.share_minor, share.left_minor + minor - good)


def back_from(theirs: Money, amount: Money) -> list[Entry]:
    """The merchant's money becomes the buyer's: nothing, if it is of one currency."""
    same = theirs.currency == amount.currency
    return [] if same else exchange.legs(theirs, amount)


async def take_back(
    tx: Tx, share: MerchantShare, short: Money, *, source: str, now: datetime
) -> None:
    """Ask back as much of what was transferred for the share as is short."""
    if short and share.sent_minor:
        wanted = Money(min(short.minor, share.sent_minor), short.currency)
        asked = await reversals.take_back(
            tx, reference=share.order_id, amount=wanted, key=source, now=now
        )
        share.sent_minor -= asked.minor
        await tx.flush()


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
        share.left_minor = min(share.share_minor, share.left_minor + pending)
        share.over_minor = max(0, share.over_minor - _of(theirs, OWED))
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
        given_to(share, _exchanged_back(share, _paid_back(taken)))
        await tx.flush()
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
    amount = Money(_of(theirs, PENDING), share.sold_currency)
    back = 0
    if amount:
        back = _exchanged_back(share, amount)
        share.sold_minor += amount.minor
        share.share_minor = max(share.share_minor, share.left_minor + back)
        share.left_minor += back
    owed = Money(_of(theirs, OWED), share.sold_currency)
    good = converted(owed, share.rate_used, share.currency).minor
    share.over_minor = max(0, share.over_minor - good)
    await tx.flush()
    await _release_again(tx, share, amount, source, now)
    paid = await shares.recover(tx, share.merchant_id, share.sold_currency, source, now=now)
    got = Money(back, share.currency) - converted(paid, share.rate_used, share.currency)
    none = Money.zero(share.currency)
    await shares.become(tx, share, amount - paid, got, none, source=source, now=now)


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
