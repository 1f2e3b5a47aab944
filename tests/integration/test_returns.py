"""Goods that come back: asked, answered, looked at, and paid back or exchanged, once each."""

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from livecommerce.catalogue import stock
from livecommerce.catalogue.claims import Claim, Claims
from livecommerce.kernel.db import Database
from livecommerce.kernel.errors import Problem
from livecommerce.orders.cancellations import actions as cancellations
from livecommerce.orders.cancellations.rules import CancelReason
from livecommerce.orders.cancellations.wire import AskCancel
from livecommerce.orders.pieces.errors import PiecesGone
from livecommerce.orders.pieces.wire import LineCount
from livecommerce.orders.returns import actions, exchange, queries, rules
from livecommerce.orders.returns.errors import (
    CountsDiffer,
    NoSuchReturn,
    NotAReplacement,
    NothingToReturn,
    TooLateToReturn,
    WrongReturnState,
)
from livecommerce.orders.returns.rules import ReturnReason, ReturnState, Wish
from livecommerce.orders.returns.wire import (
    AskReturn,
    BackLine,
    Inspected,
    Inspection,
    ReturnOut,
)
from livecommerce.orders.rules import NEXT_ORDER, OrderState
from livecommerce.orders.wire import OrderOut
from livecommerce.web.principal import SYSTEM, Principal
from tests import shop
from tests.afterwards import as_it_stands, balances, deliver, give_back, paid_order, ship
from tests.purchases import Counter

MONTH = timedelta(days=30)


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def arrived(
    counter: Counter, *, counts: tuple[int, ...] = (2,), on_hand: int = 10
) -> tuple[OrderOut, Principal]:
    """An order that is with its buyer."""
    order, buyer = await paid_order(counter, counts=counts, on_hand=on_hand)
    await deliver(counter, await ship(counter, order))
    return order, buyer


async def ask(
    counter: Counter,
    order: OrderOut,
    by: Principal,
    *,
    count: int = 1,
    wish: Wish = Wish.REFUND,
    variant: str | None = None,
) -> str:
    line = BackLine(line=order.lines[0].id, count=count, variant=variant)
    want = AskReturn(lines=[line], wish=wish, reason=ReturnReason.WRONG_SIZE, note="too small")
    async with counter.db.begin() as tx:
        return await actions.ask(tx, order.id, want, by=by, within=MONTH, now=counter.now)


async def do(counter: Counter, step: Any, *args: Any, by: Principal = SYSTEM) -> None:
    async with counter.db.begin() as tx:
        await step(tx, *args, by=by, now=counter.now)


async def look(
    counter: Counter, order: OrderOut, back: str, *, restocked: int = 1, lost: int = 0
) -> None:
    seen = Inspected(line=order.lines[0].id, restocked=restocked, written_off=lost)
    await do(counter, actions.inspect, back, Inspection(lines=[seen]))


async def inspected(counter: Counter, order: OrderOut, by: Principal, **wish: Any) -> str:
    """A return that has come as far as the decision."""
    back = await ask(counter, order, by, **wish)
    await do(counter, actions.approve, back, "Jinxiu Road 1, Nantong")
    await do(counter, actions.receive, back)
    await look(counter, order, back, restocked=wish.get("count", 1))
    return back


async def swap(counter: Counter, back: str) -> None:
    async with Claims(counter.db, latch=0).running() as claims:
        await exchange.exchange(counter.db, claims, back, by=SYSTEM, now=counter.now)


def sister(order: OrderOut, buyer: Principal, key: str, *, ours: bool = False) -> Claim:
    """A claim on the piece that is sent instead."""
    line = order.lines[0]
    return Claim(
        buyer.id, key, line.variant, order.merchant, 1, price=line.unit_price, ours=ours
    )


async def one(counter: Counter, back: str) -> ReturnOut:
    async with counter.db.begin() as tx:
        return await queries.one(tx, back, by=SYSTEM)


