"""The books read back: folded balances, explanations, the journal, and who may change them."""

import asyncio
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from livecommerce.kernel.db import Database, Tx
from livecommerce.kernel.money import Money
from livecommerce.settlement import adjustments
from livecommerce.settlement.errors import (
    AlreadyDecided,
    NoSuchAdjustment,
    NothingToAdjust,
    OnlyPeople,
    SecondPairOfEyes,
)
from livecommerce.settlement.wire import AdjustmentIn, EntryOut, PostingRef
from livecommerce.web.principal import Kind, NotAllowed, Principal, StaffRole
from payments import beancount, folding, ledger
from payments.errors import NoSuchPosting
from payments.explain import explain, month
from payments.ledger import Entry


def clerk(name: str, role: StaffRole = StaffRole.FINANCE) -> Principal:
    return Principal(id=f"usr_{name}", kind=Kind.PERSON, staff=frozenset({role}))


ANNA, BEN = clerk("anna"), clerk("ben")


async def post(tx: Tx, source: str, minor: int, at: datetime, currency: str = "EUR") -> None:
    entries = [
        Entry("stripe_pending", None, Money(minor, currency)),
        Entry("merchant_pending", "mer_1", Money(-minor, currency)),
    ]
    await ledger.post(tx, kind="sale", source=source, entries=entries, occurred_at=at)


async def entered(tx: Tx, source: str, minor: int, at: datetime) -> None:
    """A posting of nobody's orders."""
    entries = [
        Entry("stripe_pending", None, Money(minor, "EUR")),
        Entry("suspense", None, Money(-minor, "EUR")),
    ]
    await ledger.post(tx, kind="found", source=source, entries=entries, occurred_at=at)


async def test_balances_are_the_same_however_much_is_folded(
    db: Database, now: datetime
) -> None:
    days = [now + timedelta(days=n * 9) for n in range(12)]
    total = 0
    for n, day in enumerate(days):
        async with db.begin() as tx:
            await post(tx, f"ord_{n}", n + 1, day)
        total += n + 1
        if n % 3 == 0:
            await folding.fold(db, now=now, most=5)
        async with db.begin() as tx:
            found = await ledger.balance(tx, "merchant_pending", "EUR", "mer_1")
            assert found == Money(total, "EUR")
            lines = await ledger.trial_balance(tx)
            assert sorted(line.amount.minor for line in lines) == [-total, total]
    assert await folding.fold(db, now=now) > 0
    assert await folding.fold(db, now=now) == 0


async def test_what_is_being_entered_is_not_folded_over(db: Database, now: datetime) -> None:
    """Ids are handed out before commits: an entry must not end up behind the horizon."""
    async with db.begin() as tx:
        await post(tx, "ord_0", 1, now)  # so that the accounts are there
    async with db.begin() as slow:
        await post(slow, "ord_slow", 5, now)
        async with db.begin() as tx:
            await post(tx, "ord_fast", 7, now)
        assert await folding.fold(db, now=now) == 0, "somebody is still at it"
    assert await folding.fold(db, now=now) == 6
    async with db.begin() as tx:
        found = await ledger.balance(tx, "merchant_pending", "EUR", "mer_1")
        assert found == Money(13, "EUR")


async def test_twin_that_folds_up_to_the_newest_loses_the_slow_one(
    db: Database, now: datetime
) -> None:
    async with db.begin() as tx:
        await post(tx, "ord_0", 1, now)  # so that the accounts are there
    async with db.begin() as slow:
        await post(slow, "ord_slow", 5, now)
        async with db.begin() as tx:
            await post(tx, "ord_fast", 7, now)
            last = int(await tx.scalar(folding._LAST) or 0)
            await tx.execute(folding._FOLD, {"since": 0, "until": last})
            await tx.execute(folding._MOVE, {"until": last, "now": now})
    async with db.begin() as tx:
        found = await ledger.balance(tx, "merchant_pending", "EUR", "mer_1")
        assert found == Money(8, "EUR"), "5 of 13 are lost"


