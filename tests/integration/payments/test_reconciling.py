"""Our books against the sandbox's balance: in order after a whole life, and every kind of
difference, planted, is found, aged, explained and proved."""

from datetime import timedelta

import pytest

from livecommerce.kernel import clock
from livecommerce.kernel.money import Money
from livecommerce.settlement import actions, adjustments, reconciliations
from livecommerce.settlement.rules import Parts
from livecommerce.settlement.wire import Resolve
from livecommerce.web.principal import Kind, Principal, StaffRole
from payments import ledger, reconciling, refunds
from payments.errors import NoSuchDifference
from payments.ledger import Entry
from payments.matching import Match
from payments.rules import RefundState
from payments.sandbox import charges, store
from payments.tables_reconciling import Reconciliation
from tests.integration.payments.conftest import Till
from tests.integration.payments.test_sending_on import (
    DAY,
    Stall,
    answer,
    disputed,
    none,
    stall,
)

LATER = timedelta(days=40)
ANNA, BEN = (
    Principal(id=f"usr_{name}", kind=Kind.PERSON, staff=frozenset({StaffRole.FINANCE}))
    for name in ("anna", "ben")
)
__all__ = ["stall"]


async def reconciled(till: Till) -> Reconciliation:
    """A month later, everything from the beginning."""
    now = clock.utcnow()
    begin = now - timedelta(days=1)
    return await reconciling.run(till.db, till.payments, now=now + LATER, since=begin)


async def found(till: Till) -> dict[str, tuple[Match, int, int]]:
    """What is open: by thing, the match, and both sides."""
    async with till.db.begin() as tx:
        items = await reconciling.open_items(tx)
    return {i.thing: (i.match, i.ours_minor, i.theirs_minor) for i in items}


async def an_eventful_life(stall: Stall) -> None:
    """Sales, a transfer, a refund and its reversal, disputes won and lost."""
    till = stall.till
    await stall.onboard()
    sale = await stall.sell("chk_1")
    await stall.release()
    payment = await till.payment(sale.payment)
    await till.refund(payment, 5_000)
    await till.settle()
    (refund,) = [r["metadata"]["refund"] for r in await till.stripe("refund")]
    await stall.refund(sale, 5_000, refund=refund)
    won = await disputed(stall, "chk_2")
    await answer(stall, won, "winning_evidence")
    lost = await disputed(stall, "chk_3")
    await answer(stall, lost, "losing_evidence")
    await till.settle(later=3 * DAY)


async def a_whole_life(stall: Stall) -> None:
    """All of that, and our own payout."""
    await an_eventful_life(stall)
    till = stall.till
    form = {"amount": "100", "currency": "eur"}
    headers = {"Authorization": "Bearer sk_test_till"}
    async with till.http.post(f"{till.url}/v1/payouts", data=form, headers=headers) as told:
        assert told.status == 200
    await till.settle(later=3 * DAY)


async def test_a_whole_life_is_in_order(stall: Stall) -> None:
    await a_whole_life(stall)
    row = await reconciled(stall.till)
    assert await found(stall.till) == {}
    assert (row.open, row.young) == (0, 0)
    assert row.matched >= 9
    (proof,) = row.proof
    assert proof["holds"]
    assert proof["ours"] == proof["theirs"] != 0


async def test_what_our_bank_paid_is_not_missed_at_the_provider(stall: Stall) -> None:
    till = stall.till
    sale = await stall.sell("chk_1", "pm_card_refundFail")
    payment = await till.payment(sale.payment)
    failed = await till.refund(payment, 5_000)
    await till.settle()
    await stall.refund(sale, 5_000, refund=failed)
    await till.settle(later=20)
    parts = Parts(Money(5_000, "EUR"), none(), none(), none(), none())
    async with till.db.begin() as tx:
        assert (await refunds.get(tx, failed)).state is RefundState.FAILED
        now = clock.utcnow()
        await actions.undo_refund(tx, sale.order, failed, reason="bounced", now=now)
        paid = await refunds.paid_outside(
            tx,
            payment=payment.id,
            reference=sale.order,
            amount=Money(5_000, "EUR"),
            by="MT103 1",
            reason="closed",
            key="k",
            now=now,
        )
        given = actions.GivenBack(paid.id, sale, parts, none(), outside="MT103 1")
        await actions.record_refund(tx, given, now=now)
        assert (await ledger.balance(tx, "bank", "EUR")).minor == -5_000
    row = await reconciled(till)
    assert await found(till) == {}
    (proof,) = row.proof
    assert proof["holds"]


