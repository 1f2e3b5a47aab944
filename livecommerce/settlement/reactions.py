"""What settling does when money moves: send on, post, hold, give free."""

from datetime import datetime

from livecommerce.kernel.db import Tx
from livecommerce.settlement import sending, waits
from livecommerce.settlement.events import ShareReleased
from payments.events import (
    PayeeReady,
    PayoutFailed,
    PayoutOnItsWay,
    ReversalRefused,
    ReversalSettled,
    TransferRefused,
    TransferSent,
)


async def on_share_released(tx: Tx, event: ShareReleased, *, now: datetime) -> None:
    """What is available is sent."""
    await sending.send_available(tx, event.merchant, event.currency, now=now)


async def on_payee_ready(tx: Tx, event: PayeeReady, *, now: datetime) -> None:
    """What waited for the merchant's account is sent."""
    await waits.ask_again(tx, event.owner, now=now)
    await sending.send_everything(tx, event.owner, now=now)


async def on_transfer_sent(tx: Tx, event: TransferSent, *, now: datetime) -> None:
    """The money has left."""
    await sending.sent(tx, event, now=now)


async def on_transfer_refused(tx: Tx, event: TransferRefused, *, now: datetime) -> None:
    """The money has not left."""
    await sending.refused(tx, event, now=now)


async def on_reversal_settled(tx: Tx, event: ReversalSettled, *, now: datetime) -> None:
    """The money is back."""
    await sending.came_back(tx, event, now=now)


async def on_reversal_refused(tx: Tx, event: ReversalRefused, *, now: datetime) -> None:
    """The money stays with the merchant."""
    await sending.not_back(tx, event, now=now)


async def on_payout_on_its_way(tx: Tx, event: PayoutOnItsWay, *, now: datetime) -> None:
    """Our money is on its way to our bank."""
    await sending.paid_out(tx, event, now=now)


async def on_payout_failed(tx: Tx, event: PayoutFailed, *, now: datetime) -> None:
    """It came back."""
    await sending.payout_failed(tx, event, now=now)