async def test_a_balance_is_explained_down_to_the_postings(db: Database, now: datetime) -> None:
    async with db.begin() as tx:
        for n in range(5):
            await post(tx, f"ord_{n}", 10 + n, now)
    await folding.fold(db, now=now)
    async with db.begin() as tx:
        await post(tx, "ord_5", 100, now)
        first = await explain(tx, "merchant_pending", "EUR", "mer_1", limit=4)
        assert first.balance == Money(160, "EUR")
        assert [m.source for m in first.movements] == ["ord_5", "ord_4", "ord_3", "ord_2"]
        assert [m.balance.minor for m in first.movements] == [160, 60, 46, 33]
        rest = await explain(tx, "merchant_pending", "EUR", "mer_1", after=first.after)
        assert [(m.source, m.balance.minor) for m in rest.movements] == [
            ("ord_1", 21),
            ("ord_0", 10),
        ]
        assert rest.after is None
        unused = await explain(tx, "merchant_pending", "USD", "mer_1")
        assert (unused.balance, unused.movements) == (Money(0, "USD"), [])


async def test_a_month_opens_with_what_the_one_before_closed(
    db: Database, now: datetime
) -> None:
    """The month is Beijing's: it begins while it is still the last afternoon in London."""
    last = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)
    edge = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    async with db.begin() as tx:
        await post(tx, "ord_1", 1, last)
        await post(tx, "ord_2", 20, edge)
    await folding.fold(db, now=now)
    async with db.begin() as tx:
        await post(tx, "ord_3", 300, datetime(2026, 11, 30, 15, 59, tzinfo=UTC))
        await post(tx, "ord_4", 4000, datetime(2026, 11, 30, 16, 0, tzinfo=UTC))
        found = [
            await month(tx, "merchant_pending", "EUR", "mer_1", date(2026, m, 1))
            for m in (10, 11, 12)
        ]
    assert [(m.opening.minor, m.closing.minor) for m in found] == [
        (0, 1),
        (1, 321),
        (321, 4321),
    ]
    assert [m.source for m in found[1].movements] == ["ord_2", "ord_3"]


async def test_an_independent_bookkeeper_agrees(
    db: Database, now: datetime, tmp_path: Path
) -> None:
    async with db.begin() as tx:
        await post(tx, 'ord_"1"', 12_345, now)
        await post(tx, "ord_2", 500, now + timedelta(days=3), currency="JPY")
        exchange = [
            Entry("fx_clearing", None, Money(100, "EUR")),
            Entry("stripe_pending", None, Money(-100, "EUR")),
            Entry("stripe_pending", None, Money(110, "USD")),
            Entry("fx_clearing", None, Money(-110, "USD")),
        ]
        await ledger.post(tx, kind="fx", source="txn_1", entries=exchange, occurred_at=now)
        taxes = [
            Entry("tax_payable:DE", None, Money(-3, "KWD")),
            Entry("suspense", None, Money(3, "KWD")),
        ]
        await ledger.post(tx, kind="tax", source="x", entries=taxes, occurred_at=now)
        text = "".join([piece async for piece in beancount.export(tx)])
    assert await checked(tmp_path, text) == ""
    # and it would have noticed
    assert "Balance failed" in await checked(tmp_path, text.replace("122.45 ~", "122.46 ~"))
    assert "does not balance" in await checked(
        tmp_path, text.replace("  123.45 EUR", "  123.46 EUR", 1)
    )


async def checked(folder: Path, text: str) -> str:
    """What ``bean-check`` complains of."""
    path = folder / "books.beancount"
    path.write_text(text)
    command = [sys.executable, "-m", "beancount.scripts.check", str(path)]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) is not bool(done.stderr), done.stderr
    return done.stderr


async def test_only_a_second_person_changes_the_books(db: Database, now: datetime) -> None:
    undo = AdjustmentIn(
        reverses=PostingRef(kind="found", source="ord_1"), reason="entered by mistake"
    )
    async with db.begin() as tx:
        await entered(tx, "ord_1", 700, now)
        asked = await adjustments.propose(tx, undo, by=ANNA, now=now)
    async with db.begin() as tx:
        with pytest.raises(SecondPairOfEyes):
            await adjustments.approve(tx, asked.id, by=ANNA, now=now)
        assert await ledger.balance(tx, "stripe_pending", "EUR") == Money(700, "EUR")
        with pytest.raises(NotAllowed):
            await adjustments.approve(
                tx, asked.id, by=clerk("otto", StaffRole.OPERATOR), now=now
            )
    async with db.begin() as tx:
        done = await adjustments.approve(tx, asked.id, by=BEN, now=now)
        assert (done.decided_by, done.state) == (BEN.id, "approved")
        assert await ledger.balance(tx, "stripe_pending", "EUR") == Money(0, "EUR")
        (_, mirror) = await ledger.journal(tx, sources=["ord_1"])
        assert mirror.memo == f"{asked.id}: entered by mistake"
        with pytest.raises(AlreadyDecided):
            await adjustments.refuse(tx, asked.id, by=BEN, now=now)
        with pytest.raises(NoSuchAdjustment):
            await adjustments.approve(tx, "adj_none", by=BEN, now=now)


