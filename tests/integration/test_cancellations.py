"""Cancelling before sending: pieces, money and goods stay right, whoever is faster."""

import asyncio
from datetime import datetime

import pytest
import sqlalchemy as sa

from livecommerce.kernel.db import Database
from livecommerce.orders.cancellations import actions, queries
from livecommerce.orders.cancellations.errors import NothingToCancel, NotYourReason
from livecommerce.orders.cancellations.rules import CancelReason, Side
from livecommerce.orders.cancellations.wire import AskCancel
from livecommerce.orders.errors import NoSuchOrder, NotShippable
from livecommerce.orders.pieces.errors import NoSuchLine, PiecesGone
from livecommerce.orders.pieces.wire import LineCount
from livecommerce.orders.rules import OrderState
from livecommerce.orders.wire import OrderOut
from livecommerce.web.principal import SYSTEM, Principal
from tests import shop
from tests.afterwards import as_it_stands, balances, paid_order, ship
from tests.purchases import Counter


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def cancel(
    counter: Counter,
    order: OrderOut,
    *pieces: tuple[int, int],
    by: Principal = SYSTEM,
    reason: CancelReason = CancelReason.OTHER,
) -> str:
    lines = [LineCount(line=order.lines[n].id, count=count) for n, count in pieces] or None
    want = AskCancel(lines=lines, reason=reason, note="so it is")
    async with counter.db.begin() as tx:
        return await actions.cancel(tx, order.id, want, by=by, now=counter.now)


async def test_a_piece_is_cancelled_paid_back_and_for_sale_again(counter: Counter) -> None:
    order, buyer = await paid_order(counter, counts=(3, 2))
    variant = order.lines[0].variant
    await cancel(counter, order, (0, 1), by=buyer, reason=CancelReason.CHANGED_MIND)
    assert await shop.stock_of(counter.db, variant) == (8, 0)
    await counter.drain()
    after = await as_it_stands(counter, order)
    assert after.state is OrderState.PAID
    assert [(line.cancelled, line.refunded) for line in after.lines] == [(1, 1), (0, 0)]
    (refund,) = after.refunds
    share = order.lines[0].goods.minor // 3
    assert share <= refund.amount.minor < order.total.minor
    async with counter.db.begin() as tx:
        (shown,) = await queries.of_order(tx, order.id, by=buyer)
        with pytest.raises(NoSuchOrder):
            await queries.of_order(tx, order.id, by=shop.buyer())
    assert (shown.side, shown.reason, shown.note) == (Side.BUYER, "changed_mind", "so it is")
    assert shown.refunded == refund.amount
    await shop.books_agree(counter.db)
    await balances(counter)


async def test_cancelled_piece_by_piece_all_of_it_goes_back(counter: Counter) -> None:
    """To the last unit: the slices of the lines add up to what was paid."""
    order, buyer = await paid_order(counter, counts=(3, 2))
    for line, count in ((0, 1), (1, 1), (0, 2), (1, 1)):
        await cancel(counter, order, (line, count), by=buyer, reason=CancelReason.BY_MISTAKE)
    waiting = await as_it_stands(counter, order)
    assert waiting.state is OrderState.CANCELLED
    assert waiting.refunded == order.total
    await counter.drain()
    after = await as_it_stands(counter, order)
    assert after.state is OrderState.REFUNDED
    for line in order.lines:
        assert await shop.stock_of(counter.db, line.variant) == (10, 0)
    left = await balances(counter)
    assert {a: m for a, m in left.items() if m and not a.startswith("stripe_")} == {}
    told = await counter.told("orders.cancellations.LinesCancelled")
    assert [each["whole"] for each in told] == [False, False, False, True]
    with pytest.raises(NothingToCancel):
        await cancel(counter, order)
    with pytest.raises(NotShippable):
        await ship(counter, order)


async def test_what_is_missing_or_faulty_is_written_off(counter: Counter) -> None:
    order, _ = await paid_order(counter, counts=(2,))
    who = shop.owner(order.merchant)
    await cancel(counter, order, (0, 1), by=who, reason=CancelReason.OUT_OF_STOCK)
    assert await shop.stock_of(counter.db, order.lines[0].variant) == (8, 0)
    journal = sa.text(
        "SELECT reason, on_hand FROM commerce.stock_journal WHERE reference LIKE 'cxl_%'"
        " ORDER BY id"
    )
    async with counter.db.begin() as tx:
        moved = [tuple(row) for row in await tx.execute(journal)]
    assert moved == [("returned", 1), ("written_off", -1)]
    await shop.books_agree(counter.db)


async def test_who_may_not_cancel(counter: Counter) -> None:
    order, buyer = await paid_order(counter, counts=(2,))
    for stranger in (shop.buyer(), shop.owner("mer_other")):
        with pytest.raises(NoSuchOrder):
            await cancel(counter, order, by=stranger)
    with pytest.raises(NotYourReason):
        await cancel(counter, order, by=buyer, reason=CancelReason.OUT_OF_STOCK)
    with pytest.raises(PiecesGone):
        await cancel(counter, order, (0, 3))
    other = order.model_copy(
        update={"lines": [order.lines[0].model_copy(update={"id": "lin_x"})]}
    )
    with pytest.raises(NoSuchLine):
        await cancel(counter, other, (0, 1))
    assert (await as_it_stands(counter, order)).refunded.minor == 0


async def test_a_gesture_made_before_is_not_given_twice(counter: Counter) -> None:
    from tests.afterwards import give_back

    order, buyer = await paid_order(counter, counts=(1,))
    await give_back(counter, order, 500, "gesture")
    await cancel(counter, order, by=buyer, reason=CancelReason.OTHER)
    await counter.drain()
    after = await as_it_stands(counter, order)
    assert after.refunded == order.total
    assert sorted(r.amount.minor for r in after.refunds) == [500, order.total.minor - 500]


async def test_sending_and_cancelling_at_once_is_one_of_them(counter: Counter) -> None:
    order, buyer = await paid_order(counter, counts=(1,))
    asked = [
        *(ship(counter, order, tracking=f"YT{n}") for n in range(3)),
        *(cancel(counter, order, by=buyer) for _ in range(3)),
    ]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(r, str) for r in results) == 1
    allowed = (str, NotShippable, NothingToCancel, PiecesGone)
    assert [r for r in results if not isinstance(r, allowed)] == []
    (line,) = (await as_it_stands(counter, order)).lines
    assert line.shipped + line.cancelled == 1


async def test_twin_that_looks_before_it_counts_does_both(counter: Counter) -> None:
    """Read what waits, then write: both find the piece there, and it leaves twice."""
    order, _ = await paid_order(counter, counts=(1,))
    both = asyncio.Barrier(2)
    waits = sa.text(
        "SELECT count - shipped - cancelled FROM commerce.order_line WHERE id = :line"
    )

    async def unguarded() -> bool:
        async with counter.db.begin() as tx:
            left = await tx.scalar(waits, {"line": order.lines[0].id})
            await both.wait()
            return bool(left)

    assert await asyncio.gather(unguarded(), unguarded()) == [True, True]
