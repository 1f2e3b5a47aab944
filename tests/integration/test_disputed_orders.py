"""Orders that a buyer's bank contests: nobody has the same money back twice, and all is as
before when the bank decides for us."""

import asyncio
from datetime import datetime

import pytest
import sqlalchemy as sa

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.orders import disputing, queries, refunding
from livecommerce.orders.desk import queries as desk
from livecommerce.orders.desk.wire import Wanted
from livecommerce.orders.errors import DisputedUnpaid, MoneyDisputed
from livecommerce.orders.rules import DisputeState, OrderState, RefundState
from livecommerce.orders.wire import AskRefund, OrderOut
from livecommerce.settlement import queries as money
from livecommerce.web.principal import SYSTEM, Principal
from payments.events import DisputeOpened
from tests.afterwards import as_it_stands, balances, give_back, paid_order, ship
from tests.contested import cancel, contest, decide, is_square, two_orders
from tests.purchases import Counter

OPEN, WON = DisputeState.OPEN, DisputeState.WON


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def test_the_order_says_that_its_payment_is_contested(counter: Counter) -> None:
    order, buyer = await paid_order(counter)
    opened = await contest(counter, order, times=2)
    seen = await as_it_stands(counter, order)
    assert (seen.dispute, seen.disputed, seen.state) == (OPEN, order.total, OrderState.PAID)
    (claim,) = seen.disputes
    assert (claim.id, claim.state, claim.amount) == (opened.dispute, OPEN, order.total)
    async with counter.db.begin() as tx:
        (listed,) = (await queries.listed(tx, by=buyer, mine=True)).items
        (row,) = (await desk.found(tx, Wanted(), by=SYSTEM)).items
        own = await queries.order(tx, order.id, by=buyer)
    assert listed.dispute is row.dispute is own.dispute is OPEN
    assert listed.disputed == row.disputed == order.total
    (told,) = await counter.told("orders.OrderDisputed")
    assert (told["order"], told["state"]) == (order.id, "open")
    await decide(counter, opened, won=True, times=2)
    assert [t["state"] for t in await counter.told("orders.OrderDisputed")] == ["open", "won"]
    await is_square(counter)


async def test_what_a_dispute_keeps_back_is_told_apart_from_the_reserve(
    counter: Counter,
) -> None:
    order, _ = await paid_order(counter)

    async def stands() -> tuple[int, int, int]:
        async with counter.db.begin() as tx:
            (told,) = await money.balances(tx, order.merchant, by=SYSTEM)
        return told.pending.minor, told.held.minor, told.reserve.minor

    before = await stands()
    opened = await contest(counter, order)
    assert await stands() == (0, before[0], 0)
    await decide(counter, opened, won=True)
    assert await stands() == before == (before[0], 0, 0)


@pytest.mark.parametrize("lost", [False, True])
async def test_what_the_bank_has_does_not_go_back_again(counter: Counter, lost: bool) -> None:
    order, buyer = await paid_order(counter)
    opened = await contest(counter, order)
    with pytest.raises(MoneyDisputed):
        await cancel(counter, order, by=buyer)
    if lost:
        await decide(counter, opened, won=False)
    with pytest.raises(MoneyDisputed) as refused:
        await give_back(counter, order, None, "all")
    assert refused.value.facts["left"] == 0
    assert refused.value.facts["disputed"] == order.total.minor
    with pytest.raises(MoneyDisputed):
        await give_back(counter, order, 1, "a cent")
    await counter.drain()
    assert counter.till.refunds == {}
    assert (await as_it_stands(counter, order)).refunded.minor == 0
    await is_square(counter)


async def test_a_dispute_won_frees_everything_again(counter: Counter) -> None:
    order, buyer = await paid_order(counter)
    await decide(counter, await contest(counter, order), won=True)
    seen = await as_it_stands(counter, order)
    assert (seen.dispute, seen.disputed.minor, seen.state) == (WON, 0, OrderState.PAID)
    await ship(counter, order, (0, 1))
    await cancel(counter, order, by=buyer)
    await counter.drain()
    assert (await as_it_stands(counter, order)).refunded.minor > 0
    await is_square(counter)


