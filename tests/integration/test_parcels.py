"""Several parcels for one order: each declares just its own, and the order follows them."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from livecommerce.crossborder import queries as customs
from livecommerce.crossborder.facts import ConsignmentFacts
from livecommerce.kernel.db import Database
from livecommerce.orders.cancellations import actions as cancellations
from livecommerce.orders.cancellations.rules import CancelReason
from livecommerce.orders.cancellations.wire import AskCancel
from livecommerce.orders.errors import TrackingMalformed
from livecommerce.orders.pieces.errors import PiecesGone
from livecommerce.orders.rules import OrderState
from livecommerce.web.principal import SYSTEM
from tests import shop
from tests.afterwards import as_it_stands, deliver, give_back, paid_order, ship
from tests.purchases import Counter


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def facts_of(counter: Counter, parcel: str) -> ConsignmentFacts:
    """What was told of a parcel."""
    found = sa.text("SELECT facts FROM commerce.declaration WHERE consignment = :parcel")
    async with counter.db.begin() as tx:
        return ConsignmentFacts.model_validate(await tx.scalar(found, {"parcel": parcel}))


async def test_each_parcel_declares_its_own_and_together_they_are_the_order(
    counter: Counter,
) -> None:
    order, _ = await paid_order(counter, counts=(3, 2))
    parcels = [
        await ship(counter, order, (0, 2), tracking="YT1"),
        await ship(counter, order, (0, 1), (1, 1), tracking="YT2"),
    ]
    partly = await as_it_stands(counter, order)
    assert partly.state is OrderState.PARTLY_SHIPPED
    with pytest.raises(PiecesGone):
        await ship(counter, order, (0, 1), tracking="YT3")
    parcels.append(await ship(counter, order, tracking="YT3"))
    shipped = await as_it_stands(counter, order)
    assert shipped.state is OrderState.SHIPPED
    inside = [{each.line: each.count for each in p.lines} for p in shipped.consignments]
    one, other = (line.id for line in order.lines)
    assert inside == [{one: 2}, {one: 1, other: 1}, {other: 1}]
    assert shipped.consignments[0].link == "https://follow.example/?n=YT1"
    told = [await facts_of(counter, parcel) for parcel in parcels]
    assert [sorted(line.count for line in each.lines) for each in told] == [[2], [1, 1], [1]]
    assert sum(each.charged.minor for each in told) == order.total.minor
    assert sum(each.freight.minor for each in told) == order.shipping.minor
    async with counter.db.begin() as tx:
        declared = await customs.of_orders(tx, [order.id])
    assert len(declared) == 3
    assert [d for one in declared for d in one.differences if d.level == "block"] == []


async def test_the_last_parcel_delivers_the_order(counter: Counter) -> None:
    order, _ = await paid_order(counter, counts=(2,))
    first = await ship(counter, order, (0, 1), tracking="YT1")
    await deliver(counter, first)
    assert (await as_it_stands(counter, order)).state is OrderState.PARTLY_SHIPPED
    second = await ship(counter, order, tracking="YT2")
    assert (await as_it_stands(counter, order)).state is OrderState.SHIPPED
    await deliver(counter, second)
    await deliver(counter, second)
    assert (await as_it_stands(counter, order)).state is OrderState.DELIVERED
    assert len(await counter.told("orders.OrderDelivered")) == 2


async def test_cancelling_the_rest_ends_the_sending(counter: Counter) -> None:
    """A parcel that has arrived, and nothing more to come: the order is delivered."""
    order, buyer = await paid_order(counter, counts=(3,))
    await deliver(counter, await ship(counter, order, (0, 2)))
    want = AskCancel(reason=CancelReason.TOO_SLOW)
    async with counter.db.begin() as tx:
        await cancellations.cancel(tx, order.id, want, by=buyer, now=counter.now)
    after = await as_it_stands(counter, order)
    assert after.state is OrderState.DELIVERED
    assert (after.lines[0].shipped, after.lines[0].cancelled) == (2, 1)


async def test_paid_back_whole_what_never_left_is_on_hand_again(counter: Counter) -> None:
    order, _ = await paid_order(counter, counts=(3,))
    await ship(counter, order, (0, 1))
    await give_back(counter, order, None, "all")
    await counter.drain()
    after = await as_it_stands(counter, order)
    assert after.state is OrderState.REFUNDED
    assert (after.lines[0].shipped, after.lines[0].cancelled) == (1, 2)
    assert await shop.stock_of(counter.db, order.lines[0].variant) == (9, 0)
    await shop.books_agree(counter.db)


async def test_a_number_that_is_none_of_the_carriers_is_refused(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    for wrong in ("YT0000000001", "LZ473124828CN", "lz473124829cn"):
        with pytest.raises(TrackingMalformed):
            await ship(counter, order, carrier="POST", tracking=wrong)
    assert (await as_it_stands(counter, order)).consignments == []
    await ship(counter, order, carrier="POST", tracking="LZ473124829CN", by=SYSTEM)


async def test_a_parcel_leaves_on_the_day_it_is_in_beijing(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    counter.now += timedelta(hours=6)  # 17:00 in London, 01:00 of the next day here
    told = await facts_of(counter, await ship(counter, order))
    assert told.ships_on == date(2026, 11, 24)
