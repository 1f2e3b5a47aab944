"""Refunds that fail: the order says that money is owed, until it is sent again."""

from dataclasses import replace
from datetime import datetime

import pytest

from livecommerce.kernel.db import Database
from livecommerce.orders import queries
from livecommerce.orders.cancellations import actions as cancellations
from livecommerce.orders.cancellations import queries as cancelled
from livecommerce.orders.cancellations.rules import CancelReason
from livecommerce.orders.cancellations.wire import AskCancel
from livecommerce.orders.desk import queries as desk
from livecommerce.orders.desk.wire import Wanted
from livecommerce.orders.pieces.wire import LineCount
from livecommerce.orders.rules import OrderState
from livecommerce.orders.wire import OrderOut
from livecommerce.web.principal import SYSTEM
from payments import refunds
from payments.gateway import There
from tests import shop
from tests.afterwards import as_it_stands, balances, deliver, give_back, paid_order, ship
from tests.purchases import Counter


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def cancel(counter: Counter, order: OrderOut, count: int | None = None) -> None:
    lines = None if count is None else [LineCount(line=order.lines[0].id, count=count)]
    want = AskCancel(lines=lines, reason=CancelReason.OTHER)
    async with counter.db.begin() as tx:
        await cancellations.cancel(tx, order.id, want, by=SYSTEM, now=counter.now)
    await counter.drain()


async def bounces(counter: Counter, order: OrderOut) -> None:
    """The bank sends the first refund back, and the provider says so twice."""
    told = counter.till.refunds[order.refunds[0].id]
    back = replace(told, state=There.FAILED, failure="lost_or_stolen_card")
    for _ in range(2):
        async with counter.db.begin() as tx:
            assert await refunds.apply(tx, back, now=counter.now)
        await counter.drain()


async def test_what_was_cancelled_whole_is_owed_when_its_refund_fails(counter: Counter) -> None:
    order, buyer = await paid_order(counter)
    await cancel(counter, order)
    settled = await as_it_stands(counter, order)
    assert (settled.state, settled.owed.minor) == (OrderState.REFUNDED, 0)
    await bounces(counter, settled)
    after = await as_it_stands(counter, order)
    assert (after.state, after.refunded.minor) == (OrderState.CANCELLED, 0)
    assert after.owed == order.total
    async with counter.db.begin() as tx:
        (listed,) = (await queries.listed(tx, by=buyer, mine=True)).items
        (row,) = (await desk.found(tx, Wanted(), by=SYSTEM)).items
    assert listed.owed == row.owed == order.total
    await balances(counter)
    await shop.books_agree(counter.db)


async def test_what_is_owed_stands_where_its_pieces_are(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    parcel = await ship(counter, order)
    await deliver(counter, parcel)
    await give_back(counter, order, None, "all")
    await counter.drain()
    settled = await as_it_stands(counter, order)
    assert settled.state is OrderState.REFUNDED
    await bounces(counter, settled)
    after = await as_it_stands(counter, order)
    assert (after.state, after.owed) == (OrderState.DELIVERED, order.total)


async def test_part_of_an_order_is_owed_while_the_rest_goes_on(counter: Counter) -> None:
    order, _ = await paid_order(counter, counts=(3,))
    await cancel(counter, order, 1)
    settled = await as_it_stands(counter, order)
    await bounces(counter, settled)
    after = await as_it_stands(counter, order)
    assert (after.state, after.owed) == (OrderState.PAID, settled.refunded)
    await cancel(counter, order)
    both = await as_it_stands(counter, order)
    assert both.state is OrderState.CANCELLED
    assert both.owed == settled.refunded, "another piece's refund pays no debt"
    assert both.refunded.minor + both.owed.minor == order.total.minor


async def test_the_money_is_sent_again_and_nothing_is_owed(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    await cancel(counter, order)
    await bounces(counter, await as_it_stands(counter, order))
    owed = (await as_it_stands(counter, order)).owed
    part = await give_back(counter, order, 100, "part")
    assert part == await give_back(counter, order, 100, "part")
    assert (await as_it_stands(counter, order)).owed.minor == owed.minor - 100
    await give_back(counter, order, None, "rest")
    await counter.drain()
    after = await as_it_stands(counter, order)
    assert (after.state, after.owed.minor) == (OrderState.REFUNDED, 0)
    assert after.refunded == order.total
    await shop.books_agree(counter.db)
    await counter.nothing_is_parked()


async def test_no_key_of_a_merchants_stands_for_a_cancellations_refund(
    counter: Counter,
) -> None:
    order, buyer = await paid_order(counter)
    await cancel(counter, order, 1)
    refund = (await as_it_stands(counter, order)).refunds[0].id
    async with counter.db.begin() as tx:
        (row,) = await cancelled.of_order(tx, order.id, by=buyer)
    assert await give_back(counter, order, 100, row.id) != refund
