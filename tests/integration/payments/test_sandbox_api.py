"""The sandbox refuses what Stripe refuses, and can be made to misbehave like it."""

import asyncio
from typing import Any

import pytest
import stripe
from aiohttp import web

from payments.sandbox import SANDBOX, SandboxSettings, build_sandbox
from payments.sandbox.settings import API_VERSION, NotASandbox
from payments.sandbox.switches import What
from tests.integration.payments.asking import CREATE, call, confirm, created, refund
from tests.integration.payments.conftest import PUBLIC, SECRET, Till


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        ({"amount": "12.5"}, "parameter_invalid_integer", "amount"),
        ({"amount": ""}, "parameter_invalid_integer", "amount"),
        ({"amount": "-5"}, "parameter_invalid_integer", "amount"),
        ({"amount": "1"}, "amount_too_small", "amount"),
        ({"amount": "100000000"}, "amount_too_large", "amount"),
        ({"currency": "xyz"}, None, "currency"),
        ({"nonsense": "1"}, "parameter_unknown", "nonsense"),
        ({"capture_method": "never"}, None, "capture_method"),
        ({"shipping[name]": "x"}, "parameter_missing", "shipping[address]"),
        (
            {"payment_method_options[wechat_pay][client]": "fax"},
            None,
            "payment_method_options[wechat_pay][client]",
        ),
        (
            {"payment_method_types[0]": "card"},
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        ({"expand[0]": "nothing"}, None, "expand"),
        ({"metadata": "x"}, None, "metadata"),
        ({"amount[x]": "1"}, "parameter_invalid_integer", "amount"),
    ],
)
async def test_every_parameter_is_checked(
    till: Till, wrong: dict[str, str], code: str | None, param: str
) -> None:
    form = {k: v for k, v in CREATE.items() if f"{k}[x]" not in wrong} | wrong
    status, body, answer = await call(till, "/v1/payment_intents", form)
    assert status == 400, body
    assert (body["error"].get("code"), body["error"]["param"]) == (code, param)
    assert answer.headers["Request-Id"].startswith("req_")


async def test_a_missing_parameter_is_named(till: Till) -> None:
    _, body, _ = await call(till, "/v1/payment_intents", {"amount": "500"})
    assert body["error"]["code"] == "parameter_missing"
    assert body["error"]["param"] == "currency"


async def test_the_state_machine_refuses_what_stripe_refuses(till: Till) -> None:
    intent = await created(till)
    path = f"/v1/payment_intents/{intent['id']}"
    assert (await call(till, path + "/confirm", {"return_url": "http://x.test"}))[0] == 400
    assert (await call(till, path, {"amount": "500"}))[1]["amount"] == 500
    await confirm(till, intent, "pm_card_visa")
    for verb, form in (
        ("/confirm", {"payment_method": "pm_card_visa", "return_url": "http://x.test"}),
        ("/cancel", {}),
        ("", {"amount": "600"}),
    ):
        status, body, _ = await call(till, path + verb, form)
        assert (status, body["error"]["code"]) == (400, "payment_intent_unexpected_state")
    assert len(await till.stripe("charge")) == 1


async def test_confirming_twice_at_once_charges_once(till: Till) -> None:
    intent = await created(till)
    answers = await asyncio.gather(*(confirm(till, intent, "pm_card_visa") for _ in range(6)))
    assert sorted(status for status, _ in answers) == [200, 400, 400, 400, 400, 400]
    assert len(await till.stripe("charge")) == 1


async def test_a_server_must_say_where_to_return(till: Till) -> None:
    intent = await created(till)
    path = f"/v1/payment_intents/{intent['id']}/confirm"
    _, body, _ = await call(till, path, {"payment_method": "pm_card_visa"})
    assert body["error"]["param"] == "return_url"


async def test_live_keys_and_wrong_keys_are_refused(till: Till) -> None:
    for key in ("sk_live_1", "pk_live_1", "rk_live_1", "sk_test_other", ""):
        headers = {"Authorization": f"Bearer {key}"}
        async with till.http.get(till.url + "/v1/balance", headers=headers) as answer:
            assert answer.status == 401
            assert key not in await answer.text() or not key
    for strange in (
        {"secret_key": "sk_live_1"},
        {"publishable_key": "pk_live_1"},
        {"production": True},
        {"webhook_url": "http://x.test"},
    ):
        usual = {"database_url": "", "secret_key": SECRET, "publishable_key": PUBLIC}
        with pytest.raises(NotASandbox):
            SandboxSettings(**(usual | strange))
    assert SECRET not in repr(till.sandbox.settings)


