"""Purchases that were paid too late, for tests: what came back of their refunds, and who
sends it again."""

from dataclasses import replace

import sqlalchemy as sa

from livecommerce.kernel.money import Money
from livecommerce.orders.lates import actions, queries
from livecommerce.orders.lates.wire import LateOwed
from livecommerce.orders.rules import CheckoutState
from livecommerce.orders.wire import AskRefund, CheckoutOut, PayOwed
from livecommerce.web.principal import SYSTEM, Principal
from payments import queries as payments
from payments import refunds
from payments.gateway import ProviderRefund, Refused, There, WantedRefund
from tests import reckoning, shop
from tests.afterwards import balances
from tests.purchases import Counter
from tests.till import Till

BANK = "MT103 20261130-0042"


class Unwilling(Till):
    """A provider that will not give money back, for a reason of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.willing = False

    async def refund(self, want: WantedRefund) -> ProviderRefund:
        if not self.willing:
            raise Refused(reason="expired_or_canceled_card")
        return await super().refund(want)


async def late(counter: Counter, number: int = 1) -> CheckoutOut:
    """A purchase that was paid after its goods had gone to somebody faster."""
    product = await shop.open_shop(counter.db, now=counter.now, on_hand=1, number=number)
    who, faster = shop.buyer(), shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    await counter.drain()
    await counter.passes(minutes=11)
    await counter.claim(product, faster)
    await counter.pay(checkout)
    ended = await counter.checkout(checkout)
    assert ended.state is CheckoutState.LATE_REFUNDED
    return ended


async def refunds_of(counter: Counter, checkout: CheckoutOut) -> list[str]:
    """Its refunds, oldest first."""
    async with counter.db.begin() as tx:
        rows = await payments.refunds_of(tx, await counter.payment(checkout.id))
    return [row.id for row in sorted(rows, key=lambda row: row.id)]


async def bounces(counter: Counter, refund: str) -> None:
    """The buyer's bank sends it back."""
    told = counter.till.refunds[refund]
    back = replace(told, state=There.FAILED, failure="lost_or_stolen_card")
    async with counter.db.begin() as tx:
        assert await refunds.apply(tx, back, now=counter.now)
    await counter.drain()


async def owing(counter: Counter, number: int = 1) -> CheckoutOut:
    """A late payment whose refund has come back."""
    bought = await late(counter, number)
    (refund,) = await refunds_of(counter, bought)
    await bounces(counter, refund)
    return await counter.checkout(bought.id)


async def again(
    counter: Counter,
    checkout: CheckoutOut,
    minor: int | None = None,
    key: str = "k",
    *,
    by: Principal = SYSTEM,
) -> str:
    amount = None if minor is None else Money(minor, "EUR")
    want = AskRefund(amount=amount, reason="once more")
    async with counter.db.begin() as tx:
        return await actions.send_again(tx, checkout.id, want, key=key, by=by, now=counter.now)


async def pay(
    counter: Counter,
    checkout: CheckoutOut,
    minor: int | None = None,
    key: str = "k",
    *,
    by: Principal = SYSTEM,
    currency: str = "EUR",
) -> str:
    amount = None if minor is None else Money(minor, currency)
    want = PayOwed(amount=amount, reference=BANK, reason="the card was closed")
    async with counter.db.begin() as tx:
        return await actions.paid(tx, checkout.id, want, key=key, by=by, now=counter.now)


async def by_the_desk(
    counter: Counter, checkout: CheckoutOut, minor: int, number: str = "re_desk"
) -> None:
    """So much is given back at the provider's own desk."""
    async with counter.db.begin() as tx:
        payment = await payments.payment(tx, await counter.payment(checkout.id))
        assert payment.provider_id is not None
        amount = Money(minor, checkout.total.currency)
        told = ProviderRefund(number, There.SETTLED, amount, None, payment.provider_id)
        await refunds.apply(tx, told, now=counter.now)
    await counter.drain()


async def owed(counter: Counter, checkout: CheckoutOut) -> int:
    return (await counter.checkout(checkout.id)).owed.minor


async def listed(counter: Counter, by: Principal = SYSTEM) -> list[LateOwed]:
    async with counter.db.begin() as tx:
        return await queries.owing(tx, by=by)


async def in_the_books(counter: Counter) -> tuple[int, int]:
    """What is owed to buyers, and what the provider has of it for us."""
    known = await balances(counter)
    assert not known.get("suspense")
    at_the_provider = known.get("stripe_pending", 0) + known.get("stripe_available", 0)
    return -known.get("customer_payable", 0), at_the_provider


async def nothing_is_amiss(counter: Counter) -> None:
    """The reckoning of late money holds, and no fact failed to be told."""
    async with counter.db.begin() as tx:
        for what, query in reckoning.CHECKS.items():
            rows = (await tx.execute(sa.text(query))).all()
            assert rows == [], what
    await counter.nothing_is_parked()
