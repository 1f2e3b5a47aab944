"""Who may have how much, for how long, and who is told to come back: limits of a drop."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from livecommerce.catalogue import stock
from livecommerce.catalogue.claims import Claims
from livecommerce.catalogue.errors import QueueFull, SoldOut, TooMany, TooManyThere
from livecommerce.catalogue.households import Household, within
from livecommerce.catalogue.line import BATCH, Line
from livecommerce.catalogue.settle import Ask
from livecommerce.catalogue.wire import HoldOut, ProductOut
from livecommerce.kernel.db import Database
from livecommerce.orders.cancellations import actions as cancellations
from livecommerce.orders.cancellations.rules import CancelReason
from livecommerce.orders.cancellations.wire import AskCancel
from livecommerce.orders.pieces.wire import LineCount
from livecommerce.orders.rules import WALLETS_TAKE, CheckoutState, Policy
from livecommerce.web.principal import Principal
from tests import shop
from tests.purchases import Counter

HOME = Household("a mark", 3)


@pytest.fixture
def counter(db: Database, now: datetime) -> Counter:
    return Counter(db, now)


async def two_each(db: Database, product: ProductOut, now: datetime, buyers: int) -> list[str]:
    """A hold of two pieces for each of so many buyers of one family."""
    async with Claims(db).running() as claims:
        wants = [shop.claim_of(product, f"gst_{n}", count=2) for n in range(buyers)]
        return [
            hold.id for hold in await asyncio.gather(*(claims.claim(w, now) for w in wants))
        ]


def buys_for(
    db: Database, home: Household, now: datetime, meanwhile: Callable[[], Awaitable[object]]
) -> Callable[[int, str], Awaitable[None]]:
    """A purchase for the household; ``meanwhile`` happens before it is committed."""

    async def buy(n: int, hold: str) -> None:
        async with db.begin() as tx:
            await stock.attach(
                tx, [hold], checkout=f"chk_{n}", buyer=f"gst_{n}", now=now, household=home
            )
            await meanwhile()

    return buy


async def at_home(db: Database) -> int:
    """How many pieces go to the household."""
    found = sa.text("SELECT coalesce(sum(count), 0) FROM commerce.hold WHERE household = :home")
    async with db.begin() as tx:
        return int(await tx.scalar(found, {"home": HOME.mark}) or 0)


async def test_a_household_that_buys_at_once_gets_no_more_than_its_share(
    db: Database, now: datetime
) -> None:
    product = await shop.open_shop(db, now=now, on_hand=100)
    holds = await two_each(db, product, now, 4)

    async def nothing() -> None: ...

    buy = buys_for(db, HOME, now, nothing)
    answers = await asyncio.gather(
        *(buy(n, hold) for n, hold in enumerate(holds)), return_exceptions=True
    )
    assert sorted(type(a).__name__ for a in answers) == ["NoneType"] + ["TooManyThere"] * 3
    assert await at_home(db) == 2


async def test_twin_that_does_not_wait_for_the_household_gives_too_much(
    db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_lock(_tx: object, _name: str) -> None: ...

    monkeypatch.setattr(stock, "one_at_a_time", no_lock)
    product = await shop.open_shop(db, now=now, on_hand=100)
    holds = await two_each(db, product, now, 2)
    buy = buys_for(db, HOME, now, asyncio.Barrier(2).wait)
    await asyncio.gather(*(buy(n, hold) for n, hold in enumerate(holds)))
    assert await at_home(db) == 4 > HOME.most


async def test_what_was_given_back_counts_no_more(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=100)
    holds = await two_each(db, product, now, 2)
    async with db.begin() as tx:
        await stock.attach(
            tx, holds[:1], checkout="chk_0", buyer="gst_0", now=now, household=HOME
        )
        await stock.release(tx, holds[:1], now=now)
        await stock.attach(
            tx, holds[1:], checkout="chk_1", buyer="gst_1", now=now, household=HOME
        )
        with pytest.raises(TooManyThere):
            await within(tx, holds[1:], Household(HOME.mark, 1))


async def test_a_checkout_keeps_to_the_household(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now, on_hand=100)
    for _ in range(2):
        who = shop.buyer()
        await counter.place(who, await counter.claim(product, who, count=10))
    third = shop.buyer()
    with pytest.raises(TooManyThere):
        await counter.place(third, await counter.claim(product, third))


async def claimed(
    counter: Counter, product: ProductOut, who: Principal, key: str, limit: int = 2
) -> HoldOut:
    """Two pieces, of which the buyer may have no more."""
    async with Claims(counter.db, latch=0).running() as claims:
        want = shop.claim_of(product, who.id, key, count=2, limit=limit)
        return await claims.claim(want, counter.now)


async def test_pieces_that_were_cancelled_count_no_more(counter: Counter) -> None:
    """For the buyer's own limit, and for the household's."""
    product = await shop.open_shop(counter.db, now=counter.now, on_hand=100)
    who, two = shop.buyer(), Policy(most_per_household=2)
    checkout = await counter.place(who, await claimed(counter, product, who, "a"), policy=two)
    await counter.drain()
    await counter.pay(checkout)
    with pytest.raises(TooMany):
        await claimed(counter, product, who, "b")
    (order,) = await counter.orders(checkout)
    for given in (1, 2):
        lines = [LineCount(line=order.lines[0].id, count=1)]
        want = AskCancel(lines=lines, reason=CancelReason.CHANGED_MIND)
        async with counter.db.begin() as tx:
            await cancellations.cancel(tx, order.id, want, by=who, now=counter.now)
        if given < 2:
            with pytest.raises(TooMany):
                await claimed(counter, product, who, "c")
            hold = await claimed(counter, product, who, "d", limit=3)
            with pytest.raises(TooManyThere):
                await counter.place(who, hold, policy=two)
            async with counter.db.begin() as tx:
                await stock.release(tx, [hold.id], now=counter.now)
    await counter.place(who, await claimed(counter, product, who, "e"), policy=two)
    await counter.drain()
    await shop.books_agree(counter.db)


async def test_a_busy_wallet_extends_the_purchase_once(counter: Counter, now: datetime) -> None:
    product = await shop.open_shop(counter.db, now=now)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))
    await counter.drain()
    counter.till.busy(await counter.payment(checkout))
    await counter.passes(minutes=11)
    extended = await counter.checkout(checkout)
    assert extended.pay_by == counter.now + WALLETS_TAKE
    for _ in range(3):  # still busy: no second extension, and the goods are kept all the same
        await counter.passes(minutes=11)
        waiting = await counter.checkout(checkout)
        assert waiting.state is CheckoutState.CANCELLING
        assert waiting.pay_by == extended.pay_by
        assert await shop.stock_of(counter.db, product.variants[0].id) == (10, 1)
    await counter.pay(checkout)
    assert (await counter.checkout(checkout)).state is CheckoutState.PAID
    await counter.nothing_is_parked()


async def test_a_line_that_takes_too_long_says_where_one_would_stand(
    db: Database, now: datetime
) -> None:
    product = await shop.open_shop(db, now=now)
    line = Line(product.variants[0].id)
    line.lap = 2.0

    def ask(n: int) -> Ask:
        want = shop.claim_of(product, f"gst_{n}")
        return Ask.of(want, now=now, until=now + timedelta(minutes=10))

    for n in range(2 * BATCH):
        line.join(ask(n), most=10_000, within=5.0)
    with pytest.raises(QueueFull) as full:
        line.join(ask(2 * BATCH), most=10_000, within=5.0)
    assert full.value.facts == {
        "variant": line.variant,
        "place": 2 * BATCH + 1,
        "wait_s": 6.0,
        "retry_after": 6,
    }


async def test_whoever_is_in_the_next_batch_is_let_in_however_slow(
    db: Database, now: datetime
) -> None:
    product = await shop.open_shop(db, now=now)
    line = Line(product.variants[0].id)
    line.lap = 600.0
    want = shop.claim_of(product, "gst_a")
    entry = line.join(
        Ask.of(want, now=now, until=now + timedelta(minutes=10)), most=10, within=5.0
    )
    assert line.take() == []  # nobody asks for it
    assert entry.ask.key not in line.by_key


async def test_a_line_believes_the_better_at_once_and_the_worse_slowly() -> None:
    line = Line("var_1")
    line.went(1.0)
    first = line.wait(0)
    line.went(1.0)
    assert 0 < first < line.wait(0) < 1.0
    line.went(0.01)
    assert line.wait(0) == 0.01


async def test_first_come_is_first_served_within_each_process(
    db: Database, now: datetime
) -> None:
    """Two processes (two coalescers on their own connections) take turns; in each, nobody is
    served who came after somebody who was turned away."""
    product = await shop.open_shop(db, now=now, on_hand=60)
    async with Claims(db).running() as one, Claims(db).running() as two:
        asked = [
            (one if n % 2 else two).claim(shop.claim_of(product, f"gst_{n}"), now)
            for n in range(200)
        ]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    for process in (answers[0::2], answers[1::2]):
        served = [isinstance(answer, HoldOut) for answer in process]
        assert served == sorted(served, reverse=True)
    assert sum(isinstance(answer, HoldOut) for answer in answers) == 60
    assert sum(isinstance(answer, SoldOut) for answer in answers) == 140
    await shop.books_agree(db)