async def test_a_page_may_only_pay_what_it_has_the_secret_of(till: Till) -> None:
    intent = await created(till)
    path = f"/v1/payment_intents/{intent['id']}"

    async def page(where: str, method: str = "GET", **form: str) -> tuple[int, dict[str, Any]]:
        form = {"key": PUBLIC, **form}
        sent = {"params": form} if method == "GET" else {"data": form}
        async with till.http.request(method, till.url + where, **sent) as answer:
            return answer.status, await answer.json()

    good = {"client_secret": intent["client_secret"]}
    for prefix in ("", "/sandbox"):
        assert (await page(prefix + path, **good))[0] == 200
        assert "metadata" not in (await page(prefix + path, **good))[1]
        assert (await page(prefix + path, client_secret="x"))[0] == 400
        assert (await page(prefix + path))[0] == 400
        assert (await page(prefix + path + "/cancel", "POST", **good))[0] == 403
        assert (await page(prefix + "/v1/balance"))[0] == 403
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with till.http.get(till.url + "/sandbox/v1/balance", headers=headers) as answer:
        assert answer.status == 403, "the secret key has no place under the shop's origin"


async def test_real_card_numbers_are_refused(till: Till) -> None:
    card = {"type": "card", "key": PUBLIC, "card[exp_month]": "12", "card[exp_year]": "34"}

    async def code(number: str, **more: str) -> str:
        form = card | {"card[number]": number} | more
        async with till.http.post(f"{till.url}/v1/payment_methods", data=form) as answer:
            body = await answer.json()
            return str(body.get("error", {}).get("decline_code") or body["error"]["code"])

    assert await code("4000000000000010") == "test_mode_live_card"
    assert await code("4242424242424241") == "incorrect_number"
    assert await code("4242424242424242", **{"card[exp_year]": "20"}) == "invalid_expiry_year"
    assert await code("4242424242424242", **{"card[exp_month]": "13"}) == "invalid_expiry_month"
    assert await code("4242424242424242", **{"card[cvc]": "1x"}) == "invalid_cvc"


async def test_lists_have_cursors(till: Till) -> None:
    made = [(await created(till))["id"] for _ in range(5)]
    _, first, _ = await call(till, "/v1/payment_intents?limit=2")
    assert [one["id"] for one in first["data"]] == made[:2:-1]
    assert first["has_more"]
    after = first["data"][-1]["id"]
    _, rest, _ = await call(till, f"/v1/payment_intents?limit=5&starting_after={after}")
    assert [one["id"] for one in rest["data"]] == made[2::-1]
    assert not rest["has_more"]
    assert (await call(till, "/v1/payment_intents?limit=0"))[0] == 400
    assert (await call(till, "/v1/payment_intents?starting_after=pi_x"))[0] == 404
    status, events, _ = await call(till, "/v1/events?type=payment_intent.created&limit=100")
    assert (status, len(events["data"])) == (200, 5)


async def test_what_it_does_not_know_it_says(till: Till) -> None:
    assert (await call(till, "/v1/payment_intents/pi_x"))[1]["error"][
        "code"
    ] == "resource_missing"
    assert (await call(till, "/v1/topups", {"amount": "1"}))[0] == 404
    old = await call(till, "/v1/balance", **{"Stripe-Version": "2020-01-01"})
    assert old[0] == 400
    async with till.http.post(
        f"{till.url}/v1/refunds",
        json={},
        headers={"Authorization": f"Bearer {SECRET}"},
    ) as answer:
        assert answer.status == 400


async def test_more_than_the_budget_is_told_to_wait(till: Till) -> None:
    till.sandbox._seen.clear()
    limited = SandboxSettings(
        database_url=till.sandbox.settings.database_url,
        secret_key=SECRET,
        publishable_key=PUBLIC,
        per_second=5,
        runs_itself=False,
    )
    till.sandbox.settings = limited
    answers = [(await call(till, "/v1/balance"))[0] for _ in range(8)]
    assert answers == [200] * 5 + [429] * 3
    assert (await call(till, "/v1/events"))[0] == 200, "each endpoint has its own"