async def test_one_piece_comes_back_and_is_paid_back_exactly(counter: Counter) -> None:
    order, buyer = await arrived(counter, counts=(2, 1))
    back = await inspected(counter, order, buyer)
    assert await shop.stock_of(counter.db, order.lines[0].variant) == (9, 0)
    assert await given_back(counter, order.lines[0].hold) == 0
    await do(counter, actions.refund, back)
    assert await given_back(counter, order.lines[0].hold) == 1, "no limit counts it any more"
    await counter.drain()
    done = await one(counter, back)
    assert (done.state, done.answer) == (ReturnState.REFUNDED, "Jinxiu Road 1, Nantong")
    after = await as_it_stands(counter, order)
    assert done.refunded == after.refunded
    assert after.refunds[0].reason == "returned: wrong_size"
    assert (after.lines[0].returned, after.lines[0].refunded) == (1, 1)
    states = [told["state"] for told in await counter.told("orders.returns.ReturnMoved")]
    assert states == ["asked", "approved", "received", "inspected", "refunded"]
    await shop.books_agree(counter.db)
    await balances(counter)
    again = await inspected(counter, order, buyer)
    await do(counter, actions.refund, again)
    both = (await as_it_stands(counter, order)).refunded.minor
    share = order.lines[0].goods.minor
    assert share <= both < order.total.minor, "both pieces of the line, and not a cent more"


async def given_back(counter: Counter, hold: str) -> int:
    found = sa.text("SELECT given_back FROM commerce.hold WHERE id = :hold")
    async with counter.db.begin() as tx:
        return int((await tx.execute(found, {"hold": hold})).scalar_one())


async def test_what_cannot_be_sold_again_is_written_off(counter: Counter) -> None:
    order, buyer = await arrived(counter, counts=(3,))
    back = await ask(counter, order, buyer, count=3)
    await do(counter, actions.approve, back, "")
    await do(counter, actions.receive, back)
    for restocked, lost in ((3, 1), (1, 1), (0, 0)):
        with pytest.raises(CountsDiffer):
            await look(counter, order, back, restocked=restocked, lost=lost)
    await look(counter, order, back, restocked=1, lost=2)
    assert await shop.stock_of(counter.db, order.lines[0].variant) == (8, 0)
    lost = sa.text("SELECT on_hand FROM commerce.stock_journal WHERE reason = 'written_off'")
    async with counter.db.begin() as tx:
        assert await tx.scalar(lost) == -2
    await shop.books_agree(counter.db)


async def test_an_exchange_moves_goods_and_no_money(counter: Counter) -> None:
    order, buyer = await arrived(counter, counts=(2, 1))
    before = await balances(counter)
    other = order.lines[1].variant
    back = await inspected(counter, order, buyer, wish=Wish.EXCHANGE, variant=other)
    await swap(counter, back)
    assert (await one(counter, back)).state is ReturnState.EXCHANGED
    after = await as_it_stands(counter, order)
    assert after.state is OrderState.PARTLY_SHIPPED
    (replacement,) = [line for line in after.lines if line.replaces]
    assert (replacement.variant, replacement.count) == (other, 1)
    assert replacement.goods.minor * 2 == order.lines[0].goods.minor
    assert await shop.stock_of(counter.db, other) == (8, 0)
    await counter.drain()
    assert await balances(counter) == before
    assert after.refunded.minor == 0
    parcel = await ship(counter, after, tracking="YT2")
    await deliver(counter, parcel)
    assert (await as_it_stands(counter, order)).state is OrderState.DELIVERED
    await shop.books_agree(counter.db)
    with pytest.raises(WrongReturnState):
        await swap(counter, back)


async def test_a_replacement_can_come_back_for_what_it_stood_for(counter: Counter) -> None:
    order, buyer = await arrived(counter, counts=(1,))
    back = await inspected(counter, order, buyer, wish=Wish.EXCHANGE)
    await swap(counter, back)
    after = await as_it_stands(counter, order)
    await deliver(counter, await ship(counter, after, tracking="YT2"))
    only = after.model_copy(update={"lines": [x for x in after.lines if x.replaces]})
    again = await inspected(counter, only, buyer)
    await do(counter, actions.refund, again)
    await counter.drain()
    whole = await as_it_stands(counter, order)
    assert whole.refunded == order.total
    assert whole.state is OrderState.REFUNDED
    assert await given_back(counter, order.lines[0].hold) == 1


async def test_an_exchange_that_is_sold_out_is_a_refund(counter: Counter) -> None:
    order, buyer = await arrived(counter, counts=(2,), on_hand=2)
    back = await ask(counter, order, buyer, wish=Wish.EXCHANGE)
    await do(counter, actions.approve, back, "")
    await do(counter, actions.receive, back)
    await look(counter, order, back, restocked=0, lost=1)
    await swap(counter, back)
    done = await one(counter, back)
    assert done.state is ReturnState.REFUNDED
    assert done.refunded is not None
    assert done.refunded.minor * 2 == pytest.approx(order.total.minor, abs=2)


