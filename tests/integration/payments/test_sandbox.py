"""The sandbox behaves like Stripe: what public fakes get wrong, each as a test of its own."""

import asyncio

from tests.integration.payments.asking import CREATE, call, confirm, created, refund
from tests.integration.payments.conftest import Till


async def test_the_same_key_makes_one_intent_and_says_that_it_repeats(till: Till) -> None:
    _, first, fresh = await call(till, "/v1/payment_intents", CREATE, key="k")
    _, again, repeat = await call(till, "/v1/payment_intents", CREATE, key="k")
    assert first == again
    assert "Idempotent-Replayed" not in fresh.headers
    assert repeat.headers["Idempotent-Replayed"] == "true"
    assert len(await till.stripe("payment_intent")) == 1


async def test_the_same_key_confirms_and_charges_once(till: Till) -> None:
    intent = await created(till)
    path = f"/v1/payment_intents/{intent['id']}/confirm"
    form = {"payment_method": "pm_card_visa", "return_url": "http://shop.test"}
    answers = [await call(till, path, form, key="k") for _ in range(3)]
    assert {status for status, _, _ in answers} == {200}
    assert len(await till.stripe("charge")) == 1


async def test_the_same_key_with_other_parameters_is_an_error(till: Till) -> None:
    await call(till, "/v1/payment_intents", CREATE, key="k")
    status, body, _ = await call(till, "/v1/payment_intents", CREATE | {"amount": "1"}, key="k")
    assert (status, body["error"]["type"]) == (400, "idempotency_error")


async def test_the_same_key_twice_at_once_makes_one(till: Till) -> None:
    answers = await asyncio.gather(
        *(call(till, "/v1/payment_intents", CREATE, key="k") for _ in range(6))
    )
    assert {status for status, _, _ in answers} <= {200, 409}
    assert len(await till.stripe("payment_intent")) == 1


async def test_a_declined_confirm_is_remembered_and_a_wrong_parameter_is_not(
    till: Till,
) -> None:
    intent = await created(till)
    path = f"/v1/payment_intents/{intent['id']}/confirm"
    form = {"payment_method": "pm_card_chargeDeclined", "return_url": "http://shop.test"}
    first = await call(till, path, form, key="d")
    assert first[:2] == (await call(till, path, form, key="d"))[:2]
    assert len(await till.stripe("charge")) == 1
    wrong = await call(till, "/v1/payment_intents", CREATE | {"amount": "x"}, key="w")
    assert wrong[1]["error"]["code"] == "parameter_invalid_integer"
    right = await call(till, "/v1/payment_intents", CREATE, key="w")
    assert right[0] == 200


async def test_a_refund_of_the_rest_is_the_rest_and_then_there_is_none(till: Till) -> None:
    intent = await created(till)
    await confirm(till, intent, "pm_card_visa")
    assert (await refund(till, intent, amount="5000"))[1]["amount"] == 5000
    assert (await refund(till, intent))[1]["amount"] == 7000
    status, body = await refund(till, intent)
    assert (status, body["error"]["code"]) == (400, "charge_already_refunded")


async def test_two_refunds_at_once_add_up(till: Till) -> None:
    intent = await created(till)
    await confirm(till, intent, "pm_card_visa")
    answers = await asyncio.gather(*(refund(till, intent, amount="7000") for _ in range(4)))
    assert sorted(status for status, _ in answers) == [200, 400, 400, 400]
    (charge,) = await till.stripe("charge")
    assert (charge["amount_refunded"], charge["refunded"]) == (7000, False)


async def test_a_decline_card_is_declined(till: Till) -> None:
    intent = await created(till)
    status, body = await confirm(till, intent, "pm_card_chargeDeclined")
    assert (status, body["error"]["type"]) == (402, "card_error")
    assert body["error"]["payment_intent"]["status"] == "requires_payment_method"
    assert (await refund(till, intent))[0] == 400


async def test_fees_are_taken_and_the_balance_shows_it(till: Till) -> None:
    for method in ("pm_card_hk", "pm_card_visa"):  # at home, and from abroad
        await confirm(till, await created(till), method)
    await till.sandbox.advance(5)
    await till.sandbox.settle()
    lines = await till.stripe("balance_transaction")
    assert sorted(line["fee"] for line in lines) == [378, 558]
    assert all(line["net"] == line["amount"] - line["fee"] for line in lines)
    _, balance, _ = await call(till, "/v1/balance")
    assert [b["amount"] for b in balance["pending"]] == [24_000 - 378 - 558]
    await till.sandbox.advance(3 * 24 * 3600)
    _, balance, _ = await call(till, "/v1/balance")
    assert [b["amount"] for b in balance["available"]] == [24_000 - 378 - 558]


async def test_the_booking_is_missing_when_the_payment_succeeds(till: Till) -> None:
    intent = await created(till)
    await confirm(till, intent, "pm_card_visa")
    (charge,) = await till.stripe("charge")
    assert charge["balance_transaction"] is None
    await till.sandbox.advance(5)
    await till.sandbox.settle()
    kinds = [event["type"] for event in await till.stripe("event")]
    assert kinds.index("payment_intent.succeeded") < kinds.index("charge.updated")


async def test_charges_and_refunds_have_their_events(till: Till) -> None:
    intent = await created(till)
    await confirm(till, intent, "pm_card_chargeDeclined")
    await confirm(till, intent, "pm_card_visa")
    await refund(till, intent, amount="100")
    assert {event["type"] for event in await till.stripe("event")} == {
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "charge.failed",
        "charge.succeeded",
        "charge.refunded",
        "refund.created",
    }


async def test_automatic_payment_methods_are_by_currency(till: Till) -> None:
    assert (await created(till))["payment_method_types"] == ["card", "alipay", "wechat_pay"]
    body = await created(till, currency="brl")
    assert body["payment_method_types"] == ["card"]
    limited = await created(till, **{"allowed_payment_method_types[0]": "alipay"})
    assert limited["payment_method_types"] == ["alipay"]
