"""Refunds: never more than was captured, however many ask at once, and not always for good."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from livecommerce.kernel import clock
from livecommerce.kernel.money import Money
from payments import inbox, janitor, refunds
from payments.errors import BadAmount, RefundDiffers, RefundTooLarge
from payments.events import RefundFailed, RefundSettled
from payments.gateway import OutcomeUnknown
from payments.rules import RefundState
from payments.sandbox.switches import What
from payments.tables import Payment
from tests.integration.payments.conftest import Till


async def test_part_then_the_rest_then_no_more(till: Till) -> None:
    payment = await till.paid()
    await till.refund(payment, 5_000, "a")
    await till.refund(payment, 7_000, "b")
    with pytest.raises(RefundTooLarge) as refused:
        await till.refund(payment, 1, "c")
    assert refused.value.facts["left"] == 0
    await till.settle()
    assert {e.amount.minor for e in till.heard(RefundSettled)} == {5_000, 7_000}
    assert {e.reference for e in till.heard(RefundSettled)} == {"ord_1"}
    assert {r["amount"] for r in await till.stripe("refund")} == {5_000, 7_000}


async def test_the_same_key_is_the_same_refund(till: Till) -> None:
    payment = await till.paid()
    first = await till.refund(payment, 5_000, "a")
    assert await till.refund(payment, 5_000, "a") == first
    with pytest.raises(RefundDiffers):
        await till.refund(payment, 6_000, "a")
    await till.settle()
    assert len(await till.stripe("refund")) == 1


async def test_only_money_that_is_there_goes_back(till: Till) -> None:
    payment = await till.opened()
    with pytest.raises(RefundTooLarge):
        await till.refund(payment, 1)
    with pytest.raises(BadAmount):
        await till.refund(payment, 0)
    async with till.db.begin() as tx:
        with pytest.raises(BadAmount):
            await refunds.request(
                tx,
                payment=payment.id,
                reference="ord_1",
                amount=Money(5, "USD"),
                reason="",
                key="k",
                now=clock.utcnow(),
            )


async def test_many_at_once_never_exceed_the_capture(till: Till) -> None:
    payment = await till.paid()

    async def one(number: int) -> bool:
        try:
            await till.refund(payment, 5_000, f"r{number}")
        except RefundTooLarge:
            return False
        return True

    assert sum(await asyncio.gather(*(one(n) for n in range(10)))) == 2
    assert (await till.payment(payment.id)).refund_minor == 10_000
    await till.settle()
    assert sum(r["amount"] for r in await till.stripe("refund")) == 10_000


async def test_without_the_guard_they_would_exceed_it(till: Till) -> None:
    """The twin of the test above: look first, then act, as one must not."""
    payment = await till.paid()
    async with till.db.begin() as tx:
        await tx.execute(
            sa.text("ALTER TABLE payments.payment DROP CONSTRAINT ck_payment_refunds")
        )
    everybody_has_looked = asyncio.Barrier(4)

    async def one() -> None:
        async with till.db.begin() as tx:
            left = (await tx.get_one(Payment, payment.id)).refundable
            await everybody_has_looked.wait()
            if left.minor >= 5_000:
                more = "UPDATE payments.payment SET refund_minor = refund_minor + 5000"
                await tx.execute(sa.text(more))

    await asyncio.gather(*(one() for _ in range(4)))
    assert (await till.payment(payment.id)).refund_minor == 20_000


async def test_unknown_outcome_asked_again_is_the_same_refund(till: Till) -> None:
    payment = await till.paid()
    refund = await till.refund(payment, 5_000)
    await till.fault(What.LOSE_AFTER, "refunds.create")
    with pytest.raises(OutcomeUnknown):
        await refunds.send(till.db, till.payments, refund, now=clock.utcnow())
    sent = await refunds.send(till.db, till.payments, refund, now=clock.utcnow())
    assert sent.state is RefundState.SETTLED
    assert len(await till.stripe("refund")) == 1


async def test_one_that_takes_its_time(till: Till) -> None:
    payment = await till.opened()
    await till.pay(payment, "pm_card_pendingRefund")
    await till.settle()
    refund = await till.refund(payment, 5_000)
    await till.settle()
    async with till.db.begin() as tx:
        assert (await refunds.get(tx, refund)).state is RefundState.PENDING
    assert till.heard(RefundSettled) == []
    await till.settle(later=5)
    assert len(till.heard(RefundSettled)) == 1


@pytest.mark.parametrize("order", ["in order", "backwards"])
async def test_one_that_bounces_is_ours_again(till: Till, order: str) -> None:
    payment = await till.opened()
    await till.pay(payment, "pm_card_refundFail")
    await till.settle()
    refund = await till.refund(payment, 12_000)
    if order == "backwards":
        await till.webhooks(reorder=True, delay=10)
    await till.settle()
    await till.settle(later=5)
    await till.settle(later=20)
    (failed,) = till.heard(RefundFailed)
    assert failed.settled, "it had been told as settled"
    async with till.db.begin() as tx:
        assert (await refunds.get(tx, refund)).state is RefundState.FAILED
    assert (await till.payment(payment.id)).refundable == Money(12_000, "EUR")
    await till.refund(payment, 12_000, "again")


async def test_what_the_provider_refuses_is_ours_again(till: Till) -> None:
    payment = await till.paid()
    async with till.db.begin() as tx:  # as if it had been given back there behind our back
        await tx.execute(sa.text("UPDATE payments.payment SET captured_minor = 20000"))
    await till.refund(payment, 20_000)
    await till.settle()
    (failed,) = till.heard(RefundFailed)
    assert not failed.settled
    assert (await till.payment(payment.id)).refund_minor == 0


async def outside(till: Till, payment: Payment, minor: int, by: str = "MT103 1") -> str:
    async with till.db.begin() as tx:
        refund = await refunds.paid_outside(
            tx,
            payment=payment.id,
            reference="ord_1",
            amount=Money(minor, "EUR"),
            by=by,
            reason="the card was closed",
            key="k",
            now=clock.utcnow(),
        )
    return refund.id


async def test_what_a_bank_paid_is_settled_and_never_asked_for(till: Till) -> None:
    payment = await till.paid()
    refund = await outside(till, payment, 7_000)
    assert await outside(till, payment, 7_000) == refund
    with pytest.raises(RefundDiffers):
        await outside(till, payment, 7_000, by="another reference")
    async with till.db.begin() as tx:
        row = await refunds.get(tx, refund)
    assert (row.state, row.outside, row.provider_id) == (RefundState.SETTLED, "MT103 1", None)
    with pytest.raises(RefundTooLarge) as refused:
        await till.refund(payment, 5_001)
    assert refused.value.facts["left"] == 5_000
    await refunds.send(till.db, till.payments, refund, now=clock.utcnow())
    await janitor.ask_again(till.db, till.payments, now=clock.utcnow() + timedelta(days=2))
    await till.settle()
    assert await till.stripe("refund") == []
    assert till.heard(RefundSettled) == [], "whoever says so knows"


async def test_at_the_dashboard_after_a_bank_paid_it_is_not_understood(till: Till) -> None:
    payment = await till.paid()
    await outside(till, payment, 12_000)
    form = {"payment_intent": payment.provider_id, "amount": "5000"}
    auth = {"Authorization": "Bearer sk_test_till"}
    async with till.http.post(f"{till.url}/v1/refunds", data=form, headers=auth) as answer:
        assert answer.status == 200
    await till.settle()
    async with till.db.begin() as tx:
        odd = await inbox.not_understood(tx)
        assert len(await refunds.of_payment(tx, payment.id)) == 1
    assert {row.kind.partition(".")[0] for row in odd} == {"refund"}
    assert till.heard(RefundSettled) == []


async def test_a_refund_made_at_the_dashboard_becomes_ours(till: Till) -> None:
    payment = await till.paid()
    form = {"payment_intent": payment.provider_id, "amount": "5000"}
    auth = {"Authorization": "Bearer sk_test_till"}
    async with till.http.post(f"{till.url}/v1/refunds", data=form, headers=auth) as answer:
        assert answer.status == 200
    await till.webhooks(copies=2)
    await till.settle()
    (settled,) = till.heard(RefundSettled)
    assert (settled.reference, settled.amount) == ("chk_1", Money(5_000, "EUR"))
    assert (await till.payment(payment.id)).refund_minor == 5_000
    with pytest.raises(RefundTooLarge):
        await till.refund(payment, 7_001)