async def test_an_exchange_that_was_cut_off_goes_on(counter: Counter) -> None:
    """The replacement was claimed and then everything died; the hold lapsed meanwhile."""
    order, buyer = await arrived(counter, counts=(1,))
    back = await inspected(counter, order, buyer, wish=Wish.EXCHANGE)
    line = order.lines[0]
    want = sister(order, buyer, f"exchange:{back}", ours=True)
    async with Claims(counter.db, latch=0).running() as claims:
        await claims.claim(want, counter.now)
    counter.now += timedelta(hours=1)
    async with counter.db.begin() as tx:
        assert await stock.lapse(tx, now=counter.now) == 1
    await swap(counter, back)
    assert (await one(counter, back)).state is ReturnState.EXCHANGED
    assert await shop.stock_of(counter.db, line.variant) == (9, 0)
    await shop.books_agree(counter.db)


async def test_a_replacement_that_the_buyer_bought_meanwhile_is_money_back(
    counter: Counter,
) -> None:
    """The exchange was cut off after its claim, and the buyer put the hold into a purchase."""
    order, buyer = await arrived(counter, counts=(1,))
    back = await inspected(counter, order, buyer, wish=Wish.EXCHANGE)
    line = order.lines[0]
    want = sister(order, buyer, f"exchange:{back}", ours=True)
    async with Claims(counter.db, latch=0).running() as claims:
        hold = await claims.claim(want, counter.now)
    checkout = await counter.place(buyer, hold)
    await counter.drain()
    await counter.pay(checkout)
    await swap(counter, back)
    await counter.drain()
    assert (await one(counter, back)).state is ReturnState.REFUNDED
    assert (await as_it_stands(counter, order)).refunded == order.total
    assert await shop.stock_of(counter.db, line.variant) == (9, 0)


async def test_no_key_of_a_buyers_stands_in_the_way_of_an_exchange(counter: Counter) -> None:
    """They claim and buy with the very words of the exchange's own key."""
    order, buyer = await arrived(counter, counts=(1,))
    back = await inspected(counter, order, buyer, wish=Wish.EXCHANGE)
    for key in (f"exchange:{back}", f"ours/0/exchange:{back}"):
        want = sister(order, buyer, key)
        async with Claims(counter.db, latch=0).running() as claims:
            hold = await claims.claim(want, counter.now)
        checkout = await counter.place(buyer, hold)
        await counter.drain()
        await counter.pay(checkout)
    await swap(counter, back)
    assert (await one(counter, back)).state is ReturnState.EXCHANGED
    assert len((await as_it_stands(counter, order)).lines) == 2
    await shop.books_agree(counter.db)


async def test_refused_and_withdrawn_goods_may_be_asked_back_again(counter: Counter) -> None:
    order, buyer = await arrived(counter, counts=(1,))
    refused = await ask(counter, order, buyer)
    with pytest.raises(PiecesGone):
        await ask(counter, order, buyer)
    await do(counter, actions.refuse, refused, "worn")
    withdrawn = await ask(counter, order, buyer)
    await do(counter, actions.withdraw, withdrawn, by=buyer)
    assert (await one(counter, withdrawn)).state is ReturnState.WITHDRAWN
    assert (await as_it_stands(counter, order)).lines[0].returned == 0
    await ask(counter, order, buyer)


async def test_until_when_and_by_whom_goods_are_asked_back(counter: Counter) -> None:
    order, buyer = await paid_order(counter)
    with pytest.raises(NothingToReturn):
        await ask(counter, order, buyer)
    parcel = await ship(counter, order)
    async with counter.db.begin() as tx:
        shown = await queries.of_order(tx, order.id, by=buyer, within=MONTH)
        assert shown.ask_until is None
    await deliver(counter, parcel)
    counter.now += MONTH + timedelta(seconds=1)
    with pytest.raises(TooLateToReturn):
        await ask(counter, order, buyer)
    kind = await ask(counter, order, shop.owner(order.merchant))
    for stranger in (shop.buyer(), shop.owner("mer_other"), buyer):
        with pytest.raises(NoSuchReturn):
            await do(counter, actions.approve, kind, "", by=stranger)
    with pytest.raises(NoSuchReturn):
        await do(counter, actions.withdraw, kind, by=SYSTEM)
    with pytest.raises(Problem, match="no such"):
        await ask(counter, order, shop.buyer())


