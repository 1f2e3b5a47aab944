"""What sales and refunds mean in the books. Postings are idempotent by their source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement import bearing, plans, shares
from livecommerce.settlement.rules import (
    Charging,
    Division,
    Parts,
    ShareState,
    Terms,
    divide,
    given_back,
)
from livecommerce.settlement.sending import SENT
from livecommerce.settlement.tables import MerchantShare
from payments import ledger, reversals, transfers
from payments.ledger import Entry

SALE = "sale"
REFUND = "refund"
REFUND_OUTSIDE = "refund-outside"
LATE = "late-payment"
LATE_REFUND = "late-payment-refund"
UNMATCHED = "unmatched-refund"


@dataclass(frozen=True, slots=True)
class Sale:
    """A paid order: whose, from which country's buyer, by which payment, what it is made of,
    and the terms that were frozen with it."""

    order: str
    merchant: str
    country: str
    payment: str
    parts: Parts
    terms: Terms
    charging: Charging = Charging.SEPARATE


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund of an order: its parts, and how much of its goods had gone back before."""

    refund: str
    sale: Sale
    parts: Parts
    goods_before: Money
    asked: str = ""
    """The payment's refund, if this is one order's part of it."""
    outside: str | None = None
    """The bank's reference, if it was paid out of our bank account and not by the provider."""


async def record_sale(tx: Tx, sale: Sale, *, now: datetime) -> None:
    """The provider owes us the total; we owe the merchant, carriers and tax offices theirs.
    The merchant's share is theirs to have once the goods have left and the hold has passed."""
    divided = divide(sale.parts.goods, sale.terms)
    total = [Entry("stripe_pending", None, sale.parts.total)]
    share = [Entry("merchant_pending", sale.merchant, -divided.share)]
    owed = [*share, *_owed(sale.country, sale.parts, divided)]
    if not await _post(tx, SALE, sale.order, [*total, *owed], now, memo=sale.payment):
        return
    row = MerchantShare(
        order_id=sale.order,
        merchant_id=sale.merchant,
        payment_id=sale.payment,
        state=ShareState.PENDING,
        currency=divided.share.currency,
        total_minor=sale.parts.total.minor,
        share_minor=divided.share.minor,
        left_minor=divided.share.minor,
        terms=plans.stored(sale.terms),
        paid_at=now,
    )
    row.charging = sale.charging.value
    direct = sale.charging is Charging.DIRECT
    if direct:  # nothing is held: it has gone with the charge
        row.state, row.released_at = ShareState.AVAILABLE, now
        row.sent_minor, row.transfers = divided.share.minor, 1
    tx.add(row)
    await tx.flush()
    if direct:
        await _sent_with_charge(
            tx, sale.merchant, sale.order, sale.payment, divided.share, now=now
        )


async def _sent_with_charge(
    tx: Tx,
    merchant: str,
    reference: str,
    payment: str,
    share: Money,
    *,
    out_of: str = "merchant_pending",
    now: datetime,
) -> None:
    sent = await transfers.with_charge(
        tx,
        owner=merchant,
        reference=reference,
        payment=payment,
        amount=share,
        key=f"{reference}:0",
        now=now,
    )
    entries = [Entry(out_of, merchant, share), Entry("stripe_available", None, -share)]
    await _post(tx, SENT, sent.id, entries, now)


async def goods_left(tx: Tx, order: str, *, now: datetime) -> None:
    """The goods are on their way: the merchant's hold period begins."""
    await shares.begin_hold(tx, order, now=now)


async def record_refund(tx: Tx, given: GivenBack, *, now: datetime) -> None:
    """The same the other way round. Commission and subsidy on the goods go back, too. What
    was paid outside left our bank account; the provider knows nothing of it."""
    sale, parts = given.sale, given.parts
    back = given_back(sale.parts.goods, sale.terms, given.goods_before, parts.goods)
    kind, account = REFUND, "stripe_available"
    memo = given.asked or given.refund
    if given.outside is not None:
        kind, account, memo = REFUND_OUTSIDE, "bank", given.outside
    total = [Entry(account, None, -parts.total)]
    owed = [
        Entry(entry.account, entry.owner, -entry.amount)
        for entry in _owed(sale.country, parts, back)
    ]
    if await ledger.stands(tx, kind=kind, source=given.refund):
        return
    theirs = await bearing.take(tx, sale.order, back.share, source=given.refund, now=now)
    await _post(tx, kind, given.refund, [*total, *theirs, *owed], now, memo=memo)
    if any(each.account == bearing.OWED and each.amount for each in theirs):
        share = await tx.get_one(MerchantShare, sale.order)
        await bearing.take_back_beyond(tx, share, source=given.refund, now=now)


