"""Refunds of a share that is settled in another currency bounce, in any order: share and books
go on saying the same."""

from datetime import datetime

import pytest

from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.settlement import actions, waits
from payments import ledger
from tests import shop
from tests.merchant_books import Yen, euros


@pytest.fixture
async def books(db: Database, now: datetime) -> Yen:
    async with db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=now)
    return Yen(db, merchant, now)


async def twice(books: Yen, sale: actions.Sale) -> tuple[str, str]:
    """One refund while it is pending, and one once it is exchanged."""
    first = await books.refund(sale, 3_000)
    await books.hold_passes()
    return first, await books.refund(sale, 3_000)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_a_refund_of_before_and_one_of_after_the_exchange_bounce(
    books: Yen, order: tuple[int, int]
) -> None:
    sale = await books.sell(10_000)
    refunds = await twice(books, sale)
    assert (await books.share(sale), await books.holds()) == (
        (6_400, 11_200),
        {"available JPY": 6_400},
    )
    for which in order:
        await books.bounce(sale, refunds[which])
    assert await books.share(sale) == (16_000, 16_000)
    assert await books.holds() == {"available JPY": 16_000}
    await books.is_known()
    assert await books.sent() == [(sale.order, 16_000)], "for the order, and no more"
    await books.refund(sale, 10_000)
    assert await books.sent() == [(sale.order, 0)], "all of it is asked back"
    assert await books.share(sale) == (0, 16_000)


async def test_what_is_stopped_of_another_order_stays_so(books: Yen) -> None:
    """Nothing of the order that bounced may make the other's money look unclaimed."""
    sale = await books.sell(10_000)
    for refund in await twice(books, sale):
        await books.bounce(sale, refund)
    await books.refund(sale, 10_000)
    other = await books.sell(10_000)
    await books.hold_passes()
    await books.is_known()
    async with books.db.begin() as tx:
        stopped = (books.merchant, other.order, Money(16_000, "JPY"))
        await waits.stopped(tx, *stopped, why=waits.REVERSED, now=books.now)
    assert await books.sent() == []


@pytest.mark.parametrize("rate", ["1.5", "49.5"])
async def test_bounces_in_another_order_leave_no_rounding_behind(books: Yen, rate: str) -> None:
    """The first of two refunds took a yen more than it is worth without the second."""
    books.rate = rate
    sale = await books.sell(300)
    await books.hold_passes()
    whole = (await books.share(sale))[1]
    first, second = await books.refund(sale, 100), await books.refund(sale, 100)
    await books.bounce(sale, first)
    left = (await books.share(sale))[0]
    assert await books.holds() == {"available JPY": left}
    third = await books.refund(sale, 200)
    assert (await books.share(sale), await books.holds()) == ((0, whole), {})
    for refund in (second, third):
        await books.bounce(sale, refund)
    assert (await books.share(sale), await books.holds()) == (
        (whole, whole),
        {"available JPY": whole},
    )


async def test_a_debt_made_good_by_another_refund_bounces(books: Yen) -> None:
    """A refund beside a dispute was owed, another one's bounce made it good; when it bounces
    itself, the share has that money, too."""
    sale = await books.sell(10_000)
    dispute = await books.contest(sale)
    beside = await books.refund(sale, 4_000)
    await books.decide(dispute, won=True)
    await books.hold_passes()
    assert await books.holds() == {"available JPY": 9_600}
    after = await books.refund(sale, 6_000)
    assert await books.holds() == {}
    await books.bounce(sale, after)
    await books.bounce(sale, beside)
    assert await books.share(sale) == (16_000, 16_000)
    assert await books.holds() == {"available JPY": 16_000}


async def test_what_a_gone_share_took_of_others_comes_back_as_it_was(books: Yen) -> None:
    """A refund took more than there was, out of what else they had in euros."""
    async with books.db.begin() as tx:
        entries = [
            ledger.Entry("merchant_available", books.merchant, euros(-4_000)),
            ledger.Entry("platform_fee", None, euros(4_000)),
        ]
        await ledger.post(tx, kind="k", source="s", entries=entries, occurred_at=books.now)
    sale = await books.sell(10_000)
    first = await books.refund(sale, 10_000)
    await books.hold_passes()
    assert await books.left(sale) == ("gone", 0)
    beyond = await books.refund(sale, 4_000)
    assert await books.holds() == {}
    await books.bounce(sale, first)
    await books.hold_passes()
    await books.bounce(sale, beyond)
    assert await books.share(sale) == (16_000, 16_000)
    assert await books.holds() == {"available EUR": 4_000, "available JPY": 16_000}


async def test_what_a_gone_share_took_comes_back_while_it_is_pending_again(books: Yen) -> None:
    async with books.db.begin() as tx:
        entries = [
            ledger.Entry("merchant_available", books.merchant, euros(-4_000)),
            ledger.Entry("platform_fee", None, euros(4_000)),
        ]
        await ledger.post(tx, kind="k", source="s", entries=entries, occurred_at=books.now)
    sale = await books.sell(10_000)
    first = await books.refund(sale, 10_000)
    await books.hold_passes()
    beyond = await books.refund(sale, 4_000)
    await books.bounce(sale, first)
    await books.bounce(sale, beyond)
    assert await books.share(sale) == (10_000, 10_000)
    await books.hold_passes()
    assert await books.holds() == {"available EUR": 4_000, "available JPY": 16_000}
