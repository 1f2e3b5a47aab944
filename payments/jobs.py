"""What payments do outside the database when a fact asks for it: at least once each."""

from datetime import datetime
from typing import Protocol

from livecommerce.kernel.db import Database
from payments import fees, intents, refunds
from payments.events import ChargeBooked, PaymentWanted, RefundWanted
from payments.gateway import PaymentGateway


class Till(Protocol):
    """What a process needs to hold open to collect money."""

    @property
    def db(self) -> Database: ...

    @property
    def payments(self) -> PaymentGateway: ...


async def open_payment(r: Till, event: PaymentWanted, *, now: datetime) -> None:
    """Have the provider open it, so that the buyer can pay."""
    await intents.open_with_provider(r.db, r.payments, event.payment, now=now)


async def send_refund(r: Till, event: RefundWanted, *, now: datetime) -> None:
    """Have the provider give it back."""
    await refunds.send(r.db, r.payments, event.refund, now=now)


async def post_fee(r: Till, event: ChargeBooked, *, now: datetime) -> None:
    """Learn what the provider kept, and post it."""
    await fees.post(r.db, r.payments, event, now=now)
