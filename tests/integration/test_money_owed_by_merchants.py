"""What a merchant owes is set off, however their sales are charged; and what was sent for one
order beyond what is left of it pays for the refund of another."""

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from livecommerce.kernel import ids
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.settlement import sending, shares
from livecommerce.settlement.charging import Part, charging_of
from livecommerce.settlement.rules import Charging, Terms
from livecommerce.settlement.tables import MerchantShare
from payments import ledger
from payments.events import ReversalRefused
from payments.ledger import Entry
from payments.tables_out import TransferReversal
from tests import shop
from tests.merchant_books import Books, euros

NO_HOLD = Terms(bps=0, hold_days=0)
AT_ONCE = Terms(bps=0, hold_days=0, charge_mode="destination")


@pytest.fixture
async def books(db: Database, now: datetime) -> Books:
    async with db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=now)
    return Books(db, merchant, now)


async def owes(books: Books, minor: int) -> None:
    async with books.db.begin() as tx:
        entries = [
            Entry("merchant_receivable", books.merchant, euros(minor)),
            Entry("bank", None, euros(-minor)),
        ]
        source = ids.new("adj")
        await ledger.post(tx, kind="k", source=source, entries=entries, occurred_at=books.now)


async def how(books: Books) -> Charging:
    """How a purchase of theirs would be charged now."""
    async with books.db.begin() as tx:
        part = Part(books.merchant, AT_ONCE, euros(10_000))
        return (await charging_of(tx, [part], euros(10_000)))[0]


async def test_who_owes_is_paid_the_usual_way_until_it_is_set_off(books: Books) -> None:
    await books.is_known()
    await owes(books, 10_000)
    sold = [await books.sell(6_000, terms=AT_ONCE) for _ in range(2)]
    assert [sale.charging for sale in sold] == [Charging.OWES] * 2
    await books.hold_passes()
    assert [minor for _, minor in await books.sent()] == [2_000]
    assert await books.stands() == {}
    assert (await books.sell(6_000, terms=AT_ONCE)).charging is Charging.DIRECT


async def test_what_is_on_its_way_back_is_not_owed(books: Books) -> None:
    """Their money goes out with the charge though an order of theirs is just being refunded."""
    await books.is_known()
    sale = await books.sell(10_000, terms=AT_ONCE)
    await books.refund(sale, 4_000)
    assert await books.stands() == {"receivable": 4_000}
    assert await how(books) is Charging.DIRECT
    await owes(books, 1)
    assert await how(books) is Charging.OWES


async def test_a_debt_in_another_currency_changes_nothing(books: Books) -> None:
    await books.is_known()
    await owes(books, 10_000)
    async with books.db.begin() as tx:
        dollars = Money(10_000, "USD")
        part = Part(books.merchant, AT_ONCE, dollars)
        assert (await charging_of(tx, [part], dollars))[0] is Charging.DIRECT


@pytest.mark.parametrize("terms", [NO_HOLD, AT_ONCE])
async def test_an_order_whose_money_paid_anothers_refund_is_refunded(
    books: Books, terms: Terms
) -> None:
    """The other one's transfer is asked back: they have it, and nothing is left of it."""
    await books.is_known()
    first = await books.sell(10_000, terms=terms)
    await books.hold_passes()
    await books.sent()
    second = await books.sell(10_000, terms=NO_HOLD)
    await books.hold_passes()
    await books.refund(first, 10_000)
    assert await books.stands() == {}, "paid out of what the second one had available"
    await books.refund(second, 10_000)
    assert await books.sent() == [(first.order, 0)]
    async with books.db.begin() as tx:
        for sale in (first, second):
            share = await tx.get_one(MerchantShare, sale.order)
            assert (share.left_minor, share.over_minor, share.sent_minor) == (0, 0, 0)


async def test_no_more_is_asked_back_than_is_short_and_was_sent_beyond(books: Books) -> None:
    await books.is_known()
    sold = [await books.sell(10_000, terms=AT_ONCE) for _ in range(3)]
    other = await books.sell(9_000, terms=NO_HOLD)
    await books.hold_passes()
    await books.refund(sold[0], 4_000)
    await books.refund(sold[1], 5_000)
    assert await books.stands() == {}
    await books.refund(other, 6_000)
    back = [minor for _, minor in await books.sent()]
    assert sorted(back) == [5_000, 9_000, 10_000], "six thousand of nine, the newest first"


async def test_what_was_sent_of_an_order_lost_to_a_bank_pays_what_they_owe(
    books: Books,
) -> None:
    """The bank's part was kept back of another order's money, and that one was refunded."""
    await books.is_known()
    first = await books.sell(10_000, terms=AT_ONCE)
    second = await books.sell(10_000, terms=NO_HOLD)
    await books.hold_passes()
    dispute = await books.contest(first)
    assert await books.stands() == {"reserve": 10_000}
    await books.refund(second, 10_000)
    assert await books.sent() == [(first.order, 10_000)], "nothing is lost yet"
    await books.decide(dispute, won=False)
    assert await books.stands() == {"receivable": 10_000}
    assert await books.sent() == [(first.order, 0)]


async def test_what_the_provider_will_not_give_back_is_not_asked_again_by_itself(
    books: Books,
) -> None:
    await books.is_known()
    first = await books.sell(10_000, terms=AT_ONCE)
    second = await books.sell(10_000, terms=NO_HOLD)
    await books.hold_passes()
    await books.refund(first, 10_000)
    await books.refund(second, 10_000)
    async with books.db.begin() as tx:
        (row,) = (await tx.execute(sa.select(TransferReversal))).scalars().all()
        refused = ReversalRefused(
            reversal=row.id,
            transfer=row.transfer_id,
            owner=books.merchant,
            reference=first.order,
            amount=row.amount,
            code="insufficient_funds",
            at=books.now,
        )
        await sending.not_back(tx, refused, now=books.now)
    for _ in range(3):
        books.now += timedelta(minutes=1)
        await sending.send_due(books.db, now=books.now)
    async with books.db.begin() as tx:
        assert len((await tx.execute(sa.select(TransferReversal))).all()) == 1
    assert await books.stands() == {"receivable": 10_000}


async def one_that_waits(books: Books, order: str) -> None:
    """The twin: it locks the other's share, and is stopped by the database."""
    async with books.db.begin() as tx:
        await tx.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
        await shares.locked(tx, order)


async def test_refunds_of_two_orders_at_once_do_not_wait_for_each_other(books: Books) -> None:
    """Whoever refunds the other order holds its share, and waits for the merchant's lock."""
    await books.is_known()
    first = await books.sell(10_000, terms=AT_ONCE)
    second = await books.sell(10_000, terms=NO_HOLD)
    await books.hold_passes()
    await books.refund(first, 10_000)
    async with books.db.begin() as other:
        await shares.locked(other, first.order)
        with pytest.raises(DBAPIError):
            await one_that_waits(books, first.order)
        await asyncio.wait_for(books.refund(second, 10_000), 10)
    assert await books.stands() == {"receivable": 10_000}
    assert await how(books) is Charging.OWES


async def test_two_orders_refunded_at_once_end_with_nothing_owed(books: Books) -> None:
    await books.is_known()
    sold = [await books.sell(10_000, terms=AT_ONCE) for _ in range(2)]
    await asyncio.gather(*(books.refund(sale, 10_000) for sale in sold))
    assert sorted(minor for _, minor in await books.sent()) == [0, 0]
