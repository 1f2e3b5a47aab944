"""Claims: exactly what there is, once per key, in order, whoever asks at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from livecommerce.catalogue import stock
from livecommerce.catalogue.claims import Claim, Claims
from livecommerce.catalogue.errors import (
    ClaimsDown,
    KeyTaken,
    NoSuchVariant,
    QueueFull,
    SoldOut,
    TooMany,
)
from livecommerce.catalogue.events import HoldMade, StockChanged
from livecommerce.catalogue.rules import HoldState
from livecommerce.catalogue.wire import HoldOut
from livecommerce.kernel.db import Database
from livecommerce.kernel.events import of_topic
from livecommerce.kernel.money import Money
from tests import shop


async def settle_all(
    claim: Callable[[Claim, datetime], Awaitable[HoldOut]], wants: list[Claim], now: datetime
) -> list[HoldOut | BaseException]:
    return await asyncio.gather(*(claim(w, now) for w in wants), return_exceptions=True)


async def test_a_hundred_buyers_get_exactly_what_there_is(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=37)
    wants = [shop.claim_of(product, f"gst_{n}") for n in range(100)]
    async with Claims(db).running() as claims:
        answers = await settle_all(claims.claim, wants, now)
    held = [a for a in answers if isinstance(a, HoldOut)]
    assert len(held) == 37
    assert all(isinstance(a, SoldOut) for a in answers if not isinstance(a, HoldOut))
    assert await shop.stock_of(db, product.variants[0].id) == (37, 37)
    await shop.books_agree(db)


async def test_twin_that_checks_before_it_acts_oversells(db: Database, now: datetime) -> None:
    """The same race without the guard: this is what the statement saves us from."""
    product = await shop.open_shop(db, now=now, on_hand=5)
    variant = product.variants[0].id
    there = asyncio.Barrier(10)

    async def unguarded() -> bool:
        async with db.begin() as tx:
            read = sa.text("SELECT on_hand FROM commerce.stock WHERE variant_id = :v")
            on_hand = await tx.scalar(read, {"v": variant})
            await there.wait()
            if not on_hand:
                return False
            write = sa.text(
                "WITH t AS (UPDATE commerce.stock_at SET on_hand = :n WHERE variant_id = :v)"
                " UPDATE commerce.stock SET on_hand = :n WHERE variant_id = :v"
            )
            await tx.execute(write, {"n": on_hand - 1, "v": variant})
            return True

    sold = sum(await asyncio.gather(*(unguarded() for _ in range(10))))
    assert sold > 5


async def test_the_first_come_are_served(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=3)
    wants = [shop.claim_of(product, f"gst_{n}") for n in range(6)]
    async with Claims(db).running() as claims:
        answers = await settle_all(claims.claim, wants, now)
    assert [isinstance(a, HoldOut) for a in answers] == [True] * 3 + [False] * 3


async def test_what_is_left_goes_to_whoever_fits(db: Database, now: datetime) -> None:
    """Three left; wanted two, two, one: the last one fits and gets it."""
    product = await shop.open_shop(db, now=now, on_hand=3)
    wants = [shop.claim_of(product, f"gst_{n}", count=c) for n, c in enumerate([2, 2, 1])]
    async with Claims(db).running() as claims:
        answers = await settle_all(claims.claim, wants, now)
    assert [isinstance(a, HoldOut) for a in answers] == [True, False, True]
    assert await shop.stock_of(db, product.variants[0].id) == (3, 3)


async def test_double_click_is_one_hold(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now)
    want = shop.claim_of(product, "gst_a")
    async with Claims(db).running() as claims:
        first, second = await asyncio.gather(claims.claim(want, now), claims.claim(want, now))
        later = await claims.claim(want, now + timedelta(minutes=1))
    assert first == second == later
    assert len(await shop.holds_in(db)) == 1


async def test_same_key_in_two_processes_is_one_hold(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=100)
    wants = [shop.claim_of(product, f"gst_{n}") for n in range(30)]
    async with Claims(db).running() as one, Claims(db).running() as other:
        here, there = await asyncio.gather(
            settle_all(one.claim, wants, now), settle_all(other.claim, wants, now)
        )
    assert here == there
    assert await shop.stock_of(db, product.variants[0].id) == (100, 30)
    await shop.books_agree(db)


async def test_last_piece_under_one_key_in_two_processes(db: Database, now: datetime) -> None:
    """The one who waited for the lock finds the hold that its own key was given."""
    product = await shop.open_shop(db, now=now, on_hand=1)
    want = shop.claim_of(product, "gst_a")
    async with Claims(db).running() as one, Claims(db).running() as other:
        first, second = await asyncio.gather(one.claim(want, now), other.claim(want, now))
    assert first == second


async def test_a_key_is_for_one_claim(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, variants=2)
    async with Claims(db).running() as claims:
        await claims.claim(shop.claim_of(product, "gst_a"), now)
        with pytest.raises(KeyTaken):
            await claims.claim(shop.claim_of(product, "gst_a", count=2), now)
        with pytest.raises(KeyTaken):
            await claims.claim(shop.claim_of(product, "gst_a", variant=1), now)
        await claims.claim(shop.claim_of(product, "gst_b"), now)
    await shop.books_agree(db)


async def test_a_retry_finds_its_hold_though_all_is_sold(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=1)
    want = shop.claim_of(product, "gst_a")
    async with Claims(db, latch=60).running() as claims:
        first = await claims.claim(want, now)
        with pytest.raises(SoldOut):
            await claims.claim(shop.claim_of(product, "gst_b"), now)
        assert await claims.claim(want, now) == first


async def test_limit_per_buyer_counts_what_they_hold(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=50)
    wants = [shop.claim_of(product, "gst_a", f"k{n}", count=1, limit=3) for n in range(8)]
    async with Claims(db).running() as one, Claims(db).running() as other:
        answers = await asyncio.gather(
            settle_all(one.claim, wants[:4], now), settle_all(other.claim, wants[4:], now)
        )
    told = [answer for part in answers for answer in part]
    assert sum(isinstance(a, HoldOut) for a in told) == 3
    assert sum(isinstance(a, TooMany) for a in told) == 5
    assert await shop.stock_of(db, product.variants[0].id) == (50, 3)


async def test_a_too_large_claim_does_not_spoil_the_next(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=50)
    wants = [
        shop.claim_of(product, "gst_a", "large", count=3, limit=2),
        shop.claim_of(product, "gst_a", "small", count=1, limit=2),
    ]
    async with Claims(db).running() as claims:
        answers = await settle_all(claims.claim, wants, now)
    assert isinstance(answers[0], TooMany)
    assert isinstance(answers[1], HoldOut)


async def test_several_variants_are_all_or_none(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=3, variants=2)
    first = shop.claim_of(product, "gst_a", count=2, variant=0)
    async with Claims(db).running() as claims:
        with pytest.raises(SoldOut):
            await claims.claim_all(
                [first, shop.claim_of(product, "gst_a", count=4, variant=1)], now
            )
        await shop.books_agree(db)
        assert await shop.holds_in(db) == []
        wants = [first, shop.claim_of(product, "gst_a", count=3, variant=1)]
        held = await claims.claim_all(wants, now)
        assert [h.count for h in held] == [2, 3]
        assert await claims.claim_all(wants, now) == held
        with pytest.raises(KeyTaken):
            await claims.claim_all([*wants, first], now)
        with pytest.raises(KeyTaken):
            await claims.claim_all([*reversed(wants)], now)
    await shop.books_agree(db)


async def test_two_lines_of_one_variant_are_summed(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=5)
    line = shop.claim_of(product, "gst_a", count=3)
    async with Claims(db).running() as claims:
        with pytest.raises(SoldOut):
            await claims.claim_all([line, line], now)
    assert await shop.stock_of(db, product.variants[0].id) == (5, 0)


async def test_crossed_carts_do_not_deadlock(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=100, variants=2)

    def cart(n: int) -> list[Claim]:
        lines = [shop.claim_of(product, f"gst_{n}", variant=v) for v in (0, 1)]
        return lines if n % 2 else lines[::-1]

    async with Claims(db).running() as one, Claims(db).running() as other:
        carts = [(one if n % 3 else other).claim_all(cart(n), now) for n in range(40)]
        singles = [one.claim(shop.claim_of(product, f"gst_s{n}"), now) for n in range(40)]
        held = await asyncio.gather(*carts)
        await asyncio.gather(*singles)
    assert all(len(lines) == 2 for lines in held)
    assert await shop.stock_of(db, product.variants[0].id) == (100, 80)
    await shop.books_agree(db)


async def test_same_cart_in_two_processes_is_one(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=100, variants=2)
    cart = [shop.claim_of(product, "gst_a", variant=v) for v in (0, 1)]
    async with Claims(db).running() as one, Claims(db).running() as other:
        here, there = await asyncio.gather(one.claim_all(cart, now), other.claim_all(cart, now))
    assert here == there
    await shop.books_agree(db)


async def test_facts_are_told_as_their_classes_read_them(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=2)
    async with Claims(db).running() as claims:
        hold = await claims.claim(shop.claim_of(product, "gst_a", count=2), now)
    async with db.begin() as tx:
        rows = (
            await tx.execute(sa.text("SELECT topic, body FROM kernel.outbox ORDER BY id"))
        ).all()
    facts = [kind.model_validate(body) for topic, body in rows if (kind := of_topic(topic))]
    made = [fact for fact in facts if isinstance(fact, HoldMade)]
    left = [fact.left for fact in facts if isinstance(fact, StockChanged)]
    assert [(m.hold, m.buyer, m.count, m.price) for m in made] == [
        (hold.id, "gst_a", 2, Money(19900, "CNY"))
    ]
    assert made[0].hold_until == hold.hold_until
    assert left == [2, 0]
    assert facts[-1].version == 2  # type: ignore[attr-defined]


async def test_one_bad_claim_does_not_take_the_batch_along(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now)
    wants = [
        shop.claim_of(product, f"gst_{n}", key) for n, key in enumerate(["a", "\x00", "c"])
    ]
    async with Claims(db).running() as claims:
        answers = await settle_all(claims.claim, wants, now)
    assert [type(a) for a in answers] == [HoldOut, ClaimsDown, HoldOut]
    await shop.books_agree(db)


async def test_unknown_variant_is_said(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now)
    stranger = Claim("gst_a", "k", "var_none", product.merchant, 1, shop.PRICE)
    async with Claims(db).running() as claims:
        with pytest.raises(NoSuchVariant):
            await claims.claim(stranger, now)


async def test_a_long_line_says_come_back(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=100)
    wants = [shop.claim_of(product, f"gst_{n}") for n in range(8)]
    async with Claims(db, most_waiting=5).running() as claims:
        answers = await settle_all(claims.claim, wants, now)
        turned = [a for a in answers if isinstance(a, QueueFull)]
        assert len(turned) == 3
        assert turned[0].facts["retry_after"] == 1
        assert turned[0].facts["place"] == 6
        again = await claims.claim(wants[-1], now)
    assert again.state is HoldState.HELD


async def test_killed_connection_is_asked_again(db: Database, now: datetime) -> None:
    """The answer was lost, not the claim: the second try finds out under the same key."""
    product = await shop.open_shop(db, now=now)
    variant = product.variants[0].id
    lock = sa.text("SELECT 1 FROM commerce.stock WHERE variant_id = :v FOR UPDATE")
    kill = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()"
    )
    async with Claims(db).running() as claims:
        async with db.begin() as tx:
            await tx.execute(lock, {"v": variant})
            asked = asyncio.create_task(claims.claim(shop.claim_of(product, "gst_a"), now))
            async with db.begin() as other:
                for _ in range(500):
                    if (await other.execute(kill)).all():
                        break
                    await asyncio.sleep(0.01)
        assert (await asked).state is HoldState.HELD
    await shop.books_agree(db)


async def test_stuck_batch_is_given_up(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now)
    variant = product.variants[0].id
    lock = sa.text("SELECT 1 FROM commerce.stock WHERE variant_id = :v FOR UPDATE")
    async with Claims(db, settle_within=0.1).running() as claims:
        async with db.begin() as tx:
            await tx.execute(lock, {"v": variant})
            with pytest.raises(ClaimsDown):
                await claims.claim(shop.claim_of(product, "gst_a"), now)
        assert (await claims.claim(shop.claim_of(product, "gst_a"), now)).count == 1
    await shop.books_agree(db)


async def test_who_went_away_is_passed_over(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=1)
    async with Claims(db).running() as claims:
        gone = asyncio.create_task(claims.claim(shop.claim_of(product, "gst_a"), now))
        await asyncio.sleep(0)
        gone.cancel()
        held = await claims.claim(shop.claim_of(product, "gst_b"), now)
    assert [hold.id for hold in await shop.holds_in(db)] == [held.id]


async def test_stopping_answers_those_who_wait(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=100)
    claims = Claims(db)
    async with claims.running():
        tasks = [
            asyncio.create_task(claims.claim(shop.claim_of(product, f"gst_{n}"), now))
            for n in range(20)
        ]
        await asyncio.sleep(0)
    assert all(isinstance(a, HoldOut) for a in await asyncio.gather(*tasks))
    with pytest.raises(ClaimsDown):
        await claims.claim(shop.claim_of(product, "gst_late"), now)


async def test_lapsed_holds_are_for_sale_again(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=2)
    late = now + timedelta(minutes=11)
    async with Claims(db, latch=0).running() as claims:
        await claims.claim(shop.claim_of(product, "gst_a", count=2), now)
        with pytest.raises(SoldOut):
            await claims.claim(shop.claim_of(product, "gst_b"), now)
        async with db.begin() as tx:
            assert await stock.lapse(tx, now=now) == 0
            assert await stock.lapse(tx, now=late) == 1
            assert await stock.lapse(tx, now=late) == 0
        assert (await claims.claim(shop.claim_of(product, "gst_b", "k2"), late)).count == 1
    await shop.books_agree(db)


async def test_a_release_is_noticed_at_once_here(db: Database, now: datetime) -> None:
    product = await shop.open_shop(db, now=now, on_hand=1)
    variant = product.variants[0].id
    async with Claims(db, latch=60).running() as claims:
        hold = await claims.claim(shop.claim_of(product, "gst_a"), now)
        async with db.begin() as tx:
            await stock.release(tx, [hold.id], now=now)
        with pytest.raises(SoldOut):
            await claims.claim(shop.claim_of(product, "gst_b"), now)
        claims.reopen(variant)
        await claims.claim(shop.claim_of(product, "gst_b"), now)


async def test_the_journal_is_never_edited(db: Database, now: datetime) -> None:
    await shop.open_shop(db, now=now)
    for statement in (
        "UPDATE commerce.stock_journal SET held = 1",
        "DELETE FROM commerce.stock_journal",
    ):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            async with db.begin() as tx:
                await tx.execute(sa.text(statement))
