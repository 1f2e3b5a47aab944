"""A difference is explained once, by what it is when that is approved; and a proof that fails
never stands beside an empty list."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from livecommerce.kernel import clock
from livecommerce.kernel.money import Money
from livecommerce.settlement import adjustments, reconciliations
from livecommerce.settlement.tables import Adjustment
from livecommerce.settlement.wire import AdjustmentIn, EntryOut, OpenItemOut, Resolve
from livecommerce.web.principal import Principal
from payments import ledger, reconciling
from payments.errors import BeingExplained, DifferenceChanged, NoSuchDifference
from payments.ledger import Entry
from payments.matching import BALANCE, Match
from payments.sandbox import charges
from payments.tables_reconciling import ReconciliationItem
from tests.integration.payments.conftest import Till
from tests.integration.payments.test_reconciling import ANNA, BEN, found, reconciled
from tests.integration.payments.test_sending_on import Stall, stall

__all__ = ["stall"]
FEE = Resolve(account="stripe_fee", reason="their monthly fee")
UNKNOWN = Resolve(account="suspense", reason="we know nothing of it")
BEFORE_EVERYTHING = datetime(2019, 1, 1, tzinfo=UTC)


async def an_unknown_fee(till: Till) -> str:
    """A fee the provider took, found as a difference; its item."""
    async with till.sandbox.work() as work:
        await charges.book_line(
            work, kind="stripe_fee", amount=-250, currency="eur", source="fee_1"
        )
    await reconciled(till)
    return await the_open_one(till)


async def the_open_one(till: Till) -> str:
    async with till.db.begin() as tx:
        (item,) = await reconciling.open_items(tx)
    return item.id


async def resolve(till: Till, item: str, want: Resolve, by: Principal) -> OpenItemOut:
    async with till.db.begin() as tx:
        return await reconciliations.resolve(tx, item, want, by=by, now=clock.utcnow())


async def approve(till: Till, adjustment: str | None, by: Principal) -> None:
    assert adjustment is not None
    async with till.db.begin() as tx:
        await adjustments.approve(tx, adjustment, by=by, now=clock.utcnow())


async def proof(till: Till) -> tuple[int, int, bool]:
    """Of a fresh run: how far the sums are apart, how much of it is known, whether it holds."""
    row = await reconciled(till)
    (one,) = row.proof
    return one["ours"] - one["theirs"], one["explained"], one["holds"]


async def fees(till: Till) -> int:
    async with till.db.begin() as tx:
        return (await ledger.balance(tx, "stripe_fee", "EUR")).minor


async def test_a_difference_has_one_explanation_at_a_time(till: Till) -> None:
    item = await an_unknown_fee(till)
    told = await resolve(till, item, FEE, ANNA)
    for again in (FEE, Resolve(reason="in words, then")):
        with pytest.raises(BeingExplained):
            await resolve(till, item, again, BEN)
    await approve(till, told.adjustment, BEN)
    with pytest.raises(NoSuchDifference):
        await resolve(till, item, FEE, BEN)
    assert await fees(till) == 250
    assert await proof(till) == (0, 0, True)
    assert await found(till) == {}


async def test_two_explain_at_once_and_one_does(till: Till) -> None:
    item = await an_unknown_fee(till)
    both = (resolve(till, item, FEE, who) for who in (ANNA, BEN))
    told = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(t, OpenItemOut) for t in told) == 1
    assert sum(isinstance(t, BeingExplained) for t in told) == 1
    async with till.db.begin() as tx:
        assert len(await adjustments.listed(tx, by=ANNA)) == 1


async def test_twin_that_looks_first_explains_twice(till: Till) -> None:
    """Without the guard in the statement both see that nobody has, and post the fee twice."""
    item = await an_unknown_fee(till)
    both_have_looked = asyncio.Barrier(2)

    async def careless(who: Principal) -> str:
        async with till.db.begin() as tx:
            row = await tx.get(ReconciliationItem, item)
            assert row is not None
            assert row.adjustment is None
            await both_have_looked.wait()
            missing = row.theirs - row.ours
            entries = [
                EntryOut(account="stripe_available", owner=None, amount=missing),
                EntryOut(account="stripe_fee", owner=None, amount=-missing),
            ]
            want = AdjustmentIn(entries=entries, reason=FEE.reason)
            asked = await adjustments.propose(tx, want, by=who, now=clock.utcnow())
            row.adjustment = asked.id
            return asked.id

    first, second = await asyncio.gather(careless(ANNA), careless(BEN))
    await approve(till, first, BEN)
    await approve(till, second, ANNA)
    assert await fees(till) == 500, "a fee of 2.50, twice"


async def test_the_database_keeps_two_proposals_apart_too(till: Till) -> None:
    item = await an_unknown_fee(till)
    await resolve(till, item, FEE, ANNA)
    copied = sa.text(
        "INSERT INTO commerce.adjustment (id, state, entries, reason, explains, proposed_by,"
        " proposed_at) SELECT 'adj_2', state, entries, reason, explains, proposed_by,"
        " proposed_at FROM commerce.adjustment"
    )
    with pytest.raises(sa.exc.IntegrityError, match="one_at_a_time"):
        async with till.db.begin() as tx:
            await tx.execute(copied)


async def test_what_was_refused_can_be_explained_otherwise(till: Till) -> None:
    item = await an_unknown_fee(till)
    told = await resolve(till, item, UNKNOWN, ANNA)
    async with till.db.begin() as tx:
        await adjustments.refuse(tx, told.adjustment or "", by=BEN, now=clock.utcnow())
        (still,) = await reconciling.open_items(tx)
        assert (still.id, still.adjustment) == (item, None)
    again = await resolve(till, item, FEE, ANNA)
    await approve(till, again.adjustment, BEN)
    assert await proof(till) == (0, 0, True)
    assert await fees(till) == 250


async def test_other_figures_are_explained_anew(till: Till) -> None:
    item = await an_unknown_fee(till)
    await resolve(till, item, FEE, ANNA)
    async with till.db.begin() as tx:  # the fee was booked here after all, but not all of it
        entries = [
            Entry("stripe_available", None, Money(-240, "EUR")),
            Entry("stripe_fee", None, Money(240, "EUR")),
        ]
        thing = (await reconciling.open_items(tx))[0].thing
        await ledger.post(
            tx, kind="fee", source=thing, entries=entries, occurred_at=clock.utcnow()
        )
    await reconciled(till)
    told = await resolve(till, item, FEE, ANNA)
    await approve(till, told.adjustment, BEN)
    assert await fees(till) == 250
    assert await proof(till) == (0, 0, True)


async def test_what_came_late_after_all_makes_a_proposal_void(stall: Stall) -> None:
    till = stall.till
    payment = await till.paid()  # the provider has it; the sale is not in our books yet
    await reconciled(till)
    told = await resolve(till, await the_open_one(till), UNKNOWN, ANNA)
    await stall.entered(payment)
    assert await proof(till) == (0, 0, True)
    with pytest.raises(DifferenceChanged):
        await approve(till, told.adjustment, BEN)
    assert await proof(till) == (0, 0, True)
    assert await found(till) == {}


async def test_a_proposal_for_other_figures_is_void_and_another_takes_its_place(
    till: Till,
) -> None:
    item = await an_unknown_fee(till)
    old = await resolve(till, item, FEE, ANNA)
    async with till.db.begin() as tx:
        changed = sa.text("UPDATE payments.reconciliation_item SET theirs_minor = -200")
        await tx.execute(changed)
    with pytest.raises(DifferenceChanged):
        await approve(till, old.adjustment, BEN)
    await reconciled(till)  # sees -2.50 again, which are other figures than these
    new = await resolve(till, item, FEE, BEN)
    async with till.db.begin() as tx:
        row = await tx.get(Adjustment, old.adjustment)
        assert row is not None
        assert (row.state, row.decided_by) == ("refused", BEN.id)
    await approve(till, new.adjustment, ANNA)
    assert await fees(till) == 250
    assert await proof(till) == (0, 0, True)


async def test_what_comes_after_the_correction_opens_it_again(stall: Stall) -> None:
    till = stall.till
    payment = await till.paid()
    await reconciled(till)
    told = await resolve(till, await the_open_one(till), UNKNOWN, ANNA)
    await approve(till, told.adjustment, BEN)
    assert await proof(till) == (0, 0, True)
    assert await found(till) == {}
    # When the sale comes after all
    await stall.entered(payment)
    # Then it stands twice, and somebody has to look
    off, explained, holds = await proof(till)
    assert (explained, holds) == (off, False)
    assert off > 0
    ((thing, (match, ours, theirs)),) = (await found(till)).items()
    assert (thing, match, ours - theirs) == (payment.id, Match.DIFFERING, off)
    # and the correction's mirror image puts it right
    undo = AdjustmentIn.model_validate(
        {"reverses": {"kind": "correction", "source": told.adjustment}, "reason": "it came"}
    )
    async with till.db.begin() as tx:
        asked = await adjustments.propose(tx, undo, by=ANNA, now=clock.utcnow())
    await approve(till, asked.id, BEN)
    assert await proof(till) == (0, 0, True)
    assert await found(till) == {}


async def test_a_correction_of_nothing_in_particular_is_a_difference(till: Till) -> None:
    await till.paid()
    before = await found(till)
    entries = [
        EntryOut(account="stripe_available", owner=None, amount=Money(-999, "EUR")),
        EntryOut(account="bank", owner=None, amount=Money(999, "EUR")),
    ]
    want = AdjustmentIn(entries=entries, reason="went to the bank by hand")
    async with till.db.begin() as tx:
        asked = await adjustments.propose(tx, want, by=ANNA, now=clock.utcnow())
    await approve(till, asked.id, BEN)
    await reconciled(till)
    assert asked.id not in before
    assert (await found(till))[asked.id] == (Match.MISSING_THERE, -999, 0)


async def misplaced(till: Till, minor: int = 700) -> None:
    """Books that are off by something no run looks back to."""
    entries = [
        Entry("stripe_available", None, Money(minor, "EUR")),
        Entry("suspense", None, Money(-minor, "EUR")),
    ]
    async with till.db.begin() as tx:
        await ledger.post(
            tx, kind="refund", source="old", entries=entries, occurred_at=BEFORE_EVERYTHING
        )


async def test_a_proof_that_fails_is_a_difference_itself(till: Till) -> None:
    await misplaced(till)
    assert await proof(till) == (700, 0, False)
    assert await found(till) == {BALANCE: (Match.DIFFERING, 700, 0)}
    told = await resolve(till, await the_open_one(till), UNKNOWN, ANNA)
    assert await proof(till) == (700, 0, False)  # nothing is posted yet
    await approve(till, told.adjustment, BEN)
    assert await proof(till) == (0, 0, True)
    assert await found(till) == {}


async def test_what_was_explained_in_words_stays_known(till: Till) -> None:
    await misplaced(till)
    await reconciled(till)
    words = Resolve(reason="from before the shop opened")
    closed = await resolve(till, await the_open_one(till), words, ANNA)
    assert await proof(till) == (700, 700, False)
    assert await found(till) == {}
    # Whatever is off beyond it opens it again, with an age of its own
    async with till.db.begin() as tx:
        aged = sa.text("UPDATE payments.reconciliation_item SET at = :at")
        await tx.execute(aged, {"at": closed.at - timedelta(days=300)})
        more = [
            Entry("stripe_available", None, Money(1, "EUR")),
            Entry("suspense", None, Money(-1, "EUR")),
        ]
        await ledger.post(
            tx, kind="refund", source="older", entries=more, occurred_at=BEFORE_EVERYTHING
        )
    assert await proof(till) == (701, 0, False)
    async with till.db.begin() as tx:
        (again,) = await reconciling.open_items(tx)
    assert (again.ours_minor, again.at) > (701, closed.at - timedelta(days=1))
