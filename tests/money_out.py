"""What the wiring has settling do when money moves, for tests that run a relay of their own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from livecommerce import wiring
from livecommerce.kernel import ids
from livecommerce.kernel.db import Tx
from livecommerce.kernel.events import Event
from livecommerce.settlement import disputing, jobs, reactions
from livecommerce.settlement.tables import MerchantShare
from payments import disputes, events
from payments.rules import PayeeState, PaymentState
from payments.tables import Payment
from payments.tables_out import Payee


async def known(tx: Tx, merchant: str, *, now: datetime) -> None:
    """The provider knows the merchant, and can send them money."""
    row = Payee(
        owner=merchant,
        state=PayeeState.READY,
        country="CN",
        email="m@example.com",
        provider_id="acct_1",
        due=[],
        wanted_at=now,
    )
    tx.add(row)
    await tx.flush()


async def captured(
    tx: Tx,
    minor: int,
    *,
    settled_in: str | None = "EUR",
    rate: str | None = None,
    now: datetime,
) -> Payment:
    """A buyer's payment in euros, and how the provider settled it."""
    payment = Payment(
        id=ids.new("pay"),
        reference=ids.new("chk"),
        attempt=1,
        state=PaymentState.CAPTURED,
        amount_minor=minor,
        captured_minor=minor,
        currency="EUR",
        description="",
        details={},
        charge="ch_1",
        settled_in=settled_in,
        exchange_rate=rate,
        recorded_at=now,
        captured_at=now,
    )
    tx.add(payment)
    await tx.flush()
    return payment


async def parts_of(tx: Tx, event: events.DisputeOpened | events.DisputeClosed) -> Any:
    """What falls on the one order of a payment without a purchase behind it: all."""
    mine = sa.select(MerchantShare.order_id).where(  # type: ignore[call-overload]
        MerchantShare.payment_id == event.payment
    )
    return dict.fromkeys((await tx.execute(mine)).scalars(), event.amount)


async def contested(tx: Tx, event: events.DisputeOpened, *, now: datetime) -> None:
    """As orders do it for theirs."""
    await disputing.opened(tx, event, await parts_of(tx, event), now=now)


async def decided(tx: Tx, event: events.DisputeClosed, *, now: datetime) -> None:
    """As orders do it for theirs."""
    await disputing.closed(tx, event, await parts_of(tx, event), now=now)


REACTIONS: Mapping[type[Event], list[Any]] = {
    kind: [one for one in listeners if one.__module__ == reactions.__name__]
    for kind, listeners in wiring.REACTIONS.items()
} | {events.DisputeOpened: [contested], events.DisputeClosed: [decided]}
"""As wired, settling's part only."""


async def answer(r: Any, event: events.EvidenceWanted, *, now: datetime) -> None:
    """Evidence without a purchase behind it."""
    async with r.db.begin() as tx:
        dispute = await disputes.get(tx, event.dispute)
    words = {"uncategorized_text": dispute.note or "a parcel was sent"}
    await disputes.answer(r.db, r.payments, event, words, now=now)


JOBS: Mapping[type[Event], list[Any]] = {
    events.PayeeWanted: [jobs.open_payee],
    events.PayeeChanged: [jobs.look_at_payee],
    events.TransferWanted: [jobs.send_transfer],
    events.ReversalWanted: [jobs.take_transfer_back],
    events.EvidenceWanted: [answer],
}
