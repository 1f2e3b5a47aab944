"""Purchases for tests: a running relay over a till, and buyers who go all the way."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from livecommerce.catalogue.claims import Claims
from livecommerce.catalogue.wire import HoldOut, ProductOut
from livecommerce.crossborder.rates import Rates
from livecommerce.crossborder.wire import Destination
from livecommerce.kernel.db import Database
from livecommerce.kernel.relay import Relay
from livecommerce.orders import actions, jobs, queries, reactions
from livecommerce.orders.events import CheckoutCancelling
from livecommerce.orders.rules import Policy
from livecommerce.orders.wire import Address, AskQuote, CheckoutOut, OrderOut, PlaceCheckout
from livecommerce.web.principal import SYSTEM, Principal
from payments import intents, refunds
from payments.events import (
    DisputeClosed,
    DisputeOpened,
    PaymentCancelled,
    PaymentCaptured,
    PaymentFailed,
    PaymentOpened,
    PaymentProcessing,
    PaymentWanted,
    RefundFailed,
    RefundSettled,
    RefundWanted,
)
from payments.gateway import ProviderPayment
from tests import shop
from tests.customs import DESK
from tests.till import Till

RATES = Rates()
BERLIN = Address(
    name="Anna Beispiel",
    line1="Lindenstr. 1",
    city="Berlin",
    postcode="10969",
    country="DE",
    phone="+49 30 000000",
)


async def send_refund(r: Any, event: RefundWanted, *, now: datetime) -> None:
    """As the wiring does it."""
    await refunds.send(r.db, r.payments, event.refund, now=now)


REACTIONS = {
    PaymentOpened: [reactions.on_payment_opened],
    PaymentProcessing: [reactions.on_payment_processing],
    PaymentFailed: [reactions.on_payment_failed],
    PaymentCaptured: [reactions.on_payment_captured],
    PaymentCancelled: [reactions.on_payment_cancelled],
    RefundSettled: [reactions.on_refund_settled],
    DisputeOpened: [reactions.on_dispute_opened],
    DisputeClosed: [reactions.on_dispute_closed],
    RefundFailed: [reactions.on_refund_failed],
}
JOBS = {
    PaymentWanted: [jobs.open_payment],
    CheckoutCancelling: [jobs.cancel_payment],
    RefundWanted: [send_refund],
}


@dataclass(slots=True)
class Counter:
    """Where buyers stand: a till, a relay, and the clock that the test moves."""

    db: Database
    now: datetime
    till: Till = field(default_factory=Till)

    @property
    def relay(self) -> Relay:
        """Everything that orders react to, over the till."""
        resources = SimpleNamespace(db=self.db, payments=self.till)
        return Relay(self.db, REACTIONS, JOBS, resources)

    async def claim(
        self, product: ProductOut, who: Principal, *, count: int = 1, variant: int = 0
    ) -> HoldOut:
        """Goods set aside."""
        async with Claims(self.db, latch=0).running() as claims:
            key = f"{self.now.isoformat()} {product.variants[variant].id}"
            want = shop.claim_of(product, who.id, key, count=count, variant=variant)
            return await claims.claim(want, self.now)

    async def place(
        self,
        who: Principal,
        *holds: HoldOut,
        policy: Policy = Policy(),  # noqa: B008
    ) -> str:
        """Quoted to Berlin and placed; the checkout's id."""
        want = AskQuote(
            holds=[hold.id for hold in holds],
            destination=Destination(country="DE", postcode="10969"),
            currency="EUR",
        )
        async with self.db.begin() as tx:
            quote = await actions.quote(tx, want, by=who, rates=RATES, desk=DESK, now=self.now)
        order = PlaceCheckout(quote=quote.id, address=BERLIN, email="anna@example.com")
        async with self.db.begin() as tx:
            return await actions.place(tx, order, by=who, policy=policy, now=self.now)

    async def drain(self) -> None:
        """Tell and do everything that is due."""
        await self.relay.drain(self.now)

    async def passes(self, **span: float) -> None:
        """Time passes, and the sweeper with it."""
        self.now += timedelta(**span)
        await jobs.end_overdue(SimpleNamespace(db=self.db), now=self.now)  # type: ignore[arg-type]
        await self.drain()

    async def hear(self, told: ProviderPayment) -> None:
        """The provider's word, as a webhook brings it."""
        async with self.db.begin() as tx:
            await intents.apply(tx, told, now=self.now)

    async def pay(self, checkout: str) -> None:
        """The buyer pays, and all that follows happens."""
        await self.hear(self.till.pay(await self.payment(checkout)))
        await self.drain()

    async def payment(self, checkout: str) -> str:
        """The payment of a purchase."""
        found = sa.text("SELECT payment_id FROM commerce.checkout WHERE id = :id")
        async with self.db.begin() as tx:
            id_ = await tx.scalar(found, {"id": checkout})
        assert isinstance(id_, str)
        return id_

    async def checkout(self, checkout: str) -> CheckoutOut:
        """The purchase as it stands."""
        async with self.db.begin() as tx:
            return await queries.checkout(tx, checkout, by=SYSTEM, sandbox=True)

    async def orders(self, checkout: str) -> list[OrderOut]:
        """Its orders as they stand."""
        ids = (await self.checkout(checkout)).orders
        async with self.db.begin() as tx:
            return [await queries.order(tx, order, by=SYSTEM) for order in ids]

    async def told(self, topic: str) -> list[dict[str, Any]]:
        """The facts of one topic, oldest first."""
        found = sa.text("SELECT body FROM kernel.outbox WHERE topic = :topic ORDER BY id")
        async with self.db.begin() as tx:
            return list((await tx.execute(found, {"topic": topic})).scalars())

    async def nothing_is_parked(self) -> None:
        """No fact failed to be told, and no job to be done."""
        for table in ("outbox", "job"):
            failed = sa.text(
                f"SELECT last_error FROM kernel.{table} WHERE last_error IS NOT NULL"
            )
            async with self.db.begin() as tx:
                assert list((await tx.execute(failed)).scalars()) == []
