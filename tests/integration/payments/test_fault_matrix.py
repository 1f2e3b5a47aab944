"""Journeys of money through every fault switch: the end is the same as without faults, the
buyer is charged once, the books balance, and reconciliation finds nothing."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from livecommerce.kernel import clock
from livecommerce.kernel.money import Money
from payments import disputes, janitor, ledger, reconciling
from payments.sandbox.switches import Fault, Switches, Webhooks, What
from tests.integration.payments.conftest import PRICE, Till
from tests.integration.payments.test_sending_on import Stall, stall

__all__ = ["stall"]
Journey = Callable[[Stall, Switches], Awaitable[None]]

MONTH = timedelta(days=30)
WEBHOOKS = {
    "thrice": Webhooks(copies=3),
    "backwards": Webhooks(reorder=True),
    "lost": Webhooks(drop=100),
    "late": Webhooks(delay=40),
}
REQUESTS = (What.FAIL_AFTER, What.LOSE_BEFORE, What.BUSY)


async def until_quiet(till: Till) -> None:
    """What a night does: everything due happens, unknown outcomes are asked about, lost
    messages are fetched."""
    for hours in (1, 2):
        now = clock.utcnow() + timedelta(hours=hours)
        await till.settle(later=60)
        await till.settle(now=now)
        await janitor.ask_again(till.db, till.payments, now=now)
        await janitor.listen_again(till.db, till.payments, now=now, overlap=timedelta(days=2))
        await till.settle(now=now)


async def paid_and_sent(stall: Stall, faults: Switches) -> None:
    """Paid, booked, released, transferred; then half of it is refunded."""
    till = stall.till
    await stall.onboard()
    await till.sandbox.set_switches(faults)
    id_ = await till.want()
    await until_quiet(till)
    await till.sandbox.set_switches(faults.model_copy(deep=True))
    await till.pay(await till.payment(id_))
    await until_quiet(till)
    sale = await stall.entered(await till.payment(id_))
    await stall.release()
    await until_quiet(till)
    await till.sandbox.set_switches(faults.model_copy(deep=True))
    refund = await till.refund(await till.payment(id_), 6_000)
    await until_quiet(till)
    await stall.refund(sale, 6_000, refund=refund)
    await until_quiet(till)


async def contested(stall: Stall, faults: Switches, words: str) -> None:
    """Paid with a card whose bank contests it; the evidence decides."""
    till = stall.till
    await till.sandbox.set_switches(faults)
    id_ = await till.want()
    await until_quiet(till)
    payment = await till.payment(id_)
    await till.pay(payment, "pm_card_createDispute")
    await till.settle()
    await stall.entered(await till.payment(id_))
    await until_quiet(till)
    async with till.db.begin() as tx:
        (dispute,) = await disputes.newest(tx)
        await disputes.request_answer(
            tx, dispute.id, note=words, submit=True, now=clock.utcnow()
        )
    await until_quiet(till)


async def won(stall: Stall, faults: Switches) -> None:
    await contested(stall, faults, "winning_evidence")


async def lost(stall: Stall, faults: Switches) -> None:
    await contested(stall, faults, "losing_evidence")


ENDS: dict[Journey, dict[str, int]] = {
    # fee 2.9 % + 1.5 % + 30 of 120.00; commission 12.00, half of it given back
    paid_and_sent: {"at the provider": 42, "stripe_fee": 558, "platform_fee": -600},
    won: {
        "at the provider": 11_442,
        "stripe_fee": 558,
        "platform_fee": -1_200,
        "merchant_pending": -10_800,
    },
    lost: {
        "at the provider": -2_058,
        "stripe_fee": 558,
        "platform_fee": -1_200,
        "dispute_fee": 1_500,
        "merchant_receivable": 1_200,
    },
}
"""What every account holds in the end, debits positive."""


async def ended_well(till: Till, journey: Journey) -> None:
    charges = [c for c in await till.stripe("charge") if c["paid"]]
    assert [c["amount"] for c in charges] == [PRICE.minor], "charged once"
    async with till.db.begin() as tx:
        lines = await ledger.trial_balance(tx)
    ends: dict[str, int] = {}
    for line in lines:
        at_theirs = line.account.startswith("stripe_") and line.account != "stripe_fee"
        name = "at the provider" if at_theirs else line.account
        ends[name] = ends.get(name, 0) + line.amount.minor
    assert {name: minor for name, minor in ends.items() if minor} == ENDS[journey]
    assert sum(ends.values()) == 0
    row = await reconciling.run(till.db, till.payments, now=clock.utcnow() + MONTH)
    assert (row.open, row.young) == (0, 0)
    assert row.proof[0]["holds"]
    assert row.proof[0]["theirs"] == Money(ENDS[journey]["at the provider"], "EUR").minor


@pytest.mark.parametrize("journey", ENDS, ids=lambda j: j.__name__)
async def test_without_faults(stall: Stall, journey: Journey) -> None:
    await journey(stall, Switches())
    await ended_well(stall.till, journey)


@pytest.mark.parametrize("what", REQUESTS)
async def test_requests_that_go_wrong_change_nothing(stall: Stall, what: What) -> None:
    endpoints = ("payment_intents.create", "transfers.create", "refunds.create")
    more = ("transfers.reversals.create", "balance_transactions.retrieve")
    faults = [Fault(endpoint=name, what=what) for name in (*endpoints, *more)]
    await paid_and_sent(stall, Switches(faults=faults))
    await stall.till.sandbox.set_switches(Switches())
    await ended_well(stall.till, paid_and_sent)


@pytest.mark.parametrize(
    ("journey", "how"),
    [*((paid_and_sent, how) for how in WEBHOOKS), (won, "backwards"), (lost, "lost")],
    ids=lambda part: getattr(part, "__name__", part),
)
async def test_messages_in_any_order_number_and_time(
    stall: Stall, journey: Journey, how: str
) -> None:
    await journey(stall, Switches(webhooks=WEBHOOKS[how]))
    await stall.till.sandbox.set_switches(Switches())
    await until_quiet(stall.till)
    await ended_well(stall.till, journey)