async def undo_refund(tx: Tx, order: str, refund: str, *, reason: str, now: datetime) -> bool:
    """A settled refund came back, or was never paid: the books say so by its mirror image.
    Whether that is news."""
    posted = {p.kind: p for p in await ledger.journal(tx, sources=[refund])}
    about: dict[str, Any] = {"source": refund, "reason": reason, "occurred_at": now}
    if REFUND_OUTSIDE in posted:
        undone = await ledger.reverse(tx, kind=REFUND_OUTSIDE, **about)
    else:
        undone = await ledger.reverse(tx, kind=REFUND, **about)
    taken = posted.get(REFUND_OUTSIDE) or posted.get(REFUND)
    if undone and taken is not None and any(entry.owner for entry in taken.entries):
        await bearing.put_back(tx, order, refund, taken.entries, now=now)
    return undone


async def record_late_payment(
    tx: Tx,
    payment: str,
    amount: Money,
    *,
    now: datetime,
    sent: tuple[str, Money] | None = None,
) -> None:
    """Money that came when nothing was left to sell: all of it is the buyer's. What of it was
    ``sent`` to a merchant with the charge is owed by them, and asked back."""
    entries = [
        Entry("stripe_pending", None, amount),
        Entry("customer_payable", None, -amount),
    ]
    if not await _post(tx, LATE, payment, entries, now) or sent is None:
        return
    merchant, share = sent
    await _sent_with_charge(
        tx, merchant, payment, payment, share, out_of="merchant_receivable", now=now
    )
    await reversals.take_back(tx, reference=payment, amount=share, key=payment, now=now)


async def record_late_refund(
    tx: Tx, refund: str, amount: Money, *, outside: str | None = None, now: datetime
) -> None:
    """The buyer has their late money back.

    Args:
        outside: the bank's reference, if it left our bank account; the provider knows nothing
            of it.
    """
    kind = LATE_REFUND if outside is None else REFUND_OUTSIDE
    account = "stripe_available" if outside is None else "bank"
    entries = [Entry("customer_payable", None, amount), Entry(account, None, -amount)]
    await _post(tx, kind, refund, entries, now, memo=outside or "")


async def undo_unsold_refund(tx: Tx, refund: str, *, reason: str, now: datetime) -> bool:
    """A settled refund of late money, or of nothing we know, came back, or was never paid: the
    books say so by its mirror image. Whether that is news.

    Raises:
        NoSuchPosting: it is not in the books.
    """
    posted = {p.kind for p in await ledger.journal(tx, sources=[refund])}
    kind = next((k for k in (LATE_REFUND, REFUND_OUTSIDE) if k in posted), UNMATCHED)
    return await ledger.reverse(tx, kind=kind, source=refund, reason=reason, occurred_at=now)


async def record_unmatched_refund(tx: Tx, refund: str, amount: Money, *, now: datetime) -> None:
    """Money went out at the provider that belongs to no order: somebody has to look."""
    entries = [Entry("suspense", None, amount), Entry("stripe_available", None, -amount)]
    await _post(tx, UNMATCHED, refund, entries, now)


def _owed(country: str, parts: Parts, divided: Division) -> list[Entry]:
    """What a sale owes to others than the merchant."""
    return [
        Entry("platform_fee", None, -divided.fee),
        Entry("commission_subsidy", None, divided.subsidy),
        Entry("freight_payable", None, -(parts.shipping + parts.fees)),
        Entry(f"duty_payable:{country}", None, -parts.duty),
        Entry(f"tax_payable:{country}", None, -parts.tax),
    ]


async def _post(
    tx: Tx, kind: str, source: str, entries: Iterable[Entry], now: datetime, *, memo: str = ""
) -> bool:
    """``memo`` names the payment or refund by which the provider knows it."""
    return await ledger.post(
        tx, kind=kind, source=source, entries=list(entries), occurred_at=now, memo=memo
    )
