"""Money on its way to merchants, through the official library and the sandbox: onboarding,
transfers, reversals, payouts, disputes, and every way in which they go wrong."""

from datetime import timedelta

import pytest

from livecommerce.kernel import clock, ids
from livecommerce.kernel.db import Database
from livecommerce.kernel.money import Money
from livecommerce.settlement import actions, shares
from livecommerce.settlement.rules import Parts, Terms
from payments import disputes, janitor, ledger, payees, payouts, transfers
from payments.gateway import Refused
from payments.outgoing import WantedTransfer
from payments.rules import DisputeState, PayeeState, PayoutState
from payments.sandbox import accounts
from payments.sandbox.switches import Switches, Webhooks, What
from payments.tables import Payment
from tests import shop
from tests.dated import RATES
from tests.integration.payments.conftest import PRICE, Till

TERMS = Terms(bps=1000, hold_days=0)
DAY = 24 * 3600


def none() -> Money:
    return Money(0, "EUR")


async def stands(db: Database, merchant: str) -> dict[str, int]:
    """The merchant's accounts that are not empty, on their normal side; the books balance."""
    names = ("pending", "available", "reserve", "transit", "receivable")
    async with db.begin() as tx:
        found = {n: await ledger.balance(tx, f"merchant_{n}", "EUR", merchant) for n in names}
        assert sum(line.amount.minor for line in await ledger.trial_balance(tx)) == 0
    return {name: money.minor for name, money in found.items() if money}


class Stall:
    """A merchant at the till."""

    def __init__(self, till: Till, merchant: str) -> None:
        self.till, self.merchant = till, merchant

    async def sell(self, ref: str = "chk_1", method: str = "pm_card_visa") -> actions.Sale:
        """Paid, booked, in the books, and the goods have left."""
        payment = await self.till.opened(PRICE, ref)
        await self.till.pay(payment, method)
        await self.till.settle(later=1)  # booked; a dispute would come a second later
        return await self.entered(payment)

    async def entered(self, payment: Payment) -> actions.Sale:
        parts = Parts(PRICE, none(), none(), none(), none())
        order = ids.new("ord")
        sale = actions.Sale(order, self.merchant, "DE", payment.id, parts, TERMS)
        async with self.till.db.begin() as tx:
            await actions.record_sale(tx, sale, now=clock.utcnow())
            await actions.goods_left(tx, order, now=clock.utcnow())
        return sale

    async def release(self) -> None:
        await shares.release_due(self.till.db, RATES, now=clock.utcnow() + timedelta(seconds=5))
        await self.till.settle()

    async def onboard(self, *, complete: bool = True) -> None:
        """The owner answers the provider's questions."""
        page = await payees.onboarding_page(
            self.till.db,
            self.till.payments,
            self.merchant,
            back_to="http://shop.test/money",
            again_at="http://shop.test/money",
            now=clock.utcnow(),
        )
        assert page.startswith("/sandbox/onboarding/acct_")
        form = {"outcome": "complete" if complete else "incomplete"}
        async with self.till.http.post(
            self.till.url + page, data=form, allow_redirects=False
        ) as answer:
            assert answer.status == 303
        await self.till.settle()

    async def refund(self, sale: actions.Sale, minor: int, *, refund: str = "") -> None:
        """Settled at the provider, and entered."""
        parts = Parts(Money(minor, "EUR"), none(), none(), none(), none())
        given = actions.GivenBack(refund or ids.new("rfd"), sale, parts, none())
        async with self.till.db.begin() as tx:
            await actions.record_refund(tx, given, now=clock.utcnow())
        await self.till.settle()


@pytest.fixture
async def stall(till: Till) -> Stall:
    async with till.db.begin() as tx:
        merchant = await shop.add_merchant(tx, now=clock.utcnow())
        await payees.want(tx, merchant, country="CN", email="m@example.com", now=clock.utcnow())
    await till.settle()
    return Stall(till, merchant)


