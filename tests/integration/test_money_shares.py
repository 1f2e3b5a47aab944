"""A merchant's money from sale to release: plans, holds, reserves, refunds, what they owe."""

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement import actions, plans, shares
from livecommerce.settlement.errors import BadPlan
from livecommerce.settlement.rules import Parts, Terms
from livecommerce.settlement.wire import PlanIn
from livecommerce.web.principal import SYSTEM
from payments import ledger
from tests import shop
from tests.dated import RATES

TERMS = Terms(bps=1000, subsidy_bps=2500, hold_days=7, reserve_bps=1000, reserve_days=90)


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def parts(goods: int, tax: int = 0) -> Parts:
    none = euros(0)
    return Parts(euros(goods), none, none, euros(tax), none)


async def sell(
    db: Database, merchant: str, *, now: datetime, terms: Terms = TERMS, goods: int = 10_000
) -> actions.Sale:
    """A paid order whose goods have left."""
    order, payment = ids.new("ord"), ids.new("pay")
    sale = actions.Sale(order, merchant, "DE", payment, parts(goods, 1900), terms)
    async with db.begin() as tx:
        await actions.record_sale(tx, sale, now=now)
        await actions.record_sale(tx, sale, now=now)
        await actions.goods_left(tx, order, now=now)
    return sale


async def give_back(
    db: Database, sale: actions.Sale, goods: int, *, before: int = 0, now: datetime
) -> str:
    refund = ids.new("rfd")
    given = actions.GivenBack(refund, sale, parts(goods), euros(before))
    async with db.begin() as tx:
        await actions.record_refund(tx, given, now=now)
        await actions.record_refund(tx, given, now=now)
    return refund


async def stands(tx: Tx, merchant: str) -> dict[str, int]:
    """The merchant's accounts that are not empty, on their normal side."""
    names = ("pending", "available", "reserve", "receivable")
    found = {n: await ledger.balance(tx, f"merchant_{n}", "EUR", merchant) for n in names}
    return {name: money.minor for name, money in found.items() if money}


@pytest.fixture
async def merchant(db: Database, now: datetime) -> str:
    async with db.begin() as tx:
        return await shop.add_merchant(tx, now=now)


async def test_a_share_is_released_after_its_hold_less_a_reserve(
    db: Database, now: datetime, merchant: str
) -> None:
    await sell(db, merchant, now=now)
    async with db.begin() as tx:
        # goods 100.00, fee 10.00, of which the centre pays 2.50
        assert await stands(tx, merchant) == {"pending": 9250}
        assert await ledger.balance(tx, "commission_subsidy", "EUR") == euros(250)
        assert await ledger.balance(tx, "platform_fee", "EUR") == euros(1000)
    assert await shares.release_due(db, RATES, now=now + timedelta(days=6)) == 0
    assert await shares.release_due(db, RATES, now=now + timedelta(days=7)) == 1
    assert await shares.release_due(db, RATES, now=now + timedelta(days=8)) == 0
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {"available": 8325, "reserve": 925}
    assert await shares.release_due(db, RATES, now=now + timedelta(days=98)) == 1
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {"available": 9250}


async def test_goods_that_have_not_left_keep_their_price_pending(
    db: Database, now: datetime, merchant: str
) -> None:
    sale = actions.Sale(ids.new("ord"), merchant, "DE", ids.new("pay"), parts(5000), TERMS)
    async with db.begin() as tx:
        await actions.record_sale(tx, sale, now=now)
    assert await shares.release_due(db, RATES, now=now + timedelta(days=365)) == 0


async def test_refunds_in_steps_take_exactly_the_share(
    db: Database, now: datetime, merchant: str
) -> None:
    terms = Terms(bps=777, minimum_minor=331, cap_minor=900, subsidy_bps=3333)
    sale = await sell(db, merchant, now=now, terms=terms, goods=9_999)
    before = 0
    for goods in (1, 3333, 17, 6648):
        await give_back(db, sale, goods, before=before, now=now)
        before += goods
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {}
        assert not await ledger.balance(tx, "platform_fee", "EUR")
        assert not await ledger.balance(tx, "commission_subsidy", "EUR")


