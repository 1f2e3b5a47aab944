"""From the currency of a sale into the one a merchant is settled in; what that gains or loses.

The rate is the provider's, where it settled the sale in the merchant's currency, and else a
dated one, by which we exchange ourselves. Both sides stand on ``fx_clearing``, each in its
currency; once a day that account is valued at the day's rates, and what it is worth becomes a
gain or a loss.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from livecommerce.kernel.db import Database, Tx, one_at_a_time
from livecommerce.kernel.money import Money
from livecommerce.settlement.rules import converted
from livecommerce.settlement.tables import MerchantShare
from payments import ledger, queries
from payments.ledger import Entry

CLEARING = "fx_clearing"
REVALUED = "fx-revaluation"
PROVIDER = "payment provider"


@dataclass(frozen=True, slots=True)
class Quoted:
    """What one of a currency is in another; by whom, and for which day."""

    rate: Decimal
    on: date
    source: str


@dataclass(frozen=True, slots=True)
class DatedRates:
    """Where a process asks what one ``base`` is in a ``currency`` at a moment. It may raise
    that there is no such rate, or none that is young enough."""

    between: Callable[[str, str, datetime], Quoted]


async def rate_for(
    tx: Tx, share: MerchantShare, rates: DatedRates, *, now: datetime
) -> Quoted | None:
    """By what the share is to be exchanged; nothing, while the provider has not told in which
    currency it settled the sale.

    Raises:
        NoRate, RatesTooOld: by our own rates it cannot be.
    """
    wanted = share.agreed.settles_in or share.currency
    payment = await queries.payment(tx, share.payment_id)
    if payment.settled_in is None:
        return None
    if payment.settled_in == wanted and payment.exchange_rate is not None:
        told = payment.captured_at or share.paid_at
        return Quoted(Decimal(payment.exchange_rate), told.date(), PROVIDER)
    return rates.between(share.currency, wanted, now)


def legs(paid: Money, got: Money) -> list[Entry]:
    """What exchanging does to the clearing account: ``paid`` was given for ``got``."""
    return [Entry(CLEARING, None, -paid), Entry(CLEARING, None, got)]


def memo_of(share: MerchantShare) -> str:
    """The rate that a share was exchanged at, as a statement carries it."""
    rate = f"1 {share.sold_currency} = {share.rate} {share.currency}"
    return f"{rate}, {share.rate_source}, {share.rate_on}"


async def revalue(db: Database, rates: DatedRates, home: str, *, now: datetime) -> Money | None:
    """Value what stands on the clearing account at today's rates, once a day; the gain in the
    ``home`` currency (a loss is negative), or nothing if it was done today.

    Raises:
        NoRate, RatesTooOld: it cannot be valued.
    """
    source = f"fx:{now.date().isoformat()}"
    async with db.begin() as tx:
        await one_at_a_time(tx, "fx-revaluation")
        if await ledger.stands(tx, kind=REVALUED, source=source):
            return None
        worth, memo = Money.zero(home), ""
        for line in await ledger.trial_balance(tx):
            if line.account != CLEARING or not line.amount:
                continue
            base = line.amount.currency
            quoted = rates.between(base, home, now)
            worth += converted(line.amount, quoted.rate, home)
            if base != home:
                memo = f"{quoted.source}, {quoted.on.isoformat()}"
        if not worth:
            return worth
        # What stands there as a debit was given away: it is lost unless something came for it.
        account = "fx_loss" if worth.minor > 0 else "fx_gain"
        entries = [Entry(account, None, worth), Entry(CLEARING, None, -worth)]
        await ledger.post(
            tx, kind=REVALUED, source=source, entries=entries, occurred_at=now, memo=memo
        )
        return -worth
