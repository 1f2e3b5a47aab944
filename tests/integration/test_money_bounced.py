"""Refunds that bounce around a dispute, a release or a change of the books by hand: a share
claims what is there of it, and never the money of another order."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from livecommerce.kernel.db import Database
from livecommerce.settlement import adjustments
from livecommerce.settlement.errors import NotByHand, UndoneElsewhere
from livecommerce.settlement.wire import AdjustmentIn, EntryOut, PostingRef
from payments import ledger
from tests import shop
from tests.merchant_books import ANNA, BEN, Books, euros


@pytest.fixture
async def books(db: Database, now: datetime) -> Books:
    async with db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=now)
    return Books(db, merchant, now)


async def test_a_share_that_had_gone_comes_back_with_its_refund(books: Books) -> None:
    sale = await books.sell(10_000)
    refund = await books.refund(sale, 10_000)
    await books.hold_passes()
    assert await books.left(sale) == ("gone", 0)
    await books.bounce(sale, refund)
    await books.hold_passes()
    assert await books.left(sale) == ("available", 10_000)
    assert await books.stands() == {"available": 10_000}


async def test_a_refund_that_was_owed_bounces_and_leaves_no_claim(books: Books) -> None:
    """The dispute had taken the whole share; what is undone is the debt, not the loss."""
    sale = await books.sell(10_000)
    dispute = await books.contest(sale)
    refund = await books.refund(sale, 10_000)
    assert await books.stands() == {"reserve": 10_000, "receivable": 10_000}
    await books.decide(dispute, won=False)
    await books.bounce(sale, refund)
    assert await books.stands() == {}
    assert (await books.left(sale))[1] == 0
    waits = await books.sell(8_000, leaves=False)
    await books.hold_passes()
    assert await books.stands() == {"pending": 8_000}, "those goods have not left"
    assert await books.left(waits) == ("pending", 8_000)


async def test_a_lost_dispute_takes_what_is_pending_of_its_own_share(books: Books) -> None:
    sale = await books.sell(10_000)
    refund = await books.refund(sale, 10_000)
    dispute = await books.contest(sale)  # nothing is there to be kept back
    await books.bounce(sale, refund)
    await books.decide(dispute, won=False)
    assert await books.stands() == {}
    await books.hold_passes()
    assert await books.left(sale) == ("gone", 0)


@pytest.mark.parametrize("won", [True, False])
async def test_a_refund_beside_a_dispute_ends_where_it_should(
    books: Books, *, won: bool
) -> None:
    """It is owed while the dispute is open; won, it is paid out of the share."""
    sale = await books.sell(10_000)
    dispute = await books.contest(sale)
    refund = await books.refund(sale, 4_000)
    await books.decide(dispute, won=won)
    await books.hold_passes()
    assert await books.stands() == ({"available": 6_000} if won else {"receivable": 4_000})
    await books.bounce(sale, refund)
    assert await books.stands() == ({"available": 10_000} if won else {})
    assert (await books.left(sale))[1] == (10_000 if won else 0)


async def test_a_refund_after_a_lost_dispute_that_bounces_leaves_no_claim(books: Books) -> None:
    sale = await books.sell(10_000)
    await books.hold_passes()
    await books.decide(await books.contest(sale), won=False)
    assert await books.stands() == {}
    refund = await books.refund(sale, 10_000)
    assert await books.stands() == {"receivable": 10_000}
    await books.bounce(sale, refund)
    assert await books.stands() == {}
    assert (await books.left(sale))[1] == 0


async def test_a_sale_once_reversed_by_hand_takes_no_other_orders_money(books: Books) -> None:
    """Of the days when that could be done."""
    wrong, waits = await books.sell(10_000), await books.sell(8_000, leaves=False)
    async with books.db.begin() as tx:
        await ledger.reverse(
            tx, kind="sale", source=wrong.order, reason="in error", occurred_at=books.now
        )
    await books.hold_passes()
    assert await books.stands() == {"pending": 8_000}
    assert await books.left(wrong) == ("gone", 0)
    assert await books.left(waits) == ("pending", 8_000)


async def test_what_a_correction_once_took_is_missing_from_what_is_released(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the days when what is pending could be corrected."""
    sale, waits = await books.sell(10_000), await books.sell(8_000, leaves=False)
    entries = [
        EntryOut(account="merchant_pending", owner=books.merchant, amount=euros(3_000)),
        EntryOut(account="platform_fee", owner=None, amount=euros(-3_000)),
    ]
    monkeypatch.setattr(adjustments, "OF_ORDERS", frozenset())
    await books.adjust(AdjustmentIn(entries=entries, reason="a fee was forgotten"))
    await books.hold_passes()
    assert await books.stands() == {"available": 7_000, "pending": 8_000}
    assert await books.left(sale) == ("available", 7_000)
    assert await books.left(waits) == ("pending", 8_000)