async def test_the_database_wants_a_second_person_too(db: Database, now: datetime) -> None:
    """The guard's twin: without it in the statement, the row's own rule refuses."""
    fix = AdjustmentIn(
        entries=[
            EntryOut(account="rounding", owner=None, amount=Money(1, "EUR")),
            EntryOut(account="stripe_available", owner=None, amount=Money(-1, "EUR")),
        ],
        reason="a cent too much",
    )
    async with db.begin() as tx:
        asked = await adjustments.propose(tx, fix, by=ANNA, now=now)
    alone = sa.text(
        "UPDATE commerce.adjustment SET state = 'approved', decided_by = proposed_by,"
        " decided_at = proposed_at"
    )
    with pytest.raises(sa.exc.IntegrityError, match="second_pair_of_eyes"):
        async with db.begin() as tx:
            await tx.execute(alone)
    async with db.begin() as tx:
        await adjustments.approve(tx, asked.id, by=BEN, now=now)
        assert await ledger.balance(tx, "rounding", "EUR") == Money(1, "EUR")
        assert [a.id for a in await adjustments.listed(tx, by=ANNA)] == [asked.id]
        with pytest.raises(NothingToAdjust):
            await adjustments.propose(tx, AdjustmentIn(reason="why not"), by=ANNA, now=now)
        lost = AdjustmentIn(reverses=PostingRef(kind="found", source="x"), reason="gone")
        with pytest.raises(NoSuchPosting):
            await adjustments.propose(tx, lost, by=ANNA, now=now)


async def test_a_key_is_nobody_s_second_pair_of_eyes(db: Database, now: datetime) -> None:
    """Whoever proposes could make a key, and approve with it; and the other way round."""
    annas_key = Principal(
        id="key_anna", kind=Kind.KEY, staff=frozenset({StaffRole.FINANCE, StaffRole.ADMIN})
    )
    undo = AdjustmentIn(reverses=PostingRef(kind="found", source="ord_1"), reason="a present")
    async with db.begin() as tx:
        await entered(tx, "ord_1", 700, now)
        asked = await adjustments.propose(tx, undo, by=ANNA, now=now)
        with pytest.raises(OnlyPeople):
            await adjustments.approve(tx, asked.id, by=annas_key, now=now)
        with pytest.raises(OnlyPeople):
            await adjustments.propose(tx, undo, by=annas_key, now=now)
    async with db.begin() as tx:  # proposed when keys still could
        await tx.execute(sa.text("UPDATE commerce.adjustment SET proposed_by = 'key_anna'"))
    async with db.begin() as tx:
        with pytest.raises(OnlyPeople):
            await adjustments.approve(tx, asked.id, by=ANNA, now=now)
        assert await ledger.balance(tx, "stripe_pending", "EUR") == Money(700, "EUR")
    by_key = sa.text(
        "UPDATE commerce.adjustment SET state = 'approved', decided_by = 'usr_anna',"
        " decided_at = proposed_at"
    )
    with pytest.raises(sa.exc.IntegrityError, match="people_approve"):
        async with db.begin() as tx:
            await tx.execute(by_key)
    async with db.begin() as tx:  # a key may still refuse
        await adjustments.refuse(tx, asked.id, by=annas_key, now=now)


async def test_two_approve_at_once_and_one_does(db: Database, now: datetime) -> None:
    undo = AdjustmentIn(reverses=PostingRef(kind="found", source="ord_1"), reason="twice")
    async with db.begin() as tx:
        await entered(tx, "ord_1", 700, now)
        asked = await adjustments.propose(tx, undo, by=ANNA, now=now)

    async def one(who: Principal) -> bool:
        async with db.begin() as tx:
            await adjustments.approve(tx, asked.id, by=who, now=now)
        return True

    told = await asyncio.gather(one(BEN), one(clerk("cora")), return_exceptions=True)
    assert sum(t is True for t in told) == 1
    assert sum(isinstance(t, AlreadyDecided) for t in told) == 1
