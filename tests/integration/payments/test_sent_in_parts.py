"""More than one transfer can carry goes in parts; what none can carry waits for somebody, and
says why."""

from datetime import timedelta

import pytest

from livecommerce.kernel import clock, ids
from livecommerce.kernel.money import Money
from livecommerce.settlement import adjustments, money_out, sending, shares
from livecommerce.settlement.rules import Terms
from livecommerce.settlement.wire import AdjustmentIn, EntryOut
from payments import ledger, stripe_words
from payments.sandbox import charges
from tests.dated import fixed
from tests.integration.payments import test_sending_on
from tests.integration.payments.test_reconciling import ANNA, BEN
from tests.integration.payments.test_sending_on import Stall, stall

__all__ = ["stall"]
# 108.00 of the sale are the merchant's
RATES = fixed({"JPY": "2000000", "KWD": "0.33312"})
ALL = 216_000_000
MOST = stripe_words.LARGEST
PARTS = [ALL - 2 * MOST, MOST, MOST]


def settled_in(monkeypatch: pytest.MonkeyPatch, currency: str) -> None:
    terms = Terms(bps=1000, hold_days=0, settles_in=currency)
    monkeypatch.setattr(test_sending_on, "TERMS", terms)


async def filled(stall: Stall, minor: int, currency: str) -> None:
    """The centre's own money at the provider."""
    async with stall.till.sandbox.work() as work:
        await charges.book_line(
            work, kind="topup", amount=minor, currency=currency, source=ids.new("topup")
        )


async def released(stall: Stall) -> None:
    later = clock.utcnow() + timedelta(seconds=5)
    await shares.release_due(stall.till.db, RATES, now=later)
    await stall.till.settle()


async def everything_sent(stall: Stall) -> list[int]:
    await sending.send_due(stall.till.db, now=clock.utcnow())
    await stall.till.settle()
    return [transfer["amount"] for transfer in await stall.till.stripe("transfer")]


async def available(stall: Stall, currency: str) -> int:
    async with stall.till.db.begin() as tx:
        return (await ledger.balance(tx, "merchant_available", currency, stall.merchant)).minor


async def test_a_large_share_goes_in_parts(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled_in(monkeypatch, "JPY")
    await filled(stall, 2 * ALL, "jpy")
    await stall.onboard()
    sale = await stall.sell()
    await released(stall)
    assert sorted(await everything_sent(stall)) == PARTS
    assert await available(stall, "JPY") == 0
    groups = {t["transfer_group"] for t in await stall.till.stripe("transfer")}
    assert groups == {sale.order}
    # and all of it comes back, each part of its own transfer
    await stall.refund(sale, 12_000)
    await stall.till.settle()
    back = [t["amount_reversed"] for t in await stall.till.stripe("transfer")]
    assert sorted(back) == PARTS


async def test_so_does_what_is_of_no_order(stall: Stall) -> None:
    till, many = stall.till, MOST + 5
    await filled(stall, many, "eur")
    await stall.onboard()
    entries = [
        EntryOut(account="suspense", owner=None, amount=Money(many, "EUR")),
        EntryOut(
            account="merchant_available", owner=stall.merchant, amount=Money(-many, "EUR")
        ),
    ]
    async with till.db.begin() as tx:
        want = AdjustmentIn(entries=entries, reason="a prize")
        proposed = await adjustments.propose(tx, want, by=ANNA, now=clock.utcnow())
        await adjustments.approve(tx, proposed.id, by=BEN, now=clock.utcnow())
    assert sorted(await everything_sent(stall)) == [5, MOST]


async def test_what_no_transfer_carries_is_not_asked_for_again_and_again(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled_in(monkeypatch, "KWD")  # 35.977: the provider wants a last digit of 0
    await filled(stall, 100_000, "kwd")
    await stall.onboard()
    await stall.sell()
    await released(stall)
    async with stall.till.db.begin() as tx:
        (waits,) = await money_out.all_unsent(tx, by=ANNA)
    assert (waits.amount, waits.why, waits.again_at) == (
        *(Money(35_977, "KWD"), "cannot-carry"),
        None,
    )
    later = clock.utcnow() + timedelta(days=30)
    await sending.send_due(stall.till.db, now=later)
    await stall.till.settle()
    async with stall.till.db.begin() as tx:
        assert await money_out.all_unsent(tx, by=ANNA) == [waits], "nobody has said a word"
    assert await available(stall, "KWD") == 35_977
