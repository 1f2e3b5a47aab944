"""What orders do when something happens elsewhere."""

from datetime import datetime

import sqlalchemy as sa

from livecommerce.identity.events import GuestMerged
from livecommerce.kernel.db import Tx
from livecommerce.orders import disputing, outcomes, refunding
from payments.events import (
    DisputeClosed,
    DisputeOpened,
    PaymentCancelled,
    PaymentCaptured,
    PaymentFailed,
    PaymentOpened,
    PaymentProcessing,
    RefundFailed,
    RefundSettled,
)


async def on_payment_opened(tx: Tx, event: PaymentOpened, *, now: datetime) -> None:
    """The buyer's clock starts when they can pay, not before."""
    await outcomes.ready(tx, event.reference, event.payment, now=event.at)


async def on_payment_processing(tx: Tx, event: PaymentProcessing, *, now: datetime) -> None:
    """A wallet is busy: the purchase is not ended under it."""
    await outcomes.busy(tx, event.reference, now=now)


async def on_payment_failed(tx: Tx, event: PaymentFailed, *, now: datetime) -> None:
    """A declined attempt is told; a payment that cannot be opened ends the purchase."""
    if event.final:
        await outcomes.cancelled(tx, event.reference, now=now)
    else:
        await outcomes.refused(tx, event.reference, event.code)


async def on_payment_captured(tx: Tx, event: PaymentCaptured, *, now: datetime) -> None:
    """Sold, or given back if it came too late."""
    await outcomes.captured(tx, event, now=now)


async def on_payment_cancelled(tx: Tx, event: PaymentCancelled, *, now: datetime) -> None:
    """Nobody can pay any more: the goods are for sale again."""
    await outcomes.cancelled(tx, event.reference, now=now)


async def on_refund_settled(tx: Tx, event: RefundSettled, *, now: datetime) -> None:
    """The buyer has the money back."""
    await refunding.settled(tx, event, now=now)


async def on_refund_failed(tx: Tx, event: RefundFailed, *, now: datetime) -> None:
    """The money came back to us."""
    await refunding.failed(tx, event, now=now)


async def on_dispute_opened(tx: Tx, event: DisputeOpened, *, now: datetime) -> None:
    """The bank has taken money."""
    await disputing.opened(tx, event, now=now)


async def on_dispute_closed(tx: Tx, event: DisputeClosed, *, now: datetime) -> None:
    """The bank has decided."""
    await disputing.closed(tx, event, now=now)


_MINE = tuple(
    sa.text(f'UPDATE commerce."{table}" SET buyer = :person WHERE buyer = :guest')  # noqa: S608
    for table in ("checkout", "order")
)


async def on_guest_merged(tx: Tx, event: GuestMerged, *, now: datetime) -> None:
    """The guest's purchases are the person's."""
    for statement in _MINE:
        await tx.execute(statement, {"guest": event.guest, "person": event.person})
