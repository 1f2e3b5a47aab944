"""Orders that a buyer's bank contests: nobody has the same money back twice, nothing is sent by
mistake, and all is as before when the bank decides for us."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from livecommerce.catalogue import queries as catalogue
from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.kernel.outbox import emit
from livecommerce.orders import disputing, queries, refunding, shipping
from livecommerce.orders.cancellations import actions as cancellations
from livecommerce.orders.cancellations.rules import CancelReason
from livecommerce.orders.cancellations.wire import AskCancel
from livecommerce.orders.desk import queries as desk
from livecommerce.orders.desk.wire import Wanted
from livecommerce.orders.errors import (
    DisputedUnpaid,
    MoneyDisputed,
    NotShippable,
    NotWhileDisputed,
)
from livecommerce.orders.pieces.wire import LineCount
from livecommerce.orders.returns import actions as returns
from livecommerce.orders.returns import queries as returned
from livecommerce.orders.returns.rules import ReturnReason, ReturnState, Wish
from livecommerce.orders.returns.wire import AskReturn, BackLine, Inspected, Inspection
from livecommerce.orders.rules import DisputeState, OrderState, RefundState
from livecommerce.orders.wire import AskRefund, OrderOut, ShipOrder
from livecommerce.settlement import queries as money
from livecommerce.web.principal import SYSTEM, Principal
from payments.events import DisputeClosed, DisputeOpened
from tests import afterwards, shop
from tests.afterwards import as_it_stands, balances, deliver, give_back, paid_order, ship
from tests.purchases import RATES, Counter

MONTH = timedelta(days=30)
OPEN, WON, LOST = DisputeState.OPEN, DisputeState.WON, DisputeState.LOST


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


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


async def cancel(
    counter: Counter, order: OrderOut, *, by: Principal = SYSTEM, count: int | None = None
) -> None:
    lines = None if count is None else [LineCount(line=order.lines[0].id, count=count)]
    want = AskCancel(lines=lines, reason=CancelReason.OTHER)
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
