"""A line of the provider's balance that cannot be read stops nothing: it is a difference of its
own, and everything else is compared, booked and proved as ever."""

from typing import Any

import pytest

from livecommerce.kernel import clock
from livecommerce.kernel.money import Money
from livecommerce.settlement import reconciliations
from livecommerce.settlement.wire import Resolve
from payments import reconciling
from payments.errors import NothingToEven
from payments.matching import Match
from payments.sandbox import charges, store
from payments.tables_reconciling import Reconciliation, ReconciliationItem
from tests.integration.payments.conftest import Till
from tests.integration.payments.test_differences import resolve
from tests.integration.payments.test_reconciling import ANNA, found, reconciled
from tests.integration.payments.test_sending_on import Stall, stall

__all__ = ["stall"]
KRONUR = Money(120, "ISK")
HALF = 50


@pytest.fixture
def halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider whose fee in krónur is not a whole one."""
    monkeypatch.setattr(charges, "step_of", lambda _currency: 1)


async def change(till: Till, line: str, **new: Any) -> None:
    async with till.sandbox.work() as work:
        thing = await store.get(work.tx, "balance_transaction", line)
        thing.body |= new
        await work.put(thing)


async def a_line(till: Till, **new: Any) -> str:
    async with till.sandbox.work() as work:
        line = await charges.book_line(
            work, kind="stripe_fee", amount=-300, currency="eur", source="fee_1"
        )
    await change(till, line, **new)
    return line


async def item(till: Till, thing: str) -> ReconciliationItem:
    async with till.db.begin() as tx:
        return next(i for i in await reconciling.open_items(tx) if i.thing == thing)


def proofs(run: Reconciliation) -> dict[str, tuple[int | None, bool]]:
    return {one["currency"]: (one["theirs"], one["holds"]) for one in run.proof}


async def test_a_fee_of_half_a_krona_stops_neither_the_fees_nor_the_comparing(
    stall: Stall, halves: None
) -> None:
    till = stall.till
    sold = await stall.sell("chk_1")
    odd = await till.paid(KRONUR, "chk_2")
    assert (await till.payment(sold.payment)).settled_in == "EUR"
    assert (await till.payment(odd.id)).settled_in == "ISK", "no share waits for it"
    (charge,) = [c for c in await till.stripe("charge") if c["currency"] == "isk"]
    line = charge["balance_transaction"]
    # the fee's own job has said so already
    assert (await item(till, line)).match is Match.UNREADABLE
    run = await reconciled(till)
    there = await found(till)
    assert there == {line: (Match.UNREADABLE, 0, 0), "balance": (Match.UNREADABLE, 0, 0)}
    assert (await item(till, line)).lines == [line, "12000 - 558 = 11442 isk"]
    assert (await item(till, "balance")).currency == "ISK"
    assert proofs(run)["EUR"][1]
    assert proofs(run)["ISK"] == (None, False)
    # nobody counts it: it is explained in words, and stays so
    now = clock.utcnow()
    async with till.db.begin() as tx:
        told = await reconciliations.latest(tx, by=ANNA, now=now)
        assert told is not None
        assert [(i.ours, i.theirs) for i in told.open] == [(None, None)] * 2
        assert [p.theirs for p in told.proof if p.ours.currency == "ISK"] == [None]
    for thing in (line, "balance"):
        number = (await item(till, thing)).id
        with pytest.raises(NothingToEven):
            await resolve(till, number, Resolve(account="stripe_fee", reason="rounded"), ANNA)
        await resolve(till, number, Resolve(reason="half a króna"), ANNA)
    assert (await reconciled(till)).open == 0


async def test_the_sandbox_counts_whole_kronur(stall: Stall) -> None:
    await stall.till.paid(KRONUR, "chk_2")
    run = await reconciled(stall.till)
    # paid and not sold: the fee is known, the sale is not
    assert proofs(run) == {"ISK": (11_400 // 100, False)}


async def test_what_can_be_read_after_all_is_none_any_more(stall: Stall) -> None:
    till = stall.till
    line = await a_line(till, net=-(10**16))
    await reconciled(till)
    assert (await item(till, line)).match is Match.UNREADABLE
    await change(till, line, net=-300)
    await reconciled(till)
    # it is what it would have been: a fee that our books have not
    assert (await found(till))[line] == (Match.MISSING_HERE, 0, -300)
    # and one that our books have by then is closed
    other = await a_line(till, net=-(10**16), source="fee_2")
    await reconciled(till)
    assert (await item(till, other)).match is Match.UNREADABLE
    await change(till, other, net=0, amount=0)
    await reconciled(till)
    assert other not in await found(till)
    # and what cannot be read again is told again
    await change(till, other, net=10**16)
    await reconciled(till)
    assert (await found(till))[other] == (Match.UNREADABLE, 0, 0)