async def test_a_refund_after_release_takes_what_is_there_and_then_is_owed(
    db: Database, now: datetime, merchant: str
) -> None:
    sale = await sell(db, merchant, now=now)
    later = now + timedelta(days=8)
    await shares.release_due(db, RATES, now=later)
    refund = await give_back(db, sale, 10_000, now=later)
    async with db.begin() as tx:
        # 92.50 go back; 83.25 were available, the reserve is kept for others
        assert await stands(tx, merchant) == {"reserve": 925, "receivable": 925}
    # the next sale pays the debt when it is released
    await sell(db, merchant, now=later)
    await shares.release_due(db, RATES, now=later + timedelta(days=8))
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {"available": 7400, "reserve": 1850}
    # and a refund that bounces gives everything back
    async with db.begin() as tx:
        await actions.undo_refund(tx, sale.order, refund, reason="bounced", now=later)
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {"available": 16650, "reserve": 1850}
        lines = await ledger.trial_balance(tx)
        assert sum(line.amount.minor for line in lines) == 0


async def test_refunds_at_once_after_release_never_take_one_euro_twice(
    db: Database, now: datetime, merchant: str
) -> None:
    later = now + timedelta(days=8)
    plain = Terms(bps=0)
    sales = [await sell(db, merchant, now=now, terms=plain, goods=1000) for _ in range(4)]
    await shares.release_due(db, RATES, now=later)
    async with db.begin() as tx:  # three quarters have left by another way
        spent = [
            ledger.Entry("merchant_available", merchant, euros(3000)),
            ledger.Entry("bank", None, euros(-3000)),
        ]
        await ledger.post(tx, kind="k", source="s", entries=spent, occurred_at=later)
    await asyncio.gather(*(give_back(db, sale, 1000, now=later) for sale in sales))
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {"receivable": 3000}


async def test_twin_without_the_merchants_lock_takes_it_twice(
    db: Database, now: datetime, merchant: str
) -> None:
    """Read what is available, then post: two at once both find it."""
    async with db.begin() as tx:
        has = [
            ledger.Entry("stripe_available", None, euros(1000)),
            ledger.Entry("merchant_available", merchant, euros(-1000)),
        ]
        await ledger.post(tx, kind="k", source="s", entries=has, occurred_at=now)
    both = asyncio.Barrier(2)

    async def unguarded() -> int:
        async with db.begin() as tx:
            found = await ledger.balance(tx, "merchant_available", "EUR", merchant)
            await both.wait()
            return found.minor

    assert await asyncio.gather(unguarded(), unguarded()) == [1000, 1000]


async def test_orders_freeze_the_plan_of_their_day(
    db: Database, now: datetime, merchant: str
) -> None:
    tomorrow = now + timedelta(days=1)
    async with db.begin() as tx:
        await plans.agree(tx, merchant, PlanIn(bps=300), by=SYSTEM, now=now)
        later = PlanIn(bps=200, minimums={"EUR": 50}, caps={"EUR": 80}, valid_from=tomorrow)
        await plans.agree(tx, merchant, later, by=SYSTEM, now=now)
        wanted = [merchant, "mer_without_plan"]
        found = await plans.terms_for(tx, wanted, "EUR", default_bps=500, now=now)
        assert (found[merchant].bps, found["mer_without_plan"].bps) == (300, 500)
        found = await plans.terms_for(tx, wanted, "EUR", default_bps=500, now=tomorrow)
        assert (found[merchant].minimum_minor, found[merchant].cap_minor) == (50, 80)
        for moment, in_force in ((now, [False, True]), (tomorrow, [True, False])):
            agreed = await plans.plans(tx, merchant, by=SYSTEM, now=moment)
            assert [(p.bps, p.in_force) for p in agreed] == [
                (200, in_force[0]),
                (300, in_force[1]),
            ]
        crossed = PlanIn(bps=1, minimums={"EUR": 5}, caps={"EUR": 4})
        with pytest.raises(BadPlan):
            await plans.agree(tx, merchant, crossed, by=SYSTEM, now=now)


async def test_a_share_that_an_adjustment_emptied_is_gone(
    db: Database, now: datetime, merchant: str
) -> None:
    sale = await sell(db, merchant, now=now)
    async with db.begin() as tx:
        await ledger.reverse(
            tx, kind="sale", source=sale.order, reason="entered in error", occurred_at=now
        )
    await shares.release_due(db, RATES, now=now + timedelta(days=8))
    async with db.begin() as tx:
        assert await stands(tx, merchant) == {}
        state = sa.text("SELECT state FROM commerce.merchant_share")
        assert await tx.scalar(state) == "gone"