async def test_only_a_sister_is_sent_instead(counter: Counter) -> None:
    order, buyer = await arrived(counter)
    other = await shop.open_shop(counter.db, now=counter.now, number=2)
    with pytest.raises(NotAReplacement):
        await ask(counter, order, buyer, wish=Wish.EXCHANGE, variant=other.variants[0].id)


async def test_each_step_is_taken_once_however_many_try(counter: Counter) -> None:
    order, buyer = await arrived(counter)
    back = await ask(counter, order, buyer)
    tries = [do(counter, actions.approve, back, str(n)) for n in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(r).__name__ for r in results) == ["NoneType", *["WrongReturnState"] * 3]
    with pytest.raises(WrongReturnState):
        await do(counter, actions.refund, back)
    await do(counter, actions.receive, back)
    await look(counter, order, back)
    tries = [*(do(counter, actions.refund, back) for _ in range(2)), swap(counter, back)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(r is None for r in results) == 1
    assert len((await as_it_stands(counter, order)).refunds) <= 1


async def test_twin_that_reads_before_it_answers_answers_twice(counter: Counter) -> None:
    order, buyer = await arrived(counter)
    back = await ask(counter, order, buyer)
    both = asyncio.Barrier(2)
    state = sa.text("SELECT state FROM commerce.order_return WHERE id = :id")

    async def unguarded() -> bool:
        async with counter.db.begin() as tx:
            found = await tx.scalar(state, {"id": back})
            await both.wait()
            return ReturnState.APPROVED in rules.NEXT_RETURN[ReturnState(found)]

    assert await asyncio.gather(unguarded(), unguarded()) == [True, True]


async def test_never_more_than_was_paid(counter: Counter) -> None:
    """All was paid back by hand; the return then ends without money."""
    order, buyer = await arrived(counter, counts=(1,))
    back = await inspected(counter, order, buyer)
    await give_back(counter, order, None, "all")
    await do(counter, actions.refund, back)
    done = await one(counter, back)
    assert (done.state, done.refunded) == (ReturnState.REFUNDED, None)
    await counter.drain()
    assert (await as_it_stands(counter, order)).refunded == order.total


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_sequence_keeps_pieces_money_and_goods_right(
    counter: Counter, seed: int
) -> None:
    """Ship, deliver, cancel, return, refund and exchange at random, on the real tables."""
    chance = random.Random(seed)
    order, buyer = await paid_order(counter, counts=(3, 2))
    state = order.state
    for n in range(14):
        shown = await as_it_stands(counter, order)
        line = chance.choice(shown.lines)
        one_of = shown.model_copy(update={"lines": [line]})
        step = chance.choice(["ship", "ship", "deliver", "cancel", "refund", "exchange"])
        try:
            if step == "ship":
                await ship(counter, one_of, (0, 1), tracking=f"YT{n}")
            elif step == "deliver" and shown.consignments:
                await deliver(counter, chance.choice(shown.consignments).id)
            elif step == "cancel":
                want = AskCancel(
                    lines=[LineCount(line=line.id, count=1)], reason=CancelReason.OTHER
                )
                await do(counter, cancellations.cancel, order.id, want, by=buyer)
            elif step in {"refund", "exchange"}:
                back = await inspected(counter, one_of, buyer)
                if step == "refund":
                    await do(counter, actions.refund, back)
                else:
                    await swap(counter, back)
        except Problem:
            pass
        await counter.drain()
        after = await as_it_stands(counter, order)
        assert after.state is state or reachable(state, after.state), (step, state)
        state = after.state
        assert after.refunded.minor <= after.total.minor
        for each in after.lines:
            assert each.shipped + each.cancelled <= each.count
            assert each.refunded == each.cancelled + each.returned
    await shop.books_agree(counter.db)
    await balances(counter)
    await counter.nothing_is_parked()


def reachable(was: OrderState, now: OrderState) -> bool:
    """One step of the table, or two: a last cancelled piece, and its refund."""
    return now in NEXT_ORDER[was] or any(now in NEXT_ORDER[x] for x in NEXT_ORDER[was])
