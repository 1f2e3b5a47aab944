"""Stock by location: the sum is what is on hand, whatever happens to it."""

import asyncio
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from livecommerce.catalogue import actions, stock
from livecommerce.catalogue.claims import Claims
from livecommerce.catalogue.errors import NoSuchLocation, StockShort
from livecommerce.catalogue.locations import actions as locations
from livecommerce.catalogue.locations import queries
from livecommerce.catalogue.locations.wire import Counted, TakeStock, TransferStock
from livecommerce.catalogue.rules import Reason
from livecommerce.catalogue.wire import MoveStock, ProductOut
from livecommerce.kernel.db import Database
from livecommerce.web.principal import NotYours
from tests import catalogue, shop


class Kept:
    """A product of ten: six in the warehouse, four in the studio."""

    def __init__(self, db: Database, product: ProductOut, now: datetime) -> None:
        self.db, self.product, self.now = db, product, now
        self.by = shop.owner(product.merchant)
        self.variant = product.variants[0].id
        self.warehouse = self.studio = ""

    async def carry(self, count: int, source: str, target: str) -> None:
        want = TransferStock(source=source, target=target, count=count)
        async with self.db.begin() as tx:
            await locations.transfer(tx, self.variant, want, by=self.by, now=self.now)

    async def there(self) -> tuple[int, int]:
        found = await catalogue.lying(self.db, self.variant)
        return found.get(self.warehouse, 0), found.get(self.studio, 0)

    async def sold(self, count: int, key: str) -> None:
        async with Claims(self.db).running() as claims:
            want = shop.claim_of(self.product, "gst_a", key, count=count)
            hold = await claims.claim(want, self.now)
        async with self.db.begin() as tx:
            await stock.sell(tx, [hold.id], now=self.now)


@pytest.fixture
async def kept(db: Database, now: datetime) -> Kept:
    one = Kept(db, await shop.open_shop(db, now=now, on_hand=10), now)
    one.studio = (await catalogue.studio(db, one.product.merchant, now)).id
    async with db.begin() as tx:
        places = await queries.locations(tx, one.product.merchant)
    one.warehouse = next(p.id for p in places if p.id != one.studio)
    await one.carry(4, one.warehouse, one.studio)
    return one


async def test_what_is_sold_leaves_by_the_turn_of_the_locations(kept: Kept) -> None:
    assert await kept.there() == (6, 4)
    await kept.sold(5, "a")
    assert await kept.there() == (1, 4)
    await kept.sold(3, "b")
    assert await kept.there() == (0, 2)
    await shop.books_agree(kept.db)
    split = "SELECT count(*) FROM commerce.stock_journal WHERE reason = 'sold'"
    assert await catalogue.scalar(kept.db, split) == 3, "a sale from two places is two entries"


async def test_a_claim_asks_only_the_one_row(kept: Kept) -> None:
    """Seven can be claimed although no location has seven."""
    await kept.sold(7, "a")
    assert await kept.there() == (0, 3)


async def test_carrying_changes_no_total_and_no_version(kept: Kept) -> None:
    before = await catalogue.scalar(kept.db, "SELECT version FROM commerce.stock")
    await kept.carry(2, kept.studio, kept.warehouse)
    assert await kept.there() == (8, 2)
    assert await catalogue.scalar(kept.db, "SELECT version FROM commerce.stock") == before
    with pytest.raises(StockShort):
        await kept.carry(3, kept.studio, kept.warehouse)
    with pytest.raises(NoSuchLocation):
        await kept.carry(1, kept.studio, "loc_elsewhere")


async def test_damage_at_a_place_takes_from_that_place(kept: Kept) -> None:
    async def book(change: int, reason: Reason) -> None:
        want = MoveStock(change=change, reason=reason, location=kept.studio, reference="wet")
        async with kept.db.begin() as tx:
            await actions.move_stock(tx, kept.variant, want, by=kept.by, now=kept.now)

    await book(-3, Reason.DAMAGED)
    assert await kept.there() == (6, 1)
    with pytest.raises(StockShort):
        await book(-2, Reason.DAMAGED)
    await book(5, Reason.RECEIVED)
    assert await kept.there() == (6, 6)
    async with kept.db.begin() as tx:
        moves = await queries.journal(tx, kept.variant, goods=True)
    assert [(m.on_hand, m.reason, m.location, m.reference) for m in moves[:2]] == [
        (5, "received", kept.studio, "wet"),
        (-3, "damaged", kept.studio, "wet"),
    ]
    await shop.books_agree(kept.db)


