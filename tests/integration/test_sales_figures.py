"""What the host is told of the sales: claimed, placed and paid are different things."""

from dataclasses import replace
from datetime import datetime

import pytest

from livecommerce.catalogue.claims import Claims
from livecommerce.insight.sales import sales
from livecommerce.insight.wire import SalesSpan
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.web.principal import NotYours, Principal
from tests import shop
from tests.purchases import Counter
from tests.room_screens import Stage, set_up

NOTHING = SalesSpan(claimed=0, placed=0, paid=0, pieces=0, revenue=[])


@pytest.fixture
async def stage(db: Database, now: datetime) -> Stage:
    return await set_up(db, now)


async def claim(stage: Stage, counter: Counter, who: Principal, count: int):  # type: ignore[no-untyped-def]
    async with Claims(stage.db).running() as claims:
        want = shop.claim_of(stage.products[0], who.id, count=count)
        return await claims.claim(replace(want, live=stage.live), counter.now)


async def test_the_host_sees_what_was_claimed_placed_and_paid_and_when(stage: Stage) -> None:
    counter = Counter(stage.db, stage.now)
    for count, pays in ((2, True), (1, False)):
        who = shop.buyer()
        checkout = await counter.place(who, await claim(stage, counter, who, count))
        await counter.drain()
        if pays:
            await counter.pay(checkout)
    await counter.passes(minutes=11)  # what was not paid is for sale again
    late = shop.buyer()
    checkout = await counter.place(late, await claim(stage, counter, late, 3))
    await counter.drain()
    await counter.pay(checkout)
    await claim(stage, counter, shop.buyer(), 1)  # set aside, and no more than that
    await counter.passes(minutes=1)
    async with stage.db.begin() as tx:
        told = await sales(tx, stage.live, who=stage.host, now=counter.now)
    assert told.minutes == 10
    assert told.held == 1
    assert told.whole == SalesSpan(
        claimed=7, placed=3, paid=2, pieces=5, revenue=[shop.PRICE * 5]
    )
    assert told.last == SalesSpan(
        claimed=4, placed=1, paid=1, pieces=3, revenue=[shop.PRICE * 3]
    )
    assert told.before == SalesSpan(
        claimed=3, placed=2, paid=1, pieces=2, revenue=[shop.PRICE * 2]
    )


async def test_before_the_first_sale_there_is_nothing_to_tell(stage: Stage) -> None:
    async with stage.db.begin() as tx:
        told = await sales(tx, stage.live, who=stage.host, now=stage.now)
    assert told.whole == told.last == told.before == NOTHING


async def test_what_was_given_back_was_paid_all_the_same(stage: Stage) -> None:
    """A late payment whose goods are gone is no sale; what was sold stays counted."""
    counter = Counter(stage.db, stage.now)
    who = shop.buyer()
    checkout = await counter.place(who, await claim(stage, counter, who, 10))
    await counter.drain()
    await counter.passes(minutes=11)
    faster = shop.buyer()
    other = await counter.place(faster, await claim(stage, counter, faster, 10))
    await counter.drain()
    await counter.pay(other)
    await counter.pay(checkout)
    async with stage.db.begin() as tx:
        told = await sales(tx, stage.live, who=stage.host, now=counter.now)
    assert (told.whole.placed, told.whole.paid, told.whole.pieces) == (2, 1, 10)
    assert told.whole.revenue == [Money(10 * shop.PRICE.minor, "CNY")]


async def test_the_figures_are_the_teams(stage: Stage) -> None:
    async with stage.db.begin() as tx:
        with pytest.raises(NotYours):
            await sales(tx, stage.live, who=shop.owner("mer_other"), now=stage.now)
