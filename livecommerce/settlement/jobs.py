"""What the money engine must be driven to do: send refunds, post fees, ask again."""

from datetime import datetime

from livecommerce.resources import Resources
from payments import fees, janitor, refunds
from payments.events import ChargeBooked, RefundWanted


async def send_refund(r: Resources, event: RefundWanted, *, now: datetime) -> None:
    """Ask the provider to give the money back."""
    await refunds.send(r.db, r.payments, event.refund, now=now)


async def post_fee(r: Resources, event: ChargeBooked, *, now: datetime) -> None:
    """What the provider charged enters the books."""
    await fees.post(r.db, r.payments, event, now=now)


async def ask_again(r: Resources, *, now: datetime) -> int:
    """Nothing stays unknown: what was asked and not answered is asked about."""
    return await janitor.ask_again(r.db, r.payments, now=now)


async def listen_again(r: Resources, *, now: datetime) -> int:
    """Webhooks that never arrived are fetched."""
    return await janitor.listen_again(r.db, r.payments, now=now)
