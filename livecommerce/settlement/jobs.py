"""What the money engine must be driven to do: send refunds, post fees, ask again."""

from datetime import datetime, timedelta

from livecommerce.identity import queries as people
from livecommerce.resources import Resources
from livecommerce.settlement import exchange, letters, sending, shares
from livecommerce.settlement.events import ReceiptsReached
from livecommerce.settlement.exchange import DatedRates
from payments import fees, folding, janitor, payees, reconciling, refunds, reversals, transfers
from payments.events import (
    ChargeBooked,
    PayeeChanged,
    PayeeWanted,
    PayoutFailed,
    RefundBooked,
    RefundWanted,
    ReversalWanted,
    TransferWanted,
)

EVERY = timedelta(hours=23)


async def send_refund(r: Resources, event: RefundWanted, *, now: datetime) -> None:
    """Ask the provider to give the money back."""
    await refunds.send(r.db, r.payments, event.refund, now=now)


async def post_fee(r: Resources, event: ChargeBooked, *, now: datetime) -> None:
    """What the provider charged enters the books."""
    await fees.post(r.db, r.payments, event, now=now)


async def look_at_payee(r: Resources, event: PayeeChanged, *, now: datetime) -> None:
    """The provider knows something new about a merchant's account."""
    await payees.look(r.db, r.payments, event.owner, now=now)


async def open_payee(r: Resources, event: PayeeWanted, *, now: datetime) -> None:
    """Have an account opened for a merchant."""
    await payees.open_with_provider(r.db, r.payments, event.owner, now=now)


async def send_transfer(r: Resources, event: TransferWanted, *, now: datetime) -> None:
    """Send a merchant's money on."""
    await transfers.send(r.db, r.payments, event.transfer, now=now)


async def take_transfer_back(r: Resources, event: ReversalWanted, *, now: datetime) -> None:
    """Have some of it back."""
    await reversals.reverse(r.db, r.payments, event.reversal, now=now)


async def ask_again(r: Resources, *, now: datetime) -> int:
    """Nothing stays unknown: what was asked and not answered is asked about."""
    return await janitor.ask_again(r.db, r.payments, now=now)


async def listen_again(r: Resources, *, now: datetime) -> int:
    """Webhooks that never arrived are fetched."""
    return await janitor.listen_again(r.db, r.payments, now=now)


async def listen_to_payees(r: Resources, *, now: datetime) -> int:
    """So are those about merchants' own accounts."""
    return await janitor.listen_to_payees(r.db, r.payments, now=now)


async def write_of_receipts(r: Resources, event: ReceiptsReached, *, now: datetime) -> None:
    """A merchant whose receipts pass a threshold gets it in writing."""
    letter = letters.receipts_reached(event, home=r.public_url)
    key = f"receipts/{event.merchant}/{event.year}/{event.threshold.minor}"
    await _write(r, event.merchant, letter, key=key, now=now)


async def write_of_payout(r: Resources, event: PayoutFailed, *, now: datetime) -> None:
    """A merchant whose bank sends money back gets it in writing."""
    if event.owner is not None:
        letter = letters.payout_failed(event, home=r.public_url)
        await _write(r, event.owner, letter, key=f"payout/{event.payout}", now=now)


async def _write(
    r: Resources, merchant: str, letter: letters.Letter, *, key: str, now: datetime
) -> None:
    async with r.db.begin() as tx:
        seller = await people.seller(tx, merchant)
    to = seller.contact.get("email")
    if to:
        await r.mail.send(to, letter.subject, letter.text, key=key, now=now)


async def release_shares(r: Resources, *, now: datetime) -> int:
    """What was held long enough is the merchants'."""
    return await shares.release_due(r.db, r.part(DatedRates), now=now)


async def send_money(r: Resources, *, now: datetime) -> int:
    """What is available is on its way to the merchants, whatever made it so."""
    return await sending.send_due(r.db, now=now)


async def value_exchange(r: Resources, *, now: datetime) -> bool:
    """Once a day, what was exchanged is valued: gains and losses enter the books."""
    home = r.settings.books_currency
    return await exchange.revalue(r.db, r.part(DatedRates), home, now=now) is not None


async def post_exchange(r: Resources, event: RefundBooked, *, now: datetime) -> None:
    """A refund left our balance in another currency: the books say so."""
    await fees.post_refund(r.db, r.payments, event, now=now)


async def reconcile_nightly(r: Resources, *, now: datetime) -> bool:
    """Our books are compared with the provider's once a day; whether it was time."""
    async with r.db.begin() as tx:
        last = await reconciling.latest(tx)
    if last is not None and now - last.until < EVERY:
        return False
    await reconciling.run(r.db, r.payments, now=now)
    return True


async def fold_books(r: Resources, *, now: datetime) -> int:
    """Balances stay quick to read."""
    return await folding.fold(r.db, now=now)
