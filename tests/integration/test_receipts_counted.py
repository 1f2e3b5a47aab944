"""A sale counts towards its merchant's receipts by the rates of its day, and is counted late
rather than never."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from livecommerce.crossborder.rates import Rates
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.kernel.relay import Jobs, Relay
from livecommerce.orders import jobs
from livecommerce.orders.events import OrderPaid
from livecommerce.settlement import receipts
from livecommerce.settlement.events import ReceiptWaits
from livecommerce.settlement.wire_receipts import ReceiptsOut
from livecommerce.web.principal import SYSTEM
from tests import shop
from tests.purchases import JOBS, REACTIONS, Counter

PAYING: Jobs = {**JOBS}  # type: ignore[dict-item]
COUNT: Jobs = {OrderPaid: [jobs.count_receipts], ReceiptWaits: [jobs.count_receipts]}
DEAR, CHEAP = {"USD": Decimal(2)}, {"USD": Decimal(1)}


@dataclass(slots=True)
class Counting(Counter):
    """Where sales are counted, too."""

    rates: Rates = field(default_factory=Rates)

    @property
    def relay(self) -> Relay:
        """The till's, and the counting."""
        r = SimpleNamespace(db=self.db, payments=self.till, part=lambda _: self.rates)
        return Relay(self.db, REACTIONS, {**PAYING, **COUNT}, r)  # type: ignore[arg-type]

    async def sell(self) -> tuple[str, Money]:
        """One order, paid; its merchant and its goods."""
        product, who = await shop.open_shop(self.db, now=self.now), shop.buyer()
        checkout = await self.place(who, await self.claim(product, who))
        await self.drain()
        await self.pay(checkout)
        (order,) = await self.orders(checkout)
        return order.merchant, order.goods

    async def counted(self, merchant: str) -> ReceiptsOut:
        async with self.db.begin() as tx:
            return await receipts.receipts(tx, merchant, by=SYSTEM, now=self.now)


async def test_it_is_counted_by_the_rates_of_its_own_day(db: Database, now: datetime) -> None:
    counter = Counting(db, now)
    day = now.date()
    counter.rates = Rates(fetched={day: DEAR})
    merchant, goods = await counter.sell()
    told = await counter.counted(merchant)
    assert (told.total, told.waiting) == (Money(2 * goods.minor, "USD"), 0)
    # the day after, when the dollar is another, an hour's queue changes nothing
    counter.rates.fetched[day + timedelta(days=1)] = CHEAP
    assert counter.rates.of(now, now=now + timedelta(days=1)).on == day


async def test_a_sale_waits_for_a_rate_says_so_and_is_not_lost(
    db: Database, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    counter = Counting(db, now)
    counter.rates = Rates(lasts=timedelta(days=5))  # the shipped ones are older
    merchant, goods = await counter.sell()
    told = await counter.counted(merchant)
    assert (told.total.minor, told.waiting) == (0, 1)
    assert "not counted yet" in caplog.text
    # for days; longer than any job is tried
    for _ in range(50):
        counter.now += timedelta(hours=2)
        await counter.drain()
    assert (await counter.counted(merchant)).waiting == 1
    # then the bank is heard again: its first day after the sale is used, not its newest
    first = counter.now.date()
    assert first > now.date()
    counter.rates.fetched[first] = DEAR
    counter.rates.fetched[first + timedelta(days=3)] = CHEAP
    counter.now += timedelta(days=3, hours=2)
    await counter.drain()
    told = await counter.counted(merchant)
    assert (told.total, told.waiting) == (Money(2 * goods.minor, "USD"), 0)
    counter.now += timedelta(days=3)
    await counter.drain()
    assert (await counter.counted(merchant)).total == told.total, "once"


def test_the_rates_of_a_moment() -> None:
    shipped = date(2026, 10, 30)
    moment = datetime.fromisoformat("2026-11-23T11:00:00+00:00")
    assert Rates().of(moment, now=moment).on == shipped
    pinned = Rates(pinned=date(2026, 10, 1))
    assert pinned.of(moment, now=moment).on == date(2026, 10, 1)
