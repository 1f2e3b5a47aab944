"""Collecting money: from a wish to a capture, once, whatever happens on the way."""

import asyncio
from datetime import timedelta

import pytest

from livecommerce.kernel import clock
from livecommerce.kernel.money import Money
from payments import intents, janitor, ledger, queries
from payments.errors import BadAmount, NoSuchPayment, PaymentInTheWay
from payments.events import (
    PaymentCancelled,
    PaymentCaptured,
    PaymentFailed,
    PaymentOpened,
    PaymentProcessing,
)
from payments.gateway import NotAsked, OutcomeUnknown
from payments.rules import PaymentState
from payments.sandbox.switches import What
from payments.stripe_gateway import TOO_OFTEN, StripeGateway
from tests.integration.payments.conftest import SECRET, Till


async def test_from_wish_to_capture(till: Till) -> None:
    payment = await till.opened()
    assert payment.state is PaymentState.OPEN
    assert payment.client_secret is not None
    assert payment.client_secret not in repr(payment)
    (opened,) = till.heard(PaymentOpened)
    assert (opened.payment, opened.reference) == (payment.id, "chk_1")

    assert (await till.pay(payment))["status"] == "succeeded"
    assert (await till.payment(payment.id)).state is PaymentState.OPEN, "no page is believed"
    await till.settle()
    (captured,) = till.heard(PaymentCaptured)
    assert captured.amount == Money(12_000, "EUR")
    assert captured.charge.startswith("ch_")
    paid = await till.payment(payment.id)
    assert paid.state is PaymentState.CAPTURED
    assert paid.client_secret is None
    assert paid.refundable == Money(12_000, "EUR")


