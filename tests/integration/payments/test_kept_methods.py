"""Cards that buyers keep: kept on their word, used in one tap, let go for good; through the
official library and the sandbox."""

import asyncio
from datetime import timedelta

import pytest

from livecommerce.kernel import clock
from payments import intents, janitor, methods
from payments.errors import NoSuchMethod, NotOpen
from payments.gateway import (
    Declined,
    OutcomeUnknown,
    ProviderPayment,
    Refused,
    There,
    WantedTap,
)
from payments.rules import MethodState, PaymentState
from payments.sandbox.switches import What
from payments.tables import Payment
from payments.tables_payers import SavedMethod
from tests.integration.payments.asking import call
from tests.integration.payments.conftest import Till

ANNA, BERT = "usr_anna", "usr_bert"


async def keep(till: Till, payment: Payment, *, owner: str = ANNA, wanted: bool = True) -> None:
    await methods.keep(
        till.db, till.payments, payment.id, owner=owner, wanted=wanted, now=clock.utcnow()
    )


async def kept(till: Till, owner: str = ANNA) -> list[SavedMethod]:
    async with till.db.begin() as tx:
        return list(await methods.of_owner(tx, owner))


async def bought(till: Till, ref: str, method: str = "pm_card_visa", owner: str = ANNA) -> None:
    """A first purchase, whose card is kept."""
    payment = await till.opened(ref=ref)
    await keep(till, payment, owner=owner)
    await till.pay(payment, method)
    await till.settle(later=2)


async def tap(
    till: Till, payment: Payment, method: str, *, owner: str = ANNA, key: str = "t1"
) -> methods.Tapped:
    return await methods.tap(
        till.db,
        till.payments,
        payment.id,
        method,
        owner=owner,
        key=key,
        back_to="http://shop.test/checkout/1",
        now=clock.utcnow(),
    )


async def test_a_card_is_kept_and_pays_the_next_time_in_one_tap(till: Till) -> None:
    await bought(till, "chk_1")
    (card,) = await kept(till)
    assert (card.brand, card.last4, card.kind) == ("visa", "4242", "card")
    (customer,) = await till.stripe("customer")
    assert customer["metadata"] == {"owner": ANNA}
    assert (customer["name"], customer["email"]) == (None, None)
    payment = await till.opened(ref="chk_2")
    assert await tap(till, payment, card.id) == methods.Tapped(PaymentState.CAPTURED, False)
    await till.settle(later=2)
    assert (await till.payment(payment.id)).state is PaymentState.CAPTURED
    assert len([c for c in await till.stripe("charge") if c["paid"]]) == 2
    assert len(await till.stripe("customer")) == 1
    _, listed, _ = await call(till, f"/v1/payment_methods?customer={customer['id']}&type=card")
    assert [one["id"] for one in listed["data"]] == [card.provider_id]


async def test_nothing_is_kept_without_asking_or_after_thinking_better(till: Till) -> None:
    await till.paid(ref="chk_1")
    payment = await till.opened(ref="chk_2")
    await keep(till, payment)
    await keep(till, payment, wanted=False)
    await till.pay(payment)
    await till.settle(later=2)
    assert await kept(till) == []


async def test_a_wallet_is_never_kept(till: Till) -> None:
    payment = await till.opened()
    await keep(till, payment)
    await till.pay(payment, "alipay")
    await till.answer(payment, "approve")
    await till.settle(later=10)
    assert (await till.payment(payment.id)).state is PaymentState.CAPTURED
    assert await kept(till) == []


async def test_nobody_taps_with_somebody_elses_card(till: Till) -> None:
    await bought(till, "chk_1")
    await bought(till, "chk_2", "pm_card_mastercard", BERT)
    (hers,), (his,) = await kept(till), await kept(till, BERT)
    payment = await till.opened(ref="chk_3")
    with pytest.raises(NoSuchMethod):
        await tap(till, payment, his.id)
    # Nor does the provider let one customer's card pay for another's purchase.
    await tap(till, payment, hers.id)
    other = await till.opened(ref="chk_4")
    await keep(till, other)
    form = {"payment_method": his.provider_id, "return_url": "http://shop.test"}
    status, body, _ = await call(till, f"/v1/payment_intents/{other.provider_id}/confirm", form)
    assert (status, body["error"]["param"]) == (400, "payment_method")


async def test_a_bank_may_still_ask_and_may_refuse(till: Till) -> None:
    await bought_by_challenge(till, "chk_1", "pm_card_authenticationRequired")
    (card,) = await kept(till)
    payment = await till.opened(ref="chk_2")
    assert await tap(till, payment, card.id) == methods.Tapped(PaymentState.OPEN, asks=True)
    await till.answer(payment, "refuse")
    await till.settle()
    assert await tap(till, payment, card.id, key="t2") == methods.Tapped(
        PaymentState.OPEN, asks=True
    )
    await till.answer(payment, "approve")
    await till.settle(later=2)
    assert (await till.payment(payment.id)).state is PaymentState.CAPTURED


