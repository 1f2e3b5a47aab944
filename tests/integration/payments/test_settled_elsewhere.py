"""A provider that settles sales in another currency: every line of its balance has its posting,
merchants who are settled in that currency are paid out of the charge, and disputes and refunds
find their way back."""

from decimal import Decimal

import pytest

from livecommerce.kernel import clock
from livecommerce.kernel.money import Money
from livecommerce.settlement import exchange
from livecommerce.settlement.rules import Terms
from payments import fees, ledger, stripe_words
from payments.gateway import Refused
from payments.outgoing import WantedTransfer
from tests.dated import fixed
from tests.integration.payments import test_sending_on
from tests.integration.payments.conftest import Till
from tests.integration.payments.test_reconciling import an_eventful_life, found, reconciled
from tests.integration.payments.test_sending_on import DAY, Stall, answer, disputed, stall

__all__ = ["stall"]
RATE = Decimal("7.8125")


@pytest.fixture(autouse=True)
def _elsewhere(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(till.sandbox.settings.converts, "eur", ("cny", RATE))  # type: ignore[arg-type]
    terms = Terms(bps=1000, hold_days=0, settles_in="CNY")
    monkeypatch.setattr(test_sending_on, "TERMS", terms)


async def lines(till: Till) -> dict[str, str]:
    async with till.db.begin() as tx:
        return {
            f"{x.account} {x.amount.currency}": str(x.amount.amount)
            for x in await ledger.trial_balance(tx)
            if x.amount
        }


async def test_the_rate_is_learnt_and_the_transfer_is_out_of_the_charge(stall: Stall) -> None:
    till = stall.till
    await stall.onboard()
    sale = await stall.sell()
    payment = await till.payment(sale.payment)
    assert (payment.settled_in, Decimal(payment.exchange_rate or 0)) == ("CNY", RATE)
    await stall.release()
    (transfer,) = await till.stripe("transfer")
    (charge,) = await till.stripe("charge")
    # 108.00 at 7.8125
    assert (transfer["amount"], transfer["currency"]) == (84_375, "cny")
    assert transfer["source_transaction"] == charge["id"]
    books = await lines(till)
    assert "merchant_available CNY" not in books
    assert "stripe_pending EUR" not in books
    # what the buyer paid, less what the merchant got of it, is still to be exchanged
    assert books["fx_clearing EUR"] == "12.00"
    assert books["fx_clearing CNY"] == "-93.75"


async def test_every_line_of_the_balance_has_its_posting(stall: Stall) -> None:
    await an_eventful_life(stall)
    till = stall.till
    run = await reconciled(till)
    assert await found(till) == {}
    assert {one["currency"]: one["holds"] for one in run.proof} == {"CNY": True, "EUR": True}
    async with till.db.begin() as tx:
        for currency in ("CNY", "EUR"):
            both = [x.amount for x in await ledger.trial_balance(tx)]
            theirs = [m for m in both if m.currency == currency]
            assert Money.sum(theirs, currency).minor == 0
    # valued by the very rate it was exchanged at, nothing was gained but roundings
    rates = fixed({"CNY": str(RATE)})
    gain = await exchange.revalue(till.db, rates, "CNY", now=clock.utcnow())
    assert gain is not None
    assert abs(gain.minor) <= 3


async def test_a_dispute_won_at_another_rate_leaves_no_difference(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = stall.till
    await stall.onboard()
    won = await disputed(stall, "chk_2")
    rate = ("cny", Decimal("7.5"))
    monkeypatch.setitem(till.sandbox.settings.converts, "eur", rate)  # type: ignore[arg-type]
    await answer(stall, won, "winning_evidence")
    await till.settle(later=3 * DAY)
    run = await reconciled(till)
    assert await found(till) == {}
    assert all(one["holds"] for one in run.proof)
    # taken as 937.50, back as 900.00
    async with till.db.begin() as tx:
        (moved,) = await ledger.journal(tx, sources=[f"{won}:won"])
        assert moved.entries[0].amount == Money(-3750, "CNY")


async def test_the_providers_cut_is_a_loss_against_the_days_rate(stall: Stall) -> None:
    await stall.sell()
    rates = fixed({"CNY": "8"})
    gain = await exchange.revalue(stall.till.db, rates, "CNY", now=clock.utcnow())
    # 120.00 were worth 960.00 that day, and became 937.50
    assert gain == Money(-2250, "CNY")
    assert (await lines(stall.till))["fx_loss CNY"] == "22.50"


async def test_out_of_a_charge_only_its_own_currency_can_be_sent(stall: Stall) -> None:
    till = stall.till
    await stall.onboard()
    await stall.sell()
    (charge,) = await till.stripe("charge")
    (account,) = await till.stripe("account")
    want = WantedTransfer("k", account["id"], Money(100, "EUR"), charge["id"], "g", {})
    with pytest.raises(Refused):
        await till.payments.transfer(want)


@pytest.mark.parametrize(
    ("source", "settled", "told", "rate"),
    [
        ("EUR", "cny", 7.8125, "7.8125"),
        ("JPY", "cny", 4.9, "0.049"),  # between integers: 100 yen are 4.90 yuan
        ("KWD", "usd", 0.325, "3.25"),
    ],
)
def test_the_providers_figure_is_between_its_integers(
    source: str, settled: str, told: float, rate: str
) -> None:
    line = {"currency": settled, "exchange_rate": told}
    found = stripe_words.exchange_rate(line, source)
    assert found == Decimal(rate)
    assert stripe_words.exchange_rate({**line, "exchange_rate": None}, source) is None


async def test_a_run_sees_an_exchange_that_was_not_posted(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: without the exchange of its refund, the books and the balance part."""

    async def nothing(*_: object, **__: object) -> None:
        """The exchange is forgotten."""

    monkeypatch.setattr(fees, "post_refund", nothing)
    till = stall.till
    sale = await stall.sell()
    payment = await till.payment(sale.payment)
    await till.refund(payment, 5_000)
    await till.settle()
    (refund,) = [r["metadata"]["refund"] for r in await till.stripe("refund")]
    await stall.refund(sale, 5_000, refund=refund)
    await till.settle(later=3 * DAY)
    await reconciled(till)
    assert refund in await found(till)