async def test_the_fee_is_posted_when_it_is_known_and_the_funds_when_they_are_ours(
    till: Till,
) -> None:
    await till.paid()
    async with till.db.begin() as tx:
        fee = await ledger.balance(tx, "stripe_fee", "EUR")
        assert fee == Money(12_000 * 44 // 1000 + 30, "EUR"), "2.9 % + 1.5 % abroad + 30"
        assert await ledger.balance(tx, "stripe_available", "EUR") == Money(0, "EUR")
    await till.settle(now=clock.utcnow() + timedelta(days=3))
    async with till.db.begin() as tx:
        assert await ledger.balance(tx, "stripe_available", "EUR") == Money(12_000, "EUR") - fee
        assert {p.kind for p in await ledger.journal(tx, source_prefix="txn_")} == {
            "fee",
            "available",
        }


async def test_one_live_payment_per_reference(till: Till) -> None:
    first = await till.want()
    assert await till.want() == first, "the same wish again is the same payment"
    with pytest.raises(PaymentInTheWay):
        await till.want(Money(1, "EUR"))
    payment = await till.opened()
    await till.pay(payment)
    await till.settle()
    with pytest.raises(PaymentInTheWay):
        await till.want()
    with pytest.raises(BadAmount):
        await till.want(Money(0, "EUR"), "chk_2")


async def test_many_who_want_the_same_at_once_get_one(till: Till) -> None:
    ids = await asyncio.gather(*(till.want() for _ in range(8)))
    assert len(set(ids)) == 1
    await till.settle()
    assert len(await till.stripe("payment_intent")) == 1


async def test_a_cancelled_payment_makes_room_for_another(till: Till) -> None:
    payment = await till.opened()
    gone = await intents.cancel_with_provider(
        till.db, till.payments, "chk_1", now=clock.utcnow()
    )
    assert gone.state is PaymentState.CANCELLED
    await till.settle()
    assert [e.payment for e in till.heard(PaymentCancelled)] == [payment.id]
    assert (await till.pay(payment))["error"]["code"] == "payment_intent_unexpected_state"
    second = await till.opened(Money(500, "EUR"))
    assert second.attempt == 2
    assert second.provider_id != payment.provider_id


async def test_cancelling_what_nobody_was_asked_for_asks_nobody(till: Till) -> None:
    payment = await till.want()
    await intents.cancel_with_provider(till.db, till.payments, "chk_1", now=clock.utcnow())
    await till.settle()
    assert (await till.payment(payment)).state is PaymentState.CANCELLED
    assert await till.stripe("payment_intent") == []
    with pytest.raises(NoSuchPayment):
        await intents.cancel_with_provider(till.db, till.payments, "chk_9", now=clock.utcnow())


async def test_cancel_that_comes_too_late_learns_that_it_is_paid(till: Till) -> None:
    payment = await till.opened()
    await till.pay(payment)  # the webhook has not been delivered yet
    found = await intents.cancel_with_provider(
        till.db, till.payments, "chk_1", now=clock.utcnow()
    )
    assert found.state is PaymentState.CAPTURED
    await till.settle()
    assert len(till.heard(PaymentCaptured)) == 1
    assert till.heard(PaymentCancelled) == []


@pytest.mark.parametrize("_round", range(4))
async def test_cancel_races_with_success_and_one_of_them_holds(till: Till, _round: int) -> None:
    payment = await till.opened()
    cancelling = intents.cancel_with_provider(
        till.db, till.payments, "chk_1", now=clock.utcnow()
    )
    order = [cancelling, till.pay(payment)]
    await asyncio.gather(*(order if _round % 2 else order[::-1]))
    await till.settle()
    (intent,) = await till.stripe("payment_intent")
    ours = await till.payment(payment.id)
    told = len(till.heard(PaymentCaptured)), len(till.heard(PaymentCancelled))
    if intent["status"] == "succeeded":
        assert (ours.state, told) == (PaymentState.CAPTURED, (1, 0))
    else:
        assert (ours.state, told) == (PaymentState.CANCELLED, (0, 1))


async def test_declined_then_paid(till: Till) -> None:
    payment = await till.opened()
    refused = await till.pay(payment, "pm_card_visa_chargeDeclinedInsufficientFunds")
    assert refused["error"]["decline_code"] == "insufficient_funds"
    await till.settle()
    (failed,) = till.heard(PaymentFailed)
    assert (failed.code, failed.final) == ("insufficient_funds", False)
    assert (await till.payment(payment.id)).state is PaymentState.OPEN
    await till.pay(payment)
    await till.settle()
    assert len(till.heard(PaymentCaptured)) == 1
    assert [c["status"] for c in await till.stripe("charge")] == ["failed", "succeeded"]


async def test_three_d_secure(till: Till) -> None:
    payment = await till.opened()
    asked = await till.pay(payment, "pm_card_authenticationRequired")
    assert asked["status"] == "requires_action"
    assert (await till.answer(payment, "refuse"))["status"] == "requires_payment_method"
    await till.settle()  # learnt after the capture, a refusal would be no news any more
    await till.pay(payment, "pm_card_authenticationRequired")
    assert (await till.answer(payment, "approve"))["status"] == "succeeded"
    await till.settle()
    (failed,) = till.heard(PaymentFailed)
    assert failed.code == "payment_intent_authentication_failure"
    assert len(till.heard(PaymentCaptured)) == 1


@pytest.mark.parametrize("wallet", ["alipay", "wechat_pay"])
async def test_a_wallet_takes_its_time(till: Till, wallet: str) -> None:
    payment = await till.opened()
    assert (await till.pay(payment, wallet))["status"] == "requires_action"
    assert (await till.answer(payment, "approve"))["status"] == "processing"
    await till.settle()
    assert len(till.heard(PaymentProcessing)) == 1
    busy = await intents.cancel_with_provider(
        till.db, till.payments, "chk_1", now=clock.utcnow()
    )
    assert busy.state is PaymentState.PROCESSING, "cancel is refused, so the hold goes on"
    await till.settle(later=5)
    assert len(till.heard(PaymentCaptured)) == 1


@pytest.mark.parametrize(
    "fault", [What.FAIL_AFTER, What.LOSE_AFTER, What.HANG_AFTER, What.LOSE_BEFORE]
)
async def test_unknown_outcome_asked_again_is_the_same_intent(till: Till, fault: What) -> None:
    gateway = StripeGateway(SECRET, base_url=till.url, seconds=0.15, retries=0)
    payment = await till.want()
    await till.fault(fault, "payment_intents.create")
    with pytest.raises(OutcomeUnknown):
        await intents.open_with_provider(till.db, gateway, payment, now=clock.utcnow())
    assert (await till.payment(payment)).state is PaymentState.ASKED
    happened = [intent["id"] for intent in await till.stripe("payment_intent")]
    assert len(happened) == (0 if fault is What.LOSE_BEFORE else 1)

    await gateway.close()
    opened = await intents.open_with_provider(
        till.db, till.payments, payment, now=clock.utcnow()
    )
    assert opened.state is PaymentState.OPEN
    assert happened in ([], [opened.provider_id])
    assert len(await till.stripe("payment_intent")) == 1


async def test_without_the_key_asking_again_makes_a_second_intent(till: Till) -> None:
    """The twin of the test above: it is the key that makes it one."""
    payment = await till.opened()
    again = await till.payments.open(
        intents.WantedPayment(
            key="a random token",
            amount=payment.amount,
            description="Order",
            details={"payment": payment.id},
        )
    )
    assert again.id != payment.provider_id
    assert len(await till.stripe("payment_intent")) == 2


async def test_after_a_day_the_key_is_forgotten_and_it_is_looked_for(till: Till) -> None:
    payment = await till.want()
    await till.fault(What.LOSE_AFTER, "payment_intents.create")
    now = clock.utcnow()
    with pytest.raises(OutcomeUnknown):
        await intents.open_with_provider(till.db, till.payments, payment, now=now)
    await till.sandbox.advance(25 * 3600)
    opened = await intents.open_with_provider(
        till.db, till.payments, payment, now=now + timedelta(hours=25)
    )
    assert opened.state is PaymentState.OPEN
    assert len(await till.stripe("payment_intent")) == 1


async def test_whoever_is_refused_for_too_many_keeps_the_place(till: Till) -> None:
    payment = await till.want()
    await till.fault(What.BUSY, "payment_intents.create", times=TOO_OFTEN - 1)
    opened = await intents.open_with_provider(
        till.db, till.payments, payment, now=clock.utcnow()
    )
    assert opened.state is PaymentState.OPEN
    assert len(await till.stripe("payment_intent")) == 1


async def test_busy_for_long_is_not_unknown_and_the_job_comes_again(till: Till) -> None:
    payment = await till.want()
    await till.fault(What.BUSY, "payment_intents.create", times=TOO_OFTEN)
    with pytest.raises(NotAsked):
        await intents.open_with_provider(till.db, till.payments, payment, now=clock.utcnow())
    await till.settle()
    assert (await till.payment(payment)).state is PaymentState.OPEN


async def test_the_janitor_asks_about_what_was_left(till: Till) -> None:
    payment = await till.want()
    await till.fault(What.LOSE_AFTER, "payment_intents.create")
    with pytest.raises(OutcomeUnknown):
        await intents.open_with_provider(till.db, till.payments, payment, now=clock.utcnow())
    later = clock.utcnow() + timedelta(minutes=5)
    assert await janitor.ask_again(till.db, till.payments, now=clock.utcnow()) == 0
    assert await janitor.ask_again(till.db, till.payments, now=later) == 1
    assert (await till.payment(payment)).state is PaymentState.OPEN


async def test_cancelling_an_unknown_outcome_first_learns_it(till: Till) -> None:
    payment = await till.want()
    await till.fault(What.LOSE_AFTER, "payment_intents.create")
    with pytest.raises(OutcomeUnknown):
        await intents.open_with_provider(till.db, till.payments, payment, now=clock.utcnow())
    gone = await intents.cancel_with_provider(
        till.db, till.payments, "chk_1", now=clock.utcnow()
    )
    assert gone.state is PaymentState.CANCELLED
    (intent,) = await till.stripe("payment_intent")
    assert intent["status"] == "canceled"


async def test_what_the_provider_refuses_is_final(till: Till) -> None:
    payment = await till.want(Money(10, "EUR"))
    await till.settle()
    assert (await till.payment(payment)).state is PaymentState.REFUSED
    (failed,) = till.heard(PaymentFailed)
    assert (failed.final, failed.code) == (True, "amount_too_small")
    await till.want(Money(1_000_000_000, "EUR"))
    await till.settle()
    assert [e.code for e in till.heard(PaymentFailed)][1:] == ["cannot-carry"]


async def test_the_queue_can_be_told(till: Till) -> None:
    first, second = await till.want(ref_of(1)[0], ref_of(1)[1]), await till.want(*ref_of(2))
    async with till.db.begin() as tx:
        assert await queries.ahead(tx, await queries.payment(tx, first)) == 0
        assert await queries.ahead(tx, await queries.payment(tx, second)) == 1
    await till.settle()
    async with till.db.begin() as tx:
        assert await queries.ahead(tx, await queries.payment(tx, second)) == 0
        assert len(await queries.payments_for(tx, ["chk_1", "chk_2", "chk_3"])) == 2


def ref_of(number: int) -> tuple[Money, str]:
    return Money(1000 * number, "EUR"), f"chk_{number}"
