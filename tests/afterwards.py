"""What happens to orders once they are paid, for tests: sent, paid back, looked at."""

from collections.abc import Sequence

from livecommerce.crossborder.facts import Carrier, Desk, Enterprise
from livecommerce.kernel.money import Money
from livecommerce.orders import queries, refunding, shipping
from livecommerce.orders.pieces.wire import LineCount
from livecommerce.orders.wire import AskRefund, OrderOut, ShipOrder
from livecommerce.web.principal import SYSTEM, Principal
from livecommerce.web.wire import Both
from payments import ledger
from tests import shop
from tests.purchases import RATES, Counter


def desk() -> Desk:
    """Who declares for the centre: one carrier takes any number, one is the post."""
    firm = Enterprise(code="3206960001", name="南通直播服务中心")
    return Desk(
        platform=firm,
        agent=firm,
        carriers=[
            Carrier(
                code="3206960002",
                name="YANWEN",
                label=Both(zh="燕文", en="Yanwen"),
                follow="https://follow.example/?n={number}",
            ),
            Carrier(
                code="3206960003", name="POST", label=Both(zh="邮政", en="Post"), numbers="s10"
            ),
        ],
        payer=firm,
        sender=firm,
        dxp_id="DXPENT0000000001",
        receiver_id="DXPEDCCEB0000002",
        customs_office="2301",
        exit_port="2301",
        demo=True,
    )


async def paid_order(
    counter: Counter, *, counts: Sequence[int] = (2,), number: int = 1, on_hand: int = 10
) -> tuple[OrderOut, Principal]:
    """A paid order of so many pieces of each variant, and who bought it."""
    product = await shop.open_shop(
        counter.db, now=counter.now, variants=len(counts), number=number, on_hand=on_hand
    )
    who = shop.buyer()
    holds = [
        await counter.claim(product, who, count=count, variant=n)
        for n, count in enumerate(counts)
    ]
    checkout = await counter.place(who, *holds)
    await counter.drain()
    await counter.pay(checkout)
    return _sorted((await counter.orders(checkout))[0]), who


def _sorted(order: OrderOut) -> OrderOut:
    """The order with its lines as the shop numbers its variants."""
    lines = sorted(order.lines, key=lambda line: (line.sku, line.id))
    return order.model_copy(update={"lines": lines})


async def ship(
    counter: Counter,
    order: OrderOut,
    *pieces: tuple[int, int],
    tracking: str = "YT0000000001",
    carrier: str = "YANWEN",
    by: Principal = SYSTEM,
) -> str:
    """A parcel of these pieces, or of all that wait; the consignment's id."""
    lines = [LineCount(line=order.lines[n].id, count=count) for n, count in pieces] or None
    want = ShipOrder(carrier=carrier, tracking=tracking, weight_g=20_000, lines=lines)
    office = shipping.Office(desk(), RATES)
    async with counter.db.begin() as tx:
        return await shipping.ship(tx, order.id, want, by=by, office=office, now=counter.now)


async def deliver(counter: Counter, parcel: str) -> None:
    """It has arrived."""
    async with counter.db.begin() as tx:
        await shipping.deliver(tx, parcel, by=SYSTEM, now=counter.now)


async def give_back(counter: Counter, order: OrderOut, minor: int | None, key: str) -> str:
    """So much, or all that is left; the refund's id."""
    amount = None if minor is None else Money(minor, order.total.currency)
    want = AskRefund(amount=amount, reason="a gesture")
    async with counter.db.begin() as tx:
        return await refunding.refund(tx, order.id, want, key=key, by=SYSTEM, now=counter.now)


async def as_it_stands(counter: Counter, order: OrderOut) -> OrderOut:
    """The order now."""
    async with counter.db.begin() as tx:
        return _sorted(await queries.order(tx, order.id, by=SYSTEM, desk=desk()))


async def balances(counter: Counter) -> dict[str, int]:
    """Every account, after making sure that they sum to nothing."""
    async with counter.db.begin() as tx:
        lines = await ledger.trial_balance(tx)
    assert sum(line.amount.minor for line in lines) == 0
    return {line.account: line.amount.minor for line in lines}
