"""Goods of orders that a buyer's bank contests: nothing is sent by mistake, what nobody pays
for is for sale again, and what came back waits for the bank."""

from datetime import datetime, timedelta

import pytest

from livecommerce.catalogue.claims import Claims
from livecommerce.kernel.db import Database
from livecommerce.orders.errors import MoneyDisputed, NotShippable, NotWhileDisputed
from livecommerce.orders.returns import actions as returns
from livecommerce.orders.returns import queries as returned
from livecommerce.orders.returns.exchange import exchange
from livecommerce.orders.returns.rules import ReturnReason, ReturnState, Wish
from livecommerce.orders.returns.wire import AskReturn, BackLine, Inspected, Inspection
from livecommerce.orders.rules import DisputeState, OrderState
from livecommerce.orders.wire import OrderOut
from livecommerce.settlement import queries as money
from livecommerce.web.principal import SYSTEM
from tests.afterwards import as_it_stands, deliver, give_back, paid_order, ship
from tests.contested import contest, decide, is_square, on_hand, ship_all_the_same
from tests.purchases import Counter

MONTH = timedelta(days=30)
OPEN, LOST = DisputeState.OPEN, DisputeState.LOST


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def test_goods_are_not_sent_by_mistake_but_on_purpose(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    await contest(counter, order)
    with pytest.raises(NotWhileDisputed) as refused:
        await ship(counter, order)
    assert refused.value.facts["dispute"] is OPEN
    await ship_all_the_same(counter, order)
    assert (await as_it_stands(counter, order)).state is OrderState.SHIPPED


async def test_goods_that_nobody_pays_for_are_on_hand_again(counter: Counter) -> None:
    order, _ = await paid_order(counter, counts=(3,))
    await ship(counter, order, (0, 1))
    before = await on_hand(counter, order)
    opened = await contest(counter, order)
    assert await on_hand(counter, order) == before, "kept aside until the bank decides"
    await decide(counter, opened, won=False, times=2)
    seen = await as_it_stands(counter, order)
    assert (seen.dispute, seen.state) == (LOST, OrderState.SHIPPED)
    assert seen.lines[0].cancelled == 2
    assert await on_hand(counter, order) == before + 2
    with pytest.raises(NotShippable):
        await ship_all_the_same(counter, order)
    await is_square(counter)


async def test_an_order_that_was_never_sent_ends_cancelled_and_says_why(
    counter: Counter,
) -> None:
    order, _ = await paid_order(counter)
    await decide(counter, await contest(counter, order), won=False)
    seen = await as_it_stands(counter, order)
    assert (seen.state, seen.dispute) == (OrderState.CANCELLED, LOST)
    assert (seen.disputed, seen.owed.minor) == (order.total, 0)
    async with counter.db.begin() as tx:
        (share,) = await money.shares_of(tx, order.merchant, by=SYSTEM)
    assert (share.disputed, share.lost, share.left.minor) == (False, order.total, 0)


async def test_a_part_lost_leaves_the_goods_to_be_sent_on_purpose(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    await decide(counter, await contest(counter, order, 500), won=False)
    with pytest.raises(NotWhileDisputed):
        await ship(counter, order)
    await ship_all_the_same(counter, order)
    with pytest.raises(MoneyDisputed):
        await give_back(counter, order, order.total.minor, "all")


async def sent_back(counter: Counter, order: OrderOut, wish: Wish) -> str:
    """One piece came back and was inspected."""
    line = order.lines[0].id
    want = AskReturn(
        lines=[BackLine(line=line, count=1)], wish=wish, reason=ReturnReason.CHANGED_MIND
    )
    seen = Inspection(lines=[Inspected(line=line, restocked=1, written_off=0)])
    async with counter.db.begin() as tx:
        made = await returns.ask(tx, order.id, want, by=SYSTEM, within=MONTH, now=counter.now)
        await returns.approve(tx, made, "", by=SYSTEM, now=counter.now)
        await returns.receive(tx, made, by=SYSTEM, now=counter.now)
        await returns.inspect(tx, made, seen, by=SYSTEM, now=counter.now)
    return made


async def test_a_return_waits_for_the_bank_and_then_pays_what_it_left(
    counter: Counter,
) -> None:
    order, _ = await paid_order(counter)
    await deliver(counter, await ship(counter, order))
    made = await sent_back(counter, order, Wish.REFUND)
    opened = await contest(counter, order)
    with pytest.raises(MoneyDisputed):
        async with counter.db.begin() as tx:
            await returns.refund(tx, made, by=SYSTEM, now=counter.now)
    await decide(counter, opened, won=False)
    async with counter.db.begin() as tx:
        await returns.refund(tx, made, by=SYSTEM, now=counter.now)
        row = await returned.one(tx, made, by=SYSTEM)
    assert row.state is ReturnState.REFUNDED
    await counter.drain()
    assert (await as_it_stands(counter, order)).refunded.minor == 0
    await is_square(counter)


@pytest.mark.parametrize("lost", [False, True])
async def test_nothing_else_is_sent_for_goods_whose_money_a_bank_has(
    counter: Counter, lost: bool
) -> None:
    order, _ = await paid_order(counter)
    await deliver(counter, await ship(counter, order))
    made = await sent_back(counter, order, Wish.EXCHANGE)
    opened = await contest(counter, order)
    async with Claims(counter.db, latch=0).running() as claims:
        with pytest.raises(MoneyDisputed):
            await exchange(counter.db, claims, made, by=SYSTEM, now=counter.now)
        await decide(counter, opened, won=not lost)
        await exchange(counter.db, claims, made, by=SYSTEM, now=counter.now)
    async with counter.db.begin() as tx:
        row = await returned.one(tx, made, by=SYSTEM)
    assert row.state is (ReturnState.REFUNDED if lost else ReturnState.EXCHANGED)
    await is_square(counter)