async def test_money_waits_until_the_provider_knows_the_merchant(stall: Stall) -> None:
    till = stall.till
    await stall.sell()
    await stall.release()
    assert await stands(till.db, stall.merchant) == {"available": 10_800}
    await stall.onboard(complete=False)
    async with till.db.begin() as tx:
        payee = await payees.get(tx, stall.merchant)
        assert (payee.state, payee.due) == (PayeeState.ONBOARDING, ["external_account"])
    await stall.onboard()
    assert await stands(till.db, stall.merchant) == {}
    (transfer,) = await till.stripe("transfer")
    (charge,) = await till.stripe("charge")
    assert (transfer["amount"], transfer["source_transaction"]) == (10_800, charge["id"])
    assert transfer["transfer_group"] == transfer["metadata"]["reference"]


@pytest.mark.parametrize(
    "what", [What.FAIL_BEFORE, What.FAIL_AFTER, What.LOSE_AFTER, What.BUSY]
)
async def test_a_transfer_is_sent_once_whatever_goes_wrong(stall: Stall, what: What) -> None:
    till = stall.till
    await stall.onboard()
    await stall.sell()
    await till.fault(what, "transfers.create")
    await stall.release()
    async with till.db.begin() as tx:
        (row,) = await transfers.of_owner(tx, stall.merchant)
    await transfers.send(till.db, till.payments, row.id, now=clock.utcnow())
    await till.settle()
    assert len(await till.stripe("transfer")) == 1
    assert await stands(till.db, stall.merchant) == {}


async def test_a_forgotten_key_finds_the_transfer_by_our_id(stall: Stall) -> None:
    till = stall.till
    await stall.onboard()
    await stall.sell()
    await stall.release()
    async with till.db.begin() as tx:
        (row,) = await transfers.of_owner(tx, stall.merchant)
    found = await till.payments.find_transfer(row.reference, row.id)
    assert found is not None
    assert (found.id, found.amount) == (row.provider_id, row.amount)
    assert await till.payments.find_transfer(row.reference, "trf_other") is None


async def test_a_refund_after_the_transfer_brings_it_back(stall: Stall) -> None:
    till = stall.till
    await stall.onboard()
    sale = await stall.sell()
    await stall.release()
    await stall.refund(sale, 5_000)  # of which 45.00 were the merchant's
    assert await stands(till.db, stall.merchant) == {}
    (reversal,) = await till.stripe("transfer_reversal")
    assert reversal["amount"] == 4_500
    (transfer,) = await till.stripe("transfer")
    assert (transfer["amount_reversed"], transfer["reversed"]) == (4_500, False)


async def test_a_refused_transfer_leaves_the_money_available(stall: Stall) -> None:
    till = stall.till
    await stall.onboard()
    sale = await stall.sell()
    async with till.sandbox.work() as work:
        (account,) = [a["id"] for a in await till.stripe("account")]
        broken = await work.get("account", account, lock=True)
        broken.body["capabilities"] = {"transfers": "inactive"}
        await work.put(broken)
    await stall.release()
    assert await stands(till.db, stall.merchant) == {"available": 10_800}
    async with till.db.begin() as tx:
        (row,) = await transfers.of_owner(tx, stall.merchant)
        assert row.failure == "insufficient_capabilities_for_transfer"
        assert row.reference == sale.order


async def test_payouts_of_merchants_fail_and_are_told(stall: Stall) -> None:
    till = stall.till
    await stall.onboard()
    await stall.sell()
    await stall.release()
    await till.sandbox.set_switches(Switches(fail_payouts=1))
    await till.settle(later=DAY + 1)
    await till.settle(later=2 * DAY)
    async with till.db.begin() as tx:
        (row,) = await payouts.newest(tx, owner=stall.merchant)
        assert await payouts.newest(tx) == []
    assert (row.state, row.failure, row.amount) == (
        PayoutState.FAILED,
        "account_closed",
        Money(10_800, "EUR"),
    )


@pytest.mark.parametrize("fails", [False, True])
async def test_our_own_payout_is_posted_and_a_failed_one_undone(
    stall: Stall, fails: bool
) -> None:
    till = stall.till
    await stall.sell()
    await till.settle(later=3 * DAY)
    await till.sandbox.set_switches(Switches(fail_payouts=int(fails)))
    headers = {"Authorization": "Bearer sk_test_till"}
    form = {"amount": "1000", "currency": "eur"}
    async with till.http.post(f"{till.url}/v1/payouts", data=form, headers=headers) as answer:
        assert answer.status == 200
    await till.settle(later=3 * DAY)
    async with till.db.begin() as tx:
        bank = await ledger.balance(tx, "bank", "EUR")
    assert bank == Money(0 if fails else 1000, "EUR")