async def bought_by_challenge(till: Till, ref: str, method: str) -> None:
    payment = await till.opened(ref=ref)
    await keep(till, payment)
    await till.pay(payment, method)
    await till.answer(payment, "approve")
    await till.settle(later=2)


async def test_a_card_that_asks_at_first_only_pays_in_one_tap(till: Till) -> None:
    await bought_by_challenge(till, "chk_1", "pm_card_authenticationRequiredOnSetup")
    (card,) = await kept(till)
    payment = await till.opened(ref="chk_2")
    assert await tap(till, payment, card.id) == methods.Tapped(PaymentState.CAPTURED, False)


async def test_a_declined_tap_is_told_and_leaves_the_payment_open(till: Till) -> None:
    await bought(till, "chk_1")
    (card,) = await kept(till)
    async with till.sandbox.work() as work:
        method = await work.get("payment_method", card.provider_id, lock=True)
        method.hidden["number"] = "4000000000009995"  # the account has been emptied
        await work.put(method)
    payment = await till.opened(ref="chk_2")
    with pytest.raises(Declined) as told:
        await tap(till, payment, card.id)
    assert told.value.facts["reason"] == "insufficient_funds"
    await till.settle()
    after = await till.payment(payment.id)
    assert (after.state, after.failure) == (PaymentState.OPEN, "insufficient_funds")


@pytest.mark.parametrize("what", [What.FAIL_AFTER, What.LOSE_AFTER, What.LOSE_BEFORE])
async def test_a_tap_whose_answer_is_lost_charges_once(till: Till, what: What) -> None:
    await bought(till, "chk_1")
    (card,) = await kept(till)
    payment = await till.opened(ref="chk_2")
    await till.fault(what, "payment_intents.confirm")
    with pytest.raises(OutcomeUnknown):
        await tap(till, payment, card.id)
    assert await tap(till, payment, card.id) == methods.Tapped(PaymentState.CAPTURED, False)
    await till.settle(later=2)
    paid = [
        c for c in await till.stripe("charge") if c["payment_intent"] == payment.provider_id
    ]
    assert [c["paid"] for c in paid] == [True]


async def test_two_taps_at_once_charge_once(till: Till) -> None:
    await bought(till, "chk_1")
    (card,) = await kept(till)
    payment = await till.opened(ref="chk_2")
    await tap(till, payment, card.id)
    assert await tap(till, payment, card.id, key="t2") == methods.Tapped(
        PaymentState.CAPTURED, False
    )
    found = await till.payments.look(payment.provider_id or "")
    assert found.state is There.CAPTURED
    assert len([c for c in await till.stripe("charge") if c["paid"]]) == 2


async def paid_of(till: Till, payment: Payment) -> int:
    """How often it was paid."""
    charges = await till.stripe("charge")
    return sum(c["paid"] and c["payment_intent"] == payment.provider_id for c in charges)


@pytest.mark.parametrize("first", [True, False])
async def test_of_many_taps_at_once_one_pays_and_all_hear_of_it(
    till: Till, first: bool
) -> None:
    await bought(till, "chk_1")
    (card,) = await kept(till)
    payment = await till.opened(ref="chk_2")
    if not first:  # the provider knows already whose it is
        await keep(till, payment)
    taps = [tap(till, payment, card.id, key=f"t{n}") for n in range(6)]
    heard = await asyncio.gather(*taps)
    assert set(heard) == {methods.Tapped(PaymentState.CAPTURED, False)}
    await till.settle(later=2)
    assert await paid_of(till, payment) == 1


async def test_twin_that_takes_the_refusal_for_the_answer_hears_of_none(till: Till) -> None:
    """The same taps, sent as they are: who was slower is refused, though it is paid."""
    await bought(till, "chk_1")
    (card,) = await kept(till)
    payment = await till.opened(ref="chk_2")
    await keep(till, payment)

    async def unguarded(n: int) -> ProviderPayment:
        number = payment.provider_id or ""
        want = WantedTap(f"{n}", number, card.provider_id, "http://shop.test/checkout/1")
        return await till.payments.tap(want)

    heard = await asyncio.gather(*(unguarded(n) for n in range(6)), return_exceptions=True)
    refused = [each for each in heard if isinstance(each, Refused)]
    assert {each.facts["reason"] for each in refused} == {"payment_intent_unexpected_state"}
    assert (len(refused), await paid_of(till, payment)) == (5, 1)