async def test_a_stocktake_books_the_differences(kept: Kept) -> None:
    want = TakeStock(counts=[Counted(variant=kept.variant, counted=7)], reference="November")
    async with kept.db.begin() as tx:
        told = await locations.take_stock(tx, kept.studio, want, by=kept.by, now=kept.now)
    assert [(d.expected, d.counted, d.change) for d in told.differences] == [(4, 7, 3)]
    assert await kept.there() == (6, 7)
    async with kept.db.begin() as tx:
        again = await locations.take_stock(tx, kept.studio, want, by=kept.by, now=kept.now)
    assert again.differences[0].change == 0
    await shop.books_agree(kept.db)


async def test_fewer_cannot_be_counted_than_are_held(kept: Kept) -> None:
    async with Claims(kept.db).running() as claims:
        await claims.claim(shop.claim_of(kept.product, "gst_a", count=9), kept.now)
    want = TakeStock(counts=[Counted(variant=kept.variant, counted=0)])
    with pytest.raises(StockShort):
        async with kept.db.begin() as tx:
            await locations.take_stock(tx, kept.warehouse, want, by=kept.by, now=kept.now)
    assert await kept.there() == (6, 4)


async def test_returned_goods_lie_where_sales_begin(kept: Kept) -> None:
    async with kept.db.begin() as tx:
        await stock.put_back(tx, {kept.variant: 2}, reference="ord_x", now=kept.now)
    assert await kept.there() == (8, 4)


async def test_the_database_refuses_sums_that_differ(kept: Kept) -> None:
    for statement in (
        "UPDATE commerce.stock SET on_hand = on_hand + 1",
        "UPDATE commerce.stock_at SET on_hand = on_hand + 1",
    ):
        with pytest.raises(IntegrityError, match="its stock says"):
            async with kept.db.begin() as tx:
                await tx.execute(sa.text(statement))
    with pytest.raises(IntegrityError, match="is kept"):
        async with kept.db.begin() as tx:
            await tx.execute(sa.text("DELETE FROM commerce.stock_at"))


async def test_twin_without_the_trigger_lets_the_sums_drift(kept: Kept) -> None:
    async with kept.db.begin() as tx:
        off = "ALTER TABLE commerce.stock DISABLE TRIGGER stock_is_at_locations"
        await tx.execute(sa.text(off))
    async with kept.db.begin() as tx:
        await tx.execute(sa.text("UPDATE commerce.stock SET on_hand = on_hand + 1"))
    with pytest.raises(AssertionError):
        await shop.books_agree(kept.db)


async def test_sales_transfers_and_counts_at_once_lose_nothing(kept: Kept) -> None:
    """All of them lock the one stock row first, so none reads what another is changing."""
    async with Claims(kept.db).running() as claims:
        wants = [shop.claim_of(kept.product, f"gst_{n}") for n in range(6)]
        holds = [await claims.claim(want, kept.now) for want in wants]

    async def sell(hold: str) -> None:
        async with kept.db.begin() as tx:
            await stock.sell(tx, [hold], now=kept.now)

    async def count() -> None:
        want = TakeStock(counts=[Counted(variant=kept.variant, counted=4)])
        async with kept.db.begin() as tx:
            await locations.take_stock(tx, kept.studio, want, by=kept.by, now=kept.now)

    carried = [
        kept.carry(1, kept.warehouse, kept.studio),
        kept.carry(1, kept.studio, kept.warehouse),
    ]
    sold = [sell(hold.id) for hold in holds]
    answers = await asyncio.gather(*sold, *carried, count(), return_exceptions=True)
    assert all(answer is None or isinstance(answer, StockShort) for answer in answers)
    await shop.books_agree(kept.db)


async def test_another_merchants_goods_are_not_there(kept: Kept, now: datetime) -> None:
    other = await shop.open_shop(kept.db, now=now, number=2)
    stranger = shop.owner(other.merchant)
    want = MoveStock(change=1, reason=Reason.RECEIVED)
    with pytest.raises(NotYours):
        async with kept.db.begin() as tx:
            await actions.move_stock(tx, kept.variant, want, by=stranger, now=now)
    elsewhere = MoveStock(change=1, reason=Reason.RECEIVED, location=kept.studio)
    variant = other.variants[0].id
    with pytest.raises(NoSuchLocation):
        async with kept.db.begin() as tx:
            await actions.move_stock(tx, variant, elsewhere, by=stranger, now=now)