async def everything_posted(books: Books) -> set[tuple[str, str]]:
    """What one merchant's orders may leave in the books, each kind and source."""
    await books.decide(await books.contest(await books.sell(3_000)), won=False)
    await books.contest(await books.sell(4_000))
    refunded = await books.sell(5_000)
    await books.refund(refunded, 1_000)
    await books.hold_passes()
    await books.refund(refunded, 4_000)
    async with books.db.begin() as tx:
        rows = await tx.execute(sa.text("SELECT kind, source FROM payments.ledger_posting"))
        return {(kind, source) for kind, source in rows}


async def test_what_moved_a_share_is_not_reversed_by_hand(books: Books) -> None:
    posted = await everything_posted(books)
    kinds = {kind for kind, _ in posted}
    assert {"sale", "refund", "release", "dispute", "dispute-hold", "dispute-lost"} <= kinds
    before = await books.stands()
    for kind, source in sorted(posted):
        want = AdjustmentIn(reverses=PostingRef(kind=kind, source=source), reason="by hand")
        with pytest.raises(UndoneElsewhere) as refused:
            await books.adjust(want)
        assert refused.value.facts["instead"] == adjustments.INSTEAD[kind]
    assert await books.stands() == before


async def test_twin_without_the_refusal_parts_share_and_books(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = await books.sell(10_000)
    refund = await books.refund(sale, 4_000)
    monkeypatch.setattr(adjustments, "INSTEAD", {})
    monkeypatch.setattr(adjustments, "FOLLOWED", frozenset({"refund"}))
    reverses = PostingRef(kind="refund", source=refund)
    await books.adjust(AdjustmentIn(reverses=reverses, reason="by hand"))
    assert await books.stands() == {"pending": 10_000}
    assert await books.left(sale) == ("pending", 6_000), "4,000 are nobody's"


async def test_what_was_proposed_before_is_refused_when_it_is_approved(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = await books.sell(10_000)
    reverses = PostingRef(kind="sale", source=sale.order)
    entries = [
        EntryOut(account="merchant_reserve", owner=books.merchant, amount=euros(5)),
        EntryOut(account="suspense", owner=None, amount=euros(-5)),
    ]
    async with books.db.begin() as tx:
        with monkeypatch.context() as earlier:
            earlier.setattr(adjustments, "INSTEAD", {})
            earlier.setattr(adjustments, "FOLLOWED", frozenset({"sale"}))
            earlier.setattr(adjustments, "OF_ORDERS", frozenset())
            old = [
                await adjustments.propose(tx, want, by=ANNA, now=books.now)
                for want in (
                    AdjustmentIn(reverses=reverses, reason="by hand"),
                    AdjustmentIn(entries=entries, reason="by hand"),
                )
            ]
    for each, problem in zip(old, (UndoneElsewhere, NotByHand), strict=True):
        with pytest.raises(problem):
            async with books.db.begin() as tx:
                await adjustments.approve(tx, each.id, by=BEN, now=books.now)
        async with books.db.begin() as tx:
            refused = await adjustments.refuse(tx, each.id, by=BEN, now=books.now)
        assert refused.state == "refused"


@pytest.mark.parametrize(
    "account", ["merchant_pending", "merchant_reserve", "merchant_transit"]
)
async def test_what_orders_account_for_is_not_corrected_by_hand(
    books: Books, account: str
) -> None:
    entries = [
        EntryOut(account=account, owner=books.merchant, amount=euros(5)),
        EntryOut(account="suspense", owner=None, amount=euros(-5)),
    ]
    with pytest.raises(NotByHand):
        await books.adjust(AdjustmentIn(entries=entries, reason="by hand"))