async def test_of_many_taps_that_the_bank_asks_about_all_hear_that_it_asks(till: Till) -> None:
    await bought_by_challenge(till, "chk_1", "pm_card_authenticationRequired")
    (card,) = await kept(till)
    payment = await till.opened(ref="chk_2")
    taps = [tap(till, payment, card.id, key=f"t{n}") for n in range(3)]
    assert set(await asyncio.gather(*taps)) == {methods.Tapped(PaymentState.OPEN, True)}


async def test_a_tap_on_what_is_cancelled_meanwhile_is_refused(till: Till) -> None:
    await bought(till, "chk_1")
    (card,) = await kept(till)
    payment = await till.opened(ref="chk_2")
    await till.payments.cancel(payment.provider_id or "")  # and we have not heard of it
    with pytest.raises(NotOpen):
        await tap(till, payment, card.id)
    assert await paid_of(till, payment) == 0


async def test_what_was_given_up_is_not_tapped(till: Till) -> None:
    await bought(till, "chk_1")
    (card,) = await kept(till)
    payment = await till.opened(ref="chk_2")
    await intents.cancel_with_provider(till.db, till.payments, "chk_2", now=clock.utcnow())
    with pytest.raises(NotOpen):
        await tap(till, payment, card.id)
    with pytest.raises(NotOpen):
        await keep(till, payment)


async def test_a_card_let_go_is_gone_everywhere(till: Till) -> None:
    await bought(till, "chk_1")
    (card,) = await kept(till)
    async with till.db.begin() as tx:
        with pytest.raises(NoSuchMethod):
            await methods.forget(tx, card.id, owner=BERT, now=clock.utcnow())
        await methods.forget(tx, card.id, owner=ANNA, now=clock.utcnow())
    assert await kept(till) == []
    payment = await till.opened(ref="chk_2")
    with pytest.raises(NoSuchMethod):
        await tap(till, payment, card.id)
    (there,) = [m for m in await till.stripe("payment_method") if m["id"] == card.provider_id]
    assert there["customer"] is None
    assert await state_of(till, card.id) is MethodState.GONE


async def test_the_janitor_lets_go_what_a_job_could_not(till: Till) -> None:
    await bought(till, "chk_1")
    (card,) = await kept(till)
    async with till.db.begin() as tx:
        await methods.forget(tx, card.id, owner=ANNA, now=clock.utcnow())
    await till.fault(What.FAIL_AFTER, "payment_methods.detach")
    with pytest.raises(OutcomeUnknown):
        await methods.let_go(till.db, till.payments, card.id, now=clock.utcnow())
    later = clock.utcnow() + timedelta(minutes=3)
    assert await janitor.ask_again(till.db, till.payments, now=later) == 1
    assert await state_of(till, card.id) is MethodState.GONE


async def test_messages_may_come_backwards_or_not_at_all(till: Till) -> None:
    await bought(till, "chk_1")
    (card,) = await kept(till)
    said = [e for e in await till.stripe("event") if e["type"] == "payment_method.attached"]
    async with till.db.begin() as tx:
        await methods.forget(tx, card.id, owner=ANNA, now=clock.utcnow())
    await till.settle()
    # Told again what was true before, it stays gone.
    async with till.sandbox.work() as work:
        await work.tell("payment_method.attached", said[0]["data"]["object"])
    await till.settle()
    assert await kept(till) == []
    assert await state_of(till, card.id) is MethodState.GONE
    # Gone before it was ever heard of, it is never kept; what got lost is asked for.
    await till.webhooks(drop=100)
    await bought(till, "chk_2", "pm_card_mastercard")
    assert await kept(till) == []
    await till.webhooks()
    await janitor.listen_again(till.db, till.payments, now=clock.utcnow())
    await till.settle()
    assert [one.brand for one in await kept(till)] == ["mastercard"]


async def test_gone_before_it_was_heard_of(till: Till) -> None:
    await till.webhooks(drop=100)
    await bought(till, "chk_1")
    said = {e["type"]: e["data"]["object"] for e in await till.stripe("event")}
    attached = said["payment_method.attached"]
    await till.webhooks()
    async with till.sandbox.work() as work:
        await work.tell("payment_method.detached", {**attached, "customer": None})
    await till.settle()
    async with till.sandbox.work() as work:
        await work.tell("payment_method.attached", attached)
    await till.settle()
    assert await kept(till) == []


async def test_the_same_card_kept_twice_is_shown_once(till: Till) -> None:
    await bought(till, "chk_1")
    (first,) = await kept(till)
    await bought(till, "chk_2")
    (second,) = await kept(till)
    assert second.provider_id != first.provider_id
    await till.settle()
    assert await state_of(till, first.id) is MethodState.GONE


async def state_of(till: Till, method: str) -> MethodState:
    async with till.db.begin() as tx:
        return (await tx.get_one(SavedMethod, method, populate_existing=True)).state
