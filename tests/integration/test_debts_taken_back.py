"""A bank payment recorded by mistake: two people take it back, and it is owed again."""

import asyncio
from datetime import datetime, timedelta

import pytest

from livecommerce.kernel.db import Database
from livecommerce.orders.rules import OrderState, RefundState
from livecommerce.orders.wire import OrderOut
from livecommerce.settlement import actions, adjustments, shares
from livecommerce.settlement import queries as settlement
from livecommerce.settlement.errors import AlreadyReversed, SecondPairOfEyes
from livecommerce.settlement.wire import AdjustmentIn, PostingRef
from livecommerce.web.principal import SYSTEM
from payments import ledger
from tests import shop
from tests.afterwards import as_it_stands, balances
from tests.dated import RATES
from tests.integration.test_debts import BANK, owing, pay, refundable
from tests.merchant_books import ANNA, BEN
from tests.purchases import Counter
from tests.taking_back import claimed


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def claims(counter: Counter) -> tuple[int, int, int]:
    """What shares say is pending, kept back and available; the accounts say the same."""
    async with counter.db.begin() as tx:
        theirs = (await claimed(tx))["EUR"]
    has = await balances(counter)
    pending, reserve, available, owes = (
        -has.get(f"merchant_{name}", 0)
        for name in ("pending", "reserve", "available", "receivable")
    )
    assert theirs == (pending, reserve, available + owes)
    return theirs


def standing(has: dict[str, int]) -> dict[str, int]:
    return {account: minor for account, minor in has.items() if minor}


async def shares_are_released(counter: Counter, order: OrderOut) -> None:
    async with counter.db.begin() as tx:
        await actions.goods_left(tx, order.id, now=counter.now)
    later = counter.now + timedelta(days=40)
    assert await shares.release_due(counter.db, RATES, now=later) == 1


async def by_mistake(counter: Counter, refund: str) -> None:
    """Somebody of finance says that the bank never paid it, and another one approves."""
    reverses = PostingRef(kind="refund-outside", source=refund)
    want = AdjustmentIn(reverses=reverses, reason="that was another buyer's")
    async with counter.db.begin() as tx:
        asked = await adjustments.propose(tx, want, by=ANNA, now=counter.now)
    async with counter.db.begin() as tx:
        with pytest.raises(SecondPairOfEyes):
            await adjustments.approve(tx, asked.id, by=ANNA, now=counter.now)
        await adjustments.approve(tx, asked.id, by=BEN, now=counter.now)
    await counter.drain()


@pytest.mark.parametrize("minor", [None, 1000])
@pytest.mark.parametrize("released", [False, True])
async def test_what_was_recorded_by_mistake_is_owed_again(
    counter: Counter, minor: int | None, released: bool
) -> None:
    order = await owing(counter, minor)
    owed = (await as_it_stands(counter, order)).owed
    if released:
        await shares_are_released(counter, order)
    before, share = await balances(counter), await claims(counter)
    stock = await shop.stock_of(counter.db, order.lines[0].variant)
    refund = await pay(counter, order)
    assert await claims(counter) != share
    await by_mistake(counter, refund)
    seen = await as_it_stands(counter, order)
    assert (seen.owed, seen.refunded.minor) == (owed, 0)
    assert seen.state is (OrderState.CANCELLED if minor is None else OrderState.PAID)
    history = {each.id: (each.state, each.outside) for each in seen.refunds}
    assert history[refund] == (RefundState.FAILED, BANK)
    assert standing(await balances(counter)) == standing(before)
    assert await claims(counter) == share
    assert await refundable(counter, order) == order.total.minor
    failed = [told["refund"] for told in await counter.told("orders.OrderRefundFailed")]
    assert failed[1:] == [refund], "people are told"
    async with counter.db.begin() as tx:
        first, mirror = await ledger.journal(tx, sources=[refund])
        listed = {each.id: each for each in await settlement.refunds_listed(tx, by=SYSTEM)}
    assert mirror.memo.endswith(": that was another buyer's")
    assert [-e.amount for e in mirror.entries] == [e.amount for e in first.entries]
    assert (listed[refund].failure, listed[refund].outside) == ("not_paid", BANK)
    assert await shop.stock_of(counter.db, order.lines[0].variant) == (
        (10, 0) if minor is None else stock
    )
    await shop.books_agree(counter.db)
    again = await pay(counter, order, None, "the right one")
    assert again != refund
    after = await as_it_stands(counter, order)
    assert (after.refunded, after.owed.minor) == (owed, 0)
    await counter.nothing_is_parked()


async def test_it_is_taken_back_once(counter: Counter) -> None:
    order = await owing(counter, 1000)
    refund = await pay(counter, order)
    await by_mistake(counter, refund)
    with pytest.raises(AlreadyReversed):
        await by_mistake(counter, refund)
    assert (await as_it_stands(counter, order)).owed.minor == 1000


async def test_two_who_take_it_back_at_once_do_so_once(counter: Counter) -> None:
    order = await owing(counter, 1000)
    refund = await pay(counter, order)
    want = AdjustmentIn(
        reverses=PostingRef(kind="refund-outside", source=refund), reason="a mistake"
    )
    asked = []
    for _ in range(2):
        async with counter.db.begin() as tx:
            asked.append(await adjustments.propose(tx, want, by=ANNA, now=counter.now))

    async def approve(adjustment: str) -> None:
        async with counter.db.begin() as tx:
            await adjustments.approve(tx, adjustment, by=BEN, now=counter.now)

    told = await asyncio.gather(*(approve(a.id) for a in asked), return_exceptions=True)
    assert [type(t) for t in told if t is not None] == [AlreadyReversed]
    await counter.drain()
    assert (await as_it_stands(counter, order)).owed.minor == 1000
    assert await refundable(counter, order) == order.total.minor
    await balances(counter)
