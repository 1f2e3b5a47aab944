"""What may be proposed, and what whoever approves it is told."""

import asyncio
from datetime import datetime

import pytest

from livecommerce.identity.errors import NoSuchMerchant
from livecommerce.identity.tables import Person
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import MOST, Money
from livecommerce.settlement import adjustments
from livecommerce.settlement.errors import AlreadyReversed
from livecommerce.settlement.wire import AdjustmentIn, AdjustmentOut, EntryOut, PostingRef
from livecommerce.web.principal import Principal
from payments import ledger
from payments.errors import BeyondCounting, Unbalanced
from tests import shop
from tests.integration.test_money_books import ANNA, BEN, clerk, entered

UNDO = AdjustmentIn(reverses=PostingRef(kind="found", source="ord_1"), reason="entered twice")
CORA = clerk("cora")


def correction(minor: int, owner: str | None = None) -> AdjustmentIn:
    """So much to the bank (or to a merchant), out of suspense."""
    account = "bank" if owner is None else "merchant_available"
    entries = [
        EntryOut(account=account, owner=owner, amount=Money(minor, "EUR")),
        EntryOut(account="suspense", owner=None, amount=Money(-minor, "EUR")),
    ]
    return AdjustmentIn(entries=entries, reason="line 1")


async def propose(
    db: Database, want: AdjustmentIn, now: datetime, by: Principal = ANNA
) -> AdjustmentOut:
    async with db.begin() as tx:
        return await adjustments.propose(tx, want, by=by, now=now)


async def approve(
    db: Database, asked: AdjustmentOut, now: datetime, by: Principal = BEN
) -> AdjustmentOut:
    async with db.begin() as tx:
        return await adjustments.approve(tx, asked.id, by=by, now=now)


@pytest.mark.parametrize("owner", ["mer_nobody", 'x"y {z}'])
async def test_money_is_nobody_s_who_does_not_sell_here(
    db: Database, now: datetime, owner: str
) -> None:
    with pytest.raises(NoSuchMerchant):
        await propose(db, correction(5, owner), now)
    async with db.begin() as tx:
        known = await shop.add_merchant(tx, now=now)
    asked = await propose(db, correction(5, known), now)
    assert (await approve(db, asked, now)).state == "approved"


@pytest.mark.parametrize("amounts", [[0, 0], [0, 0, 0], [0, 0, 5], [5, -4]])
async def test_nothing_is_no_correction(
    db: Database, now: datetime, amounts: list[int]
) -> None:
    entries = [EntryOut(account="bank", owner=None, amount=Money(n, "EUR")) for n in amounts]
    with pytest.raises(Unbalanced):
        await propose(db, AdjustmentIn(entries=entries, reason="why not"), now)


async def test_entries_of_nothing_are_left_out(db: Database, now: datetime) -> None:
    want = correction(5)
    nothing = EntryOut(account="rounding", owner=None, amount=Money(0, "EUR"))
    padded = want.model_copy(update={"entries": [nothing, *want.entries]})
    assert (await propose(db, padded, now)).entries == want.entries


async def test_a_posting_is_reversed_once(db: Database, now: datetime) -> None:
    async with db.begin() as tx:
        await entered(tx, "ord_1", 700, now)
    # Two propose it before either is approved
    first, second = await propose(db, UNDO, now), await propose(db, UNDO, now, by=BEN)
    await approve(db, first, now, by=CORA)
    with pytest.raises(AlreadyReversed):
        await approve(db, second, now, by=CORA)
    with pytest.raises(AlreadyReversed):
        await propose(db, UNDO, now)
    async with db.begin() as tx:
        assert await ledger.balance(tx, "stripe_pending", "EUR") == Money(0, "EUR")
        told = await adjustments.listed(tx, by=ANNA)
        assert [(a.id, a.state) for a in told] == [
            (second.id, "proposed"),  # nobody is told that it was done
            (first.id, "approved"),
        ]


async def test_no_account_is_carried_beyond_what_can_be_told(
    db: Database, now: datetime
) -> None:
    most = correction(MOST)
    first, second = await propose(db, most, now), await propose(db, most, now)
    # Each alone would do; together they would not, even if both are approved at once
    told = await asyncio.gather(
        approve(db, first, now), approve(db, second, now), return_exceptions=True
    )
    assert sum(isinstance(t, AdjustmentOut) for t in told) == 1
    assert sum(isinstance(t, BeyondCounting) for t in told) == 1
    with pytest.raises(BeyondCounting):
        await propose(db, correction(1), now)
    assert (await propose(db, correction(-1), now)).state == "proposed"
    async with db.begin() as tx:
        lines = await ledger.trial_balance(tx)
    assert sorted(line.amount.minor for line in lines) == [-MOST, MOST]


async def test_whoever_approves_sees_what_is_posted_and_who_asked(
    db: Database, now: datetime
) -> None:
    async with db.begin() as tx:
        await entered(tx, "ord_1", 700, now)
        for who, name in ((ANNA, "Anna Berg"), (BEN, "Ben Chu")):
            mail = f"{who.id}@example.com"
            tx.add(Person(id=who.id, email=mail, name=name, locale="en", created_at=now))
    asked = await propose(db, UNDO, now)
    assert (asked.proposer, asked.decider) == ("Anna Berg", None)
    mirrored = [
        EntryOut(account="stripe_pending", owner=None, amount=Money(-700, "EUR")),
        EntryOut(account="suspense", owner=None, amount=Money(700, "EUR")),
    ]
    assert (asked.entries, asked.posts) == ([], mirrored)
    done = await approve(db, asked, now)
    assert (done.decider, done.posts) == ("Ben Chu", mirrored)
    async with db.begin() as tx:
        assert await adjustments.listed(tx, by=ANNA) == [done]
        (_, posted) = await ledger.journal(tx, sources=["ord_1"])
    assert [(e.account, e.owner, e.amount) for e in posted.entries] == [
        (e.account, e.owner, e.amount) for e in mirrored
    ]
    own = await propose(db, correction(5), now)
    assert own.posts == own.entries
