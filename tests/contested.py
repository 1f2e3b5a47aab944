"""Purchases that a buyer's bank contests, for tests: what it takes, and what it decides."""

from collections.abc import Sequence

from livecommerce.catalogue import queries as catalogue
from livecommerce.kernel import ids
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.orders import shipping
from livecommerce.orders.cancellations import actions as cancellations
from livecommerce.orders.cancellations.rules import CancelReason
from livecommerce.orders.cancellations.wire import AskCancel
from livecommerce.orders.wire import OrderOut, ShipOrder
from livecommerce.web.principal import SYSTEM, Principal
from payments.events import DisputeClosed, DisputeOpened
from tests import afterwards, shop
from tests.afterwards import balances
from tests.purchases import RATES, Counter


async def contest(
    counter: Counter, order: OrderOut, minor: int | None = None, *, times: int = 1
) -> DisputeOpened:
    """The bank takes so much of the purchase, or all that the order cost."""
    event = DisputeOpened(
        dispute=ids.new("dsp"),
        payment=await counter.payment(order.checkout),
        reference=order.checkout,
        amount=Money(order.total.minor if minor is None else minor, order.total.currency),
        fee=Money(1_500, order.total.currency),
        at=counter.now,
    )
    for _ in range(times):
        async with counter.db.begin() as tx:
            await emit(tx, event)
        await counter.drain()
    counter.till.disputed = True
    return event


async def decide(counter: Counter, opened: DisputeOpened, *, won: bool, times: int = 1) -> None:
    """The bank's word."""
    for _ in range(times):
        async with counter.db.begin() as tx:
            await emit(tx, DisputeClosed(**opened.model_dump(), won=won))
        await counter.drain()
    counter.till.disputed = not won


async def cancel(counter: Counter, order: OrderOut, *, by: Principal = SYSTEM) -> None:
    want = AskCancel(reason=CancelReason.OTHER)
    async with counter.db.begin() as tx:
        await cancellations.cancel(tx, order.id, want, by=by, now=counter.now)


async def ship_all_the_same(counter: Counter, order: OrderOut) -> None:
    want = ShipOrder(
        carrier="YANWEN", tracking="YT0000000001", weight_g=20_000, despite_dispute=True
    )
    office = shipping.Office(afterwards.desk(), RATES)
    async with counter.db.begin() as tx:
        await shipping.ship(tx, order.id, want, by=SYSTEM, office=office, now=counter.now)


async def on_hand(counter: Counter, order: OrderOut) -> int:
    variant = order.lines[0].variant
    async with counter.db.begin() as tx:
        return (await catalogue.left(tx, [variant]))[variant]


async def is_square(counter: Counter) -> None:
    """The books sum to nothing and agree with the stock; nothing was refused on the way."""
    await balances(counter)
    await shop.books_agree(counter.db)
    await counter.nothing_is_parked()


async def two_orders(counter: Counter) -> Sequence[OrderOut]:
    """One purchase of two merchants' goods."""
    who = shop.buyer()
    holds = [
        await counter.claim(await shop.open_shop(counter.db, now=counter.now, number=n), who)
        for n in (1, 2)
    ]
    checkout = await counter.place(who, *holds)
    await counter.drain()
    await counter.pay(checkout)
    return await counter.orders(checkout)