async def test_every_kind_of_difference_is_found_and_resolved(stall: Stall) -> None:
    till = stall.till
    await stall.sell("chk_1")
    now = clock.utcnow()
    # Given: the provider took a fee we know nothing of
    async with till.sandbox.work() as work:
        unknown = await charges.book_line(
            work, kind="stripe_fee", amount=-250, currency="eur", source="fee_1"
        )
        # and has another amount for one charge
        charge = (await till.stripe("charge"))[0]
        line = await store.get(work.tx, "balance_transaction", charge["balance_transaction"])
        line.body["net"] -= 30
        line.body["fee"] += 30
        await work.put(line)
    async with till.db.begin() as tx:  # and we have posted what it never had
        entries = [
            Entry("stripe_available", None, Money(700, "EUR")),
            Entry("suspense", None, Money(-700, "EUR")),
        ]
        await ledger.post(
            tx, kind="refund", source="rfd_nobody", entries=entries, occurred_at=now
        )
        (sale,) = [p for p in await ledger.journal(tx) if p.kind == "sale"]
    payment = sale.memo
    # When they are compared
    row = await reconciled(till)
    # Then each is found for what it is
    there = await found(till)
    assert there[unknown] == (Match.MISSING_HERE, 0, -250)
    assert there["rfd_nobody"] == (Match.MISSING_THERE, 700, 0)
    match, ours, theirs = there[payment]
    assert (match, ours - theirs) == (Match.DIFFERING, 30)
    assert len(there) == row.open == 3
    (proof,) = row.proof
    assert not proof["holds"]
    assert proof["ours"] - proof["theirs"] == proof["explained"] == 250 + 700 + 30
    # And found again it is the same three
    assert (await reconciled(till)).open == 3

    # When each is resolved by a posting that a second person approves
    accounts = {unknown: "stripe_fee", "rfd_nobody": "suspense", payment: "stripe_fee"}
    later = clock.utcnow() + LATER
    async with till.db.begin() as tx:
        for item in await reconciling.open_items(tx):
            want = Resolve(account=accounts[item.thing], reason="agreed with the provider")
            told = await reconciliations.resolve(tx, item.id, want, by=ANNA, now=later)
            assert told.adjustment is not None
            assert told.age_days >= 39
        assert len(await reconciling.open_items(tx)) == 3, "nobody has approved yet"
        for adjustment in await adjustments.listed(tx, by=BEN):
            await adjustments.approve(tx, adjustment.id, by=BEN, now=later)
    # Then nothing is open, stays so, and the books equal the balance
    row = await reconciled(till)
    assert row.open == 0
    assert row.proof[0]["holds"]


async def test_what_was_late_closes_itself_and_words_close_the_rest(stall: Stall) -> None:
    till = stall.till
    payment = await till.paid()  # the provider has it; the sale is not in our books yet
    assert (await reconciling.run(till.db, till.payments, now=clock.utcnow())).young == 1
    await reconciled(till)
    assert (await found(till))[payment.id][0] is Match.DIFFERING  # the fee is known
    await stall.entered(payment)
    assert (await reconciled(till)).open == 0
    async with till.sandbox.work() as work:
        await charges.book_line(work, kind="adjustment", amount=1, currency="usd", source="x")
    await reconciled(till)
    now = clock.utcnow()
    async with till.db.begin() as tx:
        (item,) = await reconciling.open_items(tx)
        words = Resolve(reason="a test of theirs")
        await reconciliations.resolve(tx, item.id, words, by=ANNA, now=now)
        with pytest.raises(NoSuchDifference):
            await reconciliations.resolve(tx, item.id, words, by=ANNA, now=now)
    assert (await reconciled(till)).open == 0, "explained once is explained"