async def test_part_of_it_contested_leaves_the_rest_to_be_given_back(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    opened = await contest(counter, order, 1_000)
    with pytest.raises(MoneyDisputed):
        await give_back(counter, order, order.total.minor - 999, "one too many")
    with pytest.raises(MoneyDisputed):
        await give_back(counter, order, order.total.minor + 1, "more than was paid")
    counter.till.disputed = False  # the bank leaves the rest alone
    await give_back(counter, order, None, "the rest")
    await counter.drain()
    seen = await as_it_stands(counter, order)
    assert (seen.refunded + seen.disputed, seen.disputed.minor) == (order.total, 1_000)
    await decide(counter, opened, won=False)
    assert (await as_it_stands(counter, order)).disputed.minor == 1_000
    await is_square(counter)


async def test_what_went_back_before_the_bank_took_it_stays_given_back(
    counter: Counter,
) -> None:
    """The buyer has it twice, as can happen with a real bank: the order says both."""
    order, buyer = await paid_order(counter)
    await cancel(counter, order, by=buyer)
    await counter.drain()
    opened = await contest(counter, order)
    seen = await as_it_stands(counter, order)
    assert (seen.state, seen.disputed.minor) == (OrderState.REFUNDED, 0)
    assert seen.disputes[0].amount == order.total
    await decide(counter, opened, won=False)
    assert (await as_it_stands(counter, order)).state is OrderState.REFUNDED
    await is_square(counter)


async def refused_by_the_provider(
    counter: Counter, order: OrderOut, buyer: Principal, *, told_first: bool
) -> DisputeOpened:
    """The buyer cancels while the bank takes the money; our message about that comes before
    the provider's refusal, or after it."""
    counter.till.disputed = True
    await cancel(counter, order, by=buyer)
    if not told_first:
        await counter.drain()
        failed = await as_it_stands(counter, order)
        assert (failed.refunds[0].state, failed.owed) == (RefundState.FAILED, order.total)
    opened = await contest(counter, order)
    await counter.drain()
    return opened


@pytest.mark.parametrize("told_first", [False, True])
@pytest.mark.parametrize("won", [False, True])
async def test_a_refund_refused_for_a_dispute_is_a_debt_only_if_the_bank_pays_back(
    counter: Counter, told_first: bool, won: bool
) -> None:
    order, buyer = await paid_order(counter)
    opened = await refused_by_the_provider(counter, order, buyer, told_first=told_first)
    seen = await as_it_stands(counter, order)
    assert seen.refunds[0].state is RefundState.FAILED
    assert (seen.state, seen.disputed) == (OrderState.CANCELLED, order.total)
    assert seen.owed.minor == 0, "the bank gave it to the buyer"
    assert await counter.told("orders.OrderRefundFailed") == [], (
        "nobody is told that it will be"
    )
    await decide(counter, opened, won=won)
    after = await as_it_stands(counter, order)
    assert after.owed.minor == (order.total.minor if won else 0), "cancelled, and not paid back"
    if won:
        await give_back(counter, order, None, "again")
        await counter.drain()
        settled = await as_it_stands(counter, order)
        assert (settled.state, settled.owed.minor) == (OrderState.REFUNDED, 0)
    await is_square(counter)


async def test_a_dispute_over_a_part_takes_what_is_left(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    await give_back(counter, order, 3_000, "a gesture")
    await counter.drain()
    opened = await contest(counter, order, order.total.minor - 3_000)
    seen = await as_it_stands(counter, order)
    assert seen.refunded + seen.disputed == order.total
    await decide(counter, opened, won=False)
    after = await balances(counter)
    assert after["dispute_held"] == 0
    await is_square(counter)


async def test_a_contested_payment_that_is_not_known_yet_is_heard_again(
    counter: Counter,
) -> None:
    order, _ = await paid_order(counter)
    async with counter.db.begin() as tx:
        unpaid = sa.text("UPDATE commerce.checkout SET state = 'awaiting_payment'")
        await tx.execute(unpaid)
    event = await contest(counter, order)
    with pytest.raises(DisputedUnpaid):
        async with counter.db.begin() as tx:
            await disputing.opened(tx, event, now=counter.now)
    async with counter.db.begin() as tx:
        await tx.execute(sa.text("UPDATE commerce.checkout SET state = 'paid'"))
    await counter.passes(minutes=5)
    assert (await as_it_stands(counter, order)).dispute is OPEN


async def test_a_dispute_over_two_merchants_goods_falls_on_what_is_left(
    counter: Counter,
) -> None:
    one, other = await two_orders(counter)
    await give_back(counter, one, None, "all of one")
    await counter.drain()
    opened = await contest(counter, other)  # what is left of the payment is all the other's
    first, second = await as_it_stands(counter, one), await as_it_stands(counter, other)
    assert (first.dispute, first.disputes, second.disputed) == (None, [], other.total)
    await decide(counter, opened, won=False)
    async with counter.db.begin() as tx:
        (theirs,) = await money.shares_of(tx, one.merchant, by=SYSTEM)
        owes = await money.balances(tx, one.merchant, by=SYSTEM)
    assert theirs.lost.minor == 0
    assert sum(each.owes.minor for each in owes) == 0, "they gave their money back already"
    await is_square(counter)


async def test_part_of_a_purchase_of_two_is_shared_out_and_adds_up(counter: Counter) -> None:
    one, other = await two_orders(counter)
    await contest(counter, one, 1_001)
    both = [await as_it_stands(counter, each) for each in (one, other)]
    assert sum(each.disputed.minor for each in both) == 1_001
    for each in both:
        with pytest.raises(MoneyDisputed):
            await give_back(counter, each, each.total.minor, "all")


async def test_a_refund_and_a_dispute_at_once_never_pay_twice(counter: Counter) -> None:
    for number in range(1, 6):
        order, _ = await paid_order(counter, number=number)
        event = DisputeOpened(
            dispute=ids.new("dsp"),
            payment=await counter.payment(order.checkout),
            reference=order.checkout,
            amount=order.total,
            fee=Money(0, order.total.currency),
            at=counter.now,
        )

        async def refund(order: OrderOut = order) -> bool:
            try:
                await give_back(counter, order, None, "all")
            except MoneyDisputed:
                return False
            return True

        async def taken(event: DisputeOpened = event) -> None:
            async with counter.db.begin() as tx:
                await disputing.opened(tx, event, now=counter.now)

        went, _ = await asyncio.gather(refund(), taken())
        seen = await as_it_stands(counter, order)
        assert seen.refunded.minor == (order.total.minor if went else 0)
        assert seen.refunded + seen.disputed == order.total


async def test_without_the_lock_both_would_go_through(counter: Counter) -> None:
    """The twin of the test above: look at the order first, then act, as one must not."""
    order, _ = await paid_order(counter)
    async with counter.db.begin() as tx:
        for name in ("disputes_fit", "debts_fit"):
            await tx.execute(
                sa.text(f'ALTER TABLE commerce."order" DROP CONSTRAINT ck_order_{name}')
            )
    both_have_looked = asyncio.Barrier(2)

    async def take(column: str) -> None:
        async with counter.db.begin() as tx:
            looked = sa.text(
                'SELECT total_minor - refunded_minor - disputed_minor FROM commerce."order"'
            )
            left = (await tx.execute(looked)).scalar_one()
            await both_have_looked.wait()
            more = sa.text(f'UPDATE commerce."order" SET {column} = {column} + :left')
            await tx.execute(more, {"left": left})

    await asyncio.gather(take("refunded_minor"), take("disputed_minor"))
    seen = await as_it_stands(counter, order)
    assert seen.refunded + seen.disputed > order.total


async def test_asking_for_more_than_a_bank_left_names_the_bank(counter: Counter) -> None:
    order, _ = await paid_order(counter)
    await contest(counter, order, 1_000)
    want = AskRefund(amount=order.total, reason="x")
    async with counter.db.begin() as tx:
        with pytest.raises(MoneyDisputed) as refused:
            await refunding.refund(tx, order.id, want, key="k", by=SYSTEM, now=counter.now)
    assert refused.value.facts["left"] == order.total.minor - 1_000
    assert refused.value.facts["dispute"] is OPEN