async def disputed(stall: Stall, ref: str = "chk_1") -> str:
    """A payment that the bank contests before its share is released."""
    await stall.sell(ref, "pm_card_createDispute")
    await stall.till.settle(later=5)
    async with stall.till.db.begin() as tx:
        row = (await disputes.newest(tx))[0]
    assert row.state is DisputeState.NEEDS_ANSWER
    return row.id


async def answer(stall: Stall, dispute: str, note: str) -> None:
    async with stall.till.db.begin() as tx:
        await disputes.request_answer(tx, dispute, note=note, submit=True, now=clock.utcnow())
    await stall.till.settle(later=5)
    await stall.till.settle(later=5)


async def test_a_dispute_that_is_won_leaves_everything_as_it_was(stall: Stall) -> None:
    till = stall.till
    await stall.onboard()
    dispute = await disputed(stall)
    assert await stands(till.db, stall.merchant) == {"reserve": 10_800}
    await stall.release()
    assert await stands(till.db, stall.merchant) == {"reserve": 10_800}, "it is blocked"
    await answer(stall, dispute, "winning_evidence")
    assert await stands(till.db, stall.merchant) == {"pending": 10_800}
    async with till.db.begin() as tx:
        assert not await ledger.balance(tx, "dispute_held", "EUR")
        assert not await ledger.balance(tx, "dispute_fee", "EUR")
    await stall.release()
    assert await stands(till.db, stall.merchant) == {}


async def test_a_dispute_that_is_lost_is_borne_by_the_merchant(stall: Stall) -> None:
    till = stall.till
    dispute = await disputed(stall)
    await answer(stall, dispute, "losing_evidence")
    # the buyer has 120.00; 108.00 had been kept back of the merchant's, 12.00 are owed
    assert await stands(till.db, stall.merchant) == {"receivable": 1_200}
    async with till.db.begin() as tx:
        assert not await ledger.balance(tx, "dispute_held", "EUR")
        assert await ledger.balance(tx, "dispute_fee", "EUR") == Money(1_500, "EUR")
        assert (await disputes.get(tx, dispute)).state is DisputeState.LOST


async def test_what_happens_on_other_accounts_needs_the_other_secret(till: Till) -> None:
    async with till.sandbox.work() as work:
        made = await accounts.create(work, {})
        await accounts.onboarded(work, str(made["id"]))
    await till.settle()
    assert till.answers == [200], "understood as nobody's"
    assert till.payments._secrets[True] != till.payments._secrets[False]


async def test_messages_about_merchants_accounts_that_got_lost_are_asked_for(
    stall: Stall,
) -> None:
    till = stall.till
    await till.webhooks(drop=1000)
    await stall.onboard()
    async with till.db.begin() as tx:
        assert not await payees.is_ready(tx, stall.merchant)
    soon = clock.utcnow() + timedelta(minutes=20)
    assert await janitor.listen_to_payees(till.db, till.payments, now=soon) == 1
    await till.settle()
    async with till.db.begin() as tx:
        assert await payees.is_ready(tx, stall.merchant)
    assert await janitor.listen_to_payees(till.db, till.payments, now=soon) == 0
    await till.webhooks()
    await stall.sell()
    await stall.release()
    await till.sandbox.set_switches(Switches(fail_payouts=1, webhooks=Webhooks(drop=1000)))
    await till.settle(later=DAY + 1)
    await till.settle(later=2 * DAY)
    async with till.db.begin() as tx:
        assert await payouts.newest(tx, owner=stall.merchant) == []
    later = soon + timedelta(hours=1)
    assert await janitor.listen_to_payees(till.db, till.payments, now=later) == 2
    await till.settle()
    async with till.db.begin() as tx:
        (row,) = await payouts.newest(tx, owner=stall.merchant)
    assert row.state is PayoutState.FAILED


async def test_the_library_sends_no_more_than_the_charge(stall: Stall) -> None:
    till = stall.till
    await stall.onboard()
    await stall.sell()
    (charge,), (account,) = await till.stripe("charge"), await till.stripe("account")
    want = WantedTransfer("k", account["id"], Money(12_001, "EUR"), charge["id"], "g", {})
    with pytest.raises(Refused):
        await till.payments.transfer(want)