async def test_a_message_that_is_not_taken_comes_again(till: Till) -> None:
    till.answers.clear()
    await till.webhooks(bad_signature=True)
    await created(till)
    await till.sandbox.settle()
    assert till.answers == [400]
    await till.webhooks()
    await till.sandbox.settle()
    assert till.answers == [400], "not before its pause is over"
    await till.sandbox.advance(1)
    await till.sandbox.settle()
    assert till.answers == [400, 200]


async def test_endpoints_made_through_the_library_are_told_and_told_their_secret_once(
    till: Till,
) -> None:
    hook = till.sandbox.settings.webhook_url
    form = {"url": hook, "enabled_events[0]": "payment_intent.created"}
    _, made, _ = await call(till, "/v1/webhook_endpoints", form)
    assert made["secret"].startswith("whsec_")
    _, seen, _ = await call(till, f"/v1/webhook_endpoints/{made['id']}")
    assert "secret" not in seen
    await created(till)
    await till.sandbox.settle()
    assert sorted(till.answers) == [200, 400], "the till does not know the new secret"


async def test_its_state_outlives_it(till: Till) -> None:
    intent = await created(till)
    await till.fault(What.BUSY, "refunds.create", times=3)
    await till.sandbox.advance(100)
    app = build_sandbox(till.sandbox.settings)
    runner = web.AppRunner(app)
    await runner.setup()
    second = app[SANDBOX]
    assert second.ahead == 100
    assert second.switches.faults[0].times == 3
    async with second.work() as work:
        assert (await work.get("payment_intent", intent["id"])).body["amount"] == 12_000
    assert len(await till.stripe("webhook_endpoint")) == 2, "the same two, not one more"
    await runner.cleanup()


async def test_the_switches_need_the_secret_key(till: Till) -> None:
    for path in ("switches", "clock", "settle"):
        async with till.http.post(f"{till.url}/admin/{path}", data=b"{}") as answer:
            assert answer.status == 401
        headers = {"Authorization": f"Bearer {PUBLIC}"}
        async with till.http.post(
            f"{till.url}/admin/{path}", data=b"{}", headers=headers
        ) as answer:
            assert answer.status == 403
    auth = {"Authorization": f"Bearer {SECRET}"}
    body = {"faults": [{"what": "busy"}]}
    async with till.http.post(f"{till.url}/admin/switches", json=body, headers=auth) as answer:
        assert answer.status == 200
    assert (await call(till, "/v1/balance"))[0] == 429
    for strange in ({"what": 1}, {"faults": [{"what": "explode"}]}):
        async with till.http.post(
            f"{till.url}/admin/switches", json=strange, headers=auth
        ) as answer:
            assert answer.status == 400


async def test_it_speaks_the_version_and_the_fields_of_the_library(till: Till) -> None:
    assert stripe.api_version == API_VERSION
    intent = await created(till)
    await confirm(till, intent, "pm_card_chargeDeclined")
    await confirm(till, intent, "pm_card_visa")
    await refund(till, intent, amount="100")
    await call(till, "/v1/customers", {"email": "a@example.test"})
    await till.sandbox.advance(5)
    await till.sandbox.settle()
    for kind, shape in {
        "payment_intent": stripe.PaymentIntent,
        "charge": stripe.Charge,
        "refund": stripe.Refund,
        "balance_transaction": stripe.BalanceTransaction,
        "payment_method": stripe.PaymentMethod,
        "customer": stripe.Customer,
        "event": stripe.Event,
        "webhook_endpoint": stripe.WebhookEndpoint,
    }.items():
        known = {
            name for part in shape.__mro__ for name in vars(part).get("__annotations__", ())
        }
        things = await till.stripe(kind)
        assert things, kind
        for body in things:
            assert set(body) <= known, f"{kind}: {set(body) - known}"


async def test_expand_gives_the_thing_instead_of_its_id(till: Till) -> None:
    intent = await created(till)
    await confirm(till, intent, "pm_card_visa")
    await till.sandbox.advance(5)
    await till.sandbox.settle()
    path = f"/v1/payment_intents/{intent['id']}?expand[]=latest_charge.balance_transaction"
    _, body, _ = await call(till, path)
    assert body["latest_charge"]["balance_transaction"]["fee"] == 558
    _, body, _ = await call(till, "/v1/charges?expand[]=data.payment_intent")
    assert body["data"][0]["payment_intent"]["id"] == intent["id"]
