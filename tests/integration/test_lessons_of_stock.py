"""What comparable shops learnt the hard way about stock, each lesson a test by its name.

The lessons about payments are in ``payments/test_lessons_of_payments.py``. Number and wording
are those of the list that the claims were designed from; the longer tests of the same things,
with their twins, are in ``test_claims.py`` and ``test_orders.py``.
"""

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from livecommerce.catalogue import settle as deciding
from livecommerce.catalogue.claims import Claims
from livecommerce.catalogue.errors import SoldOut, TooMany
from livecommerce.catalogue.settle import Ask, settle
from livecommerce.catalogue.wire import HoldOut
from livecommerce.kernel import clock
from livecommerce.kernel.db import Database
from livecommerce.live.counter import Counter as Prices
from livecommerce.orders.rules import CheckoutState
from tests import shop
from tests.purchases import Counter
from tests.room_screens import set_up

_LOCK = sa.text("SELECT 1 FROM commerce.stock WHERE variant_id = :variant FOR UPDATE")
_HELD_BY = "SELECT coalesce(sum(count), 0) FROM (SELECT count FROM commerce.hold {how}) AS h"


async def test_lesson_01_check_and_hold_are_one_statement(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=5)
    async with Claims(db).running() as one, Claims(db).running() as two:
        asked = [
            (one, two)[n % 2].claim(shop.claim_of(product, f"gst_{n}"), now) for n in range(40)
        ]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, HoldOut) for answer in answers) == 5
    assert await shop.stock_of(db, product.variants[0].id) == (5, 5)
    await shop.books_agree(db)


async def test_lesson_02_lines_of_one_variant_are_summed(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=3)
    lines = [shop.claim_of(product, "gst_a", count=2), shop.claim_of(product, "gst_a", count=2)]
    async with Claims(db).running() as claims:
        with pytest.raises(SoldOut) as refused:
            await claims.claim_all(lines, now)
    assert refused.value.facts["wanted"] == 4
    assert await shop.stock_of(db, product.variants[0].id) == (3, 0)


async def test_lesson_03_rows_are_locked_in_order(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=100, variants=2)
    async with Claims(db).running() as claims:
        asked = []
        for n in range(20):
            pair = [shop.claim_of(product, f"gst_{n}", variant=v) for v in (0, 1)]
            asked.append(claims.claim_all(pair if n % 2 else pair[::-1], now))
        answers = await asyncio.gather(*asked)
    assert [len(holds) for holds in answers] == [2] * 20
    await shop.books_agree(db)


async def test_lesson_04_own_holds_never_stand_in_their_owners_way(
    db: Database, now: datetime
) -> None:
    counter = Counter(db, now)
    product = await shop.open_shop(db, now=now, on_hand=1)
    who = shop.buyer()
    checkout = await counter.place(who, await counter.claim(product, who))  # the last one
    await counter.drain()
    await counter.pay(checkout)
    assert (await counter.checkout(checkout)).state is CheckoutState.PAID
    assert await shop.stock_of(db, product.variants[0].id) == (0, 0)


async def test_lesson_08_a_claim_rolled_back_leaves_nothing(
    db: Database, now: datetime
) -> None:
    product = await shop.open_shop(db, now=now, on_hand=1)
    want = shop.claim_of(product, "gst_a")
    ask = Ask.of(want, now=now, until=now + timedelta(minutes=10))
    before = await _rows(db)
    async with db.connection() as connection:
        transaction = await connection.begin()
        assert (await settle(connection, want.variant, [ask])).fates == [deciding.Fate.MADE]
        await transaction.rollback()
    assert await _rows(db) == before
    assert await shop.stock_of(db, want.variant) == (1, 0)
    await shop.books_agree(db)


async def test_lesson_09_what_is_locked_is_waited_for_not_skipped(
    db: Database, now: datetime
) -> None:
    product = await shop.open_shop(db, now=now, on_hand=1)
    variant = product.variants[0].id
    async with Claims(db).running() as claims:
        async with db.begin() as tx:
            await tx.execute(_LOCK, {"variant": variant})
            asked = asyncio.create_task(claims.claim(shop.claim_of(product, "gst_a"), now))
            await _somebody_waits(db)
            assert not asked.done()
        assert (await asked).count == 1


async def test_lesson_09_twin_that_skips_what_is_locked_counts_too_little(
    db: Database, now: datetime
) -> None:
    product = await shop.open_shop(db, now=now, on_hand=1)
    async with Claims(db).running() as claims:
        hold = await claims.claim(shop.claim_of(product, "gst_a"), now)
    async with db.begin() as tx:
        mine = sa.text("SELECT 1 FROM commerce.hold WHERE id = :hold FOR UPDATE")
        await tx.execute(mine, {"hold": hold.id})
        async with db.begin() as other:
            counted = await other.scalar(sa.text(_HELD_BY.format(how="")))
            skipped = sa.text(_HELD_BY.format(how="FOR UPDATE SKIP LOCKED"))
            assert (counted, await other.scalar(skipped)) == (1, 0)


async def test_lesson_10_looking_holds_nothing(db: Database) -> None:
    stage = await set_up(db, clock.utcnow())
    await stage.snapshot()
    await Prices(db).wares(stage.live)
    assert await shop.holds_in(db) == []
    assert await shop.stock_of(db, stage.products[0].variants[0].id) == (10, 0)


async def test_lesson_10_a_buyer_has_no_more_than_their_share(
    db: Database, now: datetime
) -> None:
    product = await shop.open_shop(db, now=now, on_hand=100)
    async with Claims(db).running() as claims:
        asked = [
            claims.claim(shop.claim_of(product, "gst_a", f"k{n}", limit=3), now)
            for n in range(9)
        ]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(answer, HoldOut) for answer in answers) == 3
    assert sum(isinstance(answer, TooMany) for answer in answers) == 6


async def test_lesson_11_one_key_is_one_hold_from_every_process(
    db: Database, now: datetime
) -> None:
    product = await shop.open_shop(db, now=now, on_hand=100)
    want = shop.claim_of(product, "gst_a", "the same key")
    async with Claims(db).running() as one, Claims(db).running() as two:
        asked = (where.claim(want, now) for where in (one, one, two, two))
        answers = await asyncio.gather(*asked)
    assert len({answer.id for answer in answers}) == 1
    assert await shop.stock_of(db, want.variant) == (100, 1)


async def _rows(db: Database) -> list[int]:
    """How many rows there are of everything that a claim writes."""
    names = ("commerce.hold", "commerce.stock_journal", "kernel.outbox")
    async with db.begin() as tx:
        counts = [await tx.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in names]
    return [int(count or 0) for count in counts]


async def _somebody_waits(db: Database) -> None:
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()"
    )
    async with asyncio.timeout(20):
        while True:
            async with db.begin() as tx:
                if await tx.scalar(waiting):
                    return
            await asyncio.sleep(0.01)
