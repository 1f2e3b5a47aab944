"""What sales and refunds mean in the books. Postings are idempotent by their source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from livecommerce.kernel.db import Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement.rules import Parts, commission
from payments import ledger
from payments.ledger import Entry

SALE = "sale"
REFUND = "refund"
LATE = "late-payment"
LATE_REFUND = "late-payment-refund"
UNMATCHED = "unmatched-refund"


@dataclass(frozen=True, slots=True)
class Sale:
    """A paid order: whose, from which country's buyer, and what it is made of."""

    order: str
    merchant: str
    country: str
    parts: Parts


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund of an order, and how much of its goods had gone back before."""

    refund: str
    sale: Sale
    goods_before: Money


async def record_sale(tx: Tx, sale: Sale, *, commission_bps: int, now: datetime) -> None:
    """The provider owes us the total; we owe the merchant, carriers and tax offices theirs."""
    fee = commission(sale.parts.goods, commission_bps)
    total = [Entry("stripe_pending", None, sale.parts.total)]
    owed = _owed(sale, sale.parts.goods - fee, fee)
    await _post(tx, SALE, sale.order, [*total, *owed], now)


async def record_refund(
    tx: Tx, given: GivenBack, *, commission_bps: int, now: datetime
) -> None:
    """The same the other way round. The commission on refunded goods is given back too."""
    sale = given.sale
    after = commission(given.goods_before + sale.parts.goods, commission_bps)
    fee = after - commission(given.goods_before, commission_bps)
    total = [Entry("stripe_available", None, -sale.parts.total)]
    owed = [
        Entry(entry.account, entry.owner, -entry.amount)
        for entry in _owed(sale, sale.parts.goods - fee, fee)
    ]
    await _post(tx, REFUND, given.refund, [*total, *owed], now)


async def undo_refund(tx: Tx, refund: str, *, reason: str, now: datetime) -> None:
    """A settled refund came back: the books say so by its mirror image."""
    await ledger.reverse(tx, kind=REFUND, source=refund, reason=reason, occurred_at=now)


async def record_late_payment(tx: Tx, payment: str, amount: Money, *, now: datetime) -> None:
    """Money that came when nothing was left to sell: all of it is the buyer's."""
    entries = [
        Entry("stripe_pending", None, amount),
        Entry("customer_payable", None, -amount),
    ]
    await _post(tx, LATE, payment, entries, now)


async def record_late_refund(tx: Tx, refund: str, amount: Money, *, now: datetime) -> None:
    """The buyer has their late money back."""
    entries = [
        Entry("customer_payable", None, amount),
        Entry("stripe_available", None, -amount),
    ]
    await _post(tx, LATE_REFUND, refund, entries, now)


async def record_unmatched_refund(tx: Tx, refund: str, amount: Money, *, now: datetime) -> None:
    """Money went out at the provider that belongs to no order: somebody has to look."""
    entries = [Entry("suspense", None, amount), Entry("stripe_available", None, -amount)]
    await _post(tx, UNMATCHED, refund, entries, now)


def _owed(sale: Sale, merchants: Money, fee: Money) -> list[Entry]:
    parts, country = sale.parts, sale.country
    return [
        Entry("merchant_pending", sale.merchant, -merchants),
        Entry("platform_fee", None, -fee),
        Entry("freight_payable", None, -(parts.shipping + parts.fees)),
        Entry(f"duty_payable:{country}", None, -parts.duty),
        Entry(f"tax_payable:{country}", None, -parts.tax),
    ]


async def _post(
    tx: Tx, kind: str, source: str, entries: Iterable[Entry], now: datetime
) -> None:
    await ledger.post(tx, kind=kind, source=source, entries=list(entries), occurred_at=now)
