"""What a bank has taken back cannot be refunded, as at Stripe; what it only asks about can."""

import pytest

from livecommerce.kernel import clock
from payments import disputes, refunds
from payments.events import DisputeClosed, DisputeOpened, RefundFailed, RefundSettled
from payments.gateway import Refused, WantedRefund
from payments.rules import DisputeState, RefundState
from payments.tables import Payment
from tests.integration.payments.conftest import PRICE, Till

CHARGED_BACK, ASKED_ABOUT = "pm_card_createDispute", "pm_card_createDisputeInquiry"


async def contested(till: Till, method: str) -> Payment:
    """Paid, booked, and looked at by the buyer's bank."""
    payment = await till.opened()
    await till.pay(payment, method)
    await till.settle(later=1)
    await till.settle(later=5)
    return await till.payment(payment.id)


async def answer(till: Till, note: str) -> None:
    async with till.db.begin() as tx:
        (row,) = await disputes.newest(tx)
        await disputes.request_answer(tx, row.id, note=note, submit=True, now=clock.utcnow())
    await till.settle(later=5)
    await till.settle(later=5)


async def state(till: Till) -> DisputeState:
    async with till.db.begin() as tx:
        (row,) = await disputes.newest(tx)
    return row.state


async def refund(till: Till, payment: Payment, minor: int, key: str = "r1") -> RefundState:
    made = await till.refund(payment, minor, key)
    await till.settle()
    async with till.db.begin() as tx:
        return (await refunds.get(tx, made)).state


async def test_what_a_bank_has_taken_is_refused_in_stripes_words(till: Till) -> None:
    payment = await contested(till, CHARGED_BACK)
    assert payment.provider_id is not None
    with pytest.raises(Refused) as refused:
        await till.payments.refund(WantedRefund("key", payment.provider_id, PRICE, {}))
    assert refused.value.facts["reason"] == "charge_disputed"
    (charge,) = await till.stripe("charge")
    assert str(refused.value.__cause__).endswith(
        f"Charge {charge['id']} has been charged back; cannot issue a refund."
    )
    (dispute,) = await till.stripe("dispute")
    assert (charge["disputed"], dispute["is_charge_refundable"]) == (True, False)


async def test_a_refund_of_what_a_bank_has_fails_and_is_set_aside_no_more(till: Till) -> None:
    payment = await contested(till, CHARGED_BACK)
    assert await refund(till, payment, 5_000) is RefundState.FAILED
    (failed,) = till.heard(RefundFailed)
    assert (failed.code, failed.settled) == ("charge_disputed", False)
    assert (await till.payment(payment.id)).refund_minor == 0
    assert await till.stripe("refund") == []


async def test_what_the_bank_gave_back_can_be_refunded_again(till: Till) -> None:
    payment = await contested(till, CHARGED_BACK)
    await answer(till, "winning_evidence")
    assert await refund(till, payment, PRICE.minor) is RefundState.SETTLED


async def test_what_the_bank_keeps_cannot(till: Till) -> None:
    payment = await contested(till, CHARGED_BACK)
    await answer(till, "losing_evidence")
    assert await refund(till, payment, 1) is RefundState.FAILED


async def test_the_bank_takes_what_refunds_have_left(till: Till) -> None:
    payment = await till.opened()
    await till.pay(payment, CHARGED_BACK)
    await till.settle()
    await refund(till, payment, 5_000)
    await till.settle(later=5)
    await till.settle(later=5)
    (opened,) = till.heard(DisputeOpened)
    assert opened.amount.minor == PRICE.minor - 5_000


async def test_nothing_is_left_to_take_of_what_went_back_whole(till: Till) -> None:
    payment = await till.opened()
    await till.pay(payment, CHARGED_BACK)
    await till.settle()
    await refund(till, payment, PRICE.minor)
    await till.settle(later=5)
    await till.settle(later=5)
    assert await till.stripe("dispute") == []


async def test_a_bank_that_asks_has_taken_nothing_and_a_refund_is_the_answer(
    till: Till,
) -> None:
    payment = await contested(till, ASKED_ABOUT)
    assert await state(till) is DisputeState.INQUIRY
    assert till.heard(DisputeOpened) == []
    assert await refund(till, payment, 5_000, "some") is RefundState.SETTLED
    assert await state(till) is DisputeState.INQUIRY
    assert await refund(till, payment, PRICE.minor - 5_000, "rest") is RefundState.SETTLED
    assert await state(till) is DisputeState.WON
    (closed,) = till.heard(DisputeClosed)
    assert closed.amount.minor == 0
    assert len(till.heard(RefundSettled)) == 2


async def test_a_bank_that_is_not_content_takes_what_is_left(till: Till) -> None:
    payment = await contested(till, ASKED_ABOUT)
    await refund(till, payment, 5_000, "some")
    await answer(till, "escalate_inquiry_evidence")
    assert await state(till) is DisputeState.NEEDS_ANSWER
    (opened,) = till.heard(DisputeOpened)
    assert opened.amount.minor == PRICE.minor - 5_000
    assert await refund(till, payment, 1_000, "more") is RefundState.FAILED


async def test_a_bank_that_is_content_asks_no_more(till: Till) -> None:
    await contested(till, ASKED_ABOUT)
    await answer(till, "winning_evidence")
    assert await state(till) is DisputeState.WON
    assert till.heard(DisputeOpened) == []
