"""The sandbox's pages as an address bar or a stranger would ask for them."""

import re

import pytest

from payments.sandbox.switches import Switches
from tests.integration.payments.conftest import PUBLIC, SECRET, Till


async def page(till: Till, path: str, **headers: str) -> tuple[int, str]:
    async with till.http.get(till.url + path, headers=headers) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer", "the address has a secret"
        return answer.status, await answer.text()


async def test_the_element_shows_the_amount_in_both_languages(till: Till) -> None:
    payment = await till.opened()
    path = f"/sandbox/pay/{payment.provider_id}?client_secret={payment.client_secret}"
    for lang, word, ribbon in (("zh", "应付金额", "沙盒"), ("en", "Amount due", "SANDBOX")):
        status, text = await page(till, f"{path}&lang={lang}")
        assert status == 200
        assert word in text
        assert ribbon in text
        assert "EUR 120.00" in text
        assert PUBLIC in text
        assert SECRET not in text
    _, text = await page(till, path, **{"Accept-Language": "zh-CN,zh;q=0.9"})
    assert "应付金额" in text
    assert "{{" not in text


async def test_the_element_needs_the_clients_secret(till: Till) -> None:
    payment = await till.opened()
    path = f"/sandbox/pay/{payment.provider_id}"
    for wrong in (f"{path}?client_secret=x", "/sandbox/pay/pi_none?client_secret=x"):
        status, text = await page(till, wrong)
        assert status in {403, 404}
        assert "EUR 120.00" not in text
    for unsaid in (path, "/sandbox/pay/pi_none"):
        status, text = await page(till, unsaid)
        assert status == 200, "whether there is such a payment is not said either"
        assert "open.js" in text
        assert "EUR 120.00" not in text
    for secret, status in (("x", 403), ("", 403), (payment.client_secret or "", 200)):
        form = {"client_secret": secret}
        async with till.http.post(till.url + path, data=form) as answer:
            assert answer.status == status
            assert ("EUR 120.00" in await answer.text()) is (status == 200)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"]
)
async def test_the_element_sends_nobody_to_a_stranger(till: Till, elsewhere: str) -> None:
    payment = await till.opened()
    query = {"client_secret": payment.client_secret or "", "return_url": elsewhere}
    path = f"{till.url}/sandbox/pay/{payment.provider_id}"
    async with till.http.get(path, params=query) as answer:
        assert '"back":null' in await answer.text()
    query["return_url"] = "/checkout/chk_1?x=1"
    async with till.http.get(path, params=query) as answer:
        assert '"back":"/checkout/chk_1?x=1"' in await answer.text()


async def test_a_description_stays_text(till: Till) -> None:
    payment = await till.opened()
    auth = {"Authorization": f"Bearer {SECRET}"}
    form = {"description": "</script><script>alert('{{pay}}')</script>"}
    path = f"{till.url}/v1/payment_intents/{payment.provider_id}"
    async with till.http.post(path, data=form, headers=auth) as answer:
        assert answer.status == 200
    query = f"client_secret={payment.client_secret}"
    for address in (f"/sandbox/pay/{payment.provider_id}?{query}", "/sandbox/"):
        _, text = await page(till, address)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


async def test_answers_need_the_secret_and_a_question(till: Till) -> None:
    payment = await till.opened()
    early = await till.answer(payment, "approve")
    assert early["error"]["code"] == "payment_intent_unexpected_state"
    assert "error" in await till.answer(payment, "explode")
    await till.pay(payment, "alipay")
    payment.client_secret = "x"
    assert "error" in await till.answer(payment, "approve")
    (intent,) = await till.stripe("payment_intent")
    assert intent["status"] == "requires_action"


async def test_the_state_page_shows_what_happened_and_no_secret(till: Till) -> None:
    payment = await till.paid()
    refund = await till.refund(payment, 500)
    await till.settle()
    _, text = await page(till, "/sandbox/?lang=en")
    for part in (payment.provider_id, "EUR 5.00", "payment_intent.succeeded", "EUR 5.58"):
        assert str(part) in text
    assert refund not in text
    assert "_secret_" not in text
    assert SECRET not in text


async def test_switches_are_set_from_the_page_and_from_nowhere_else(till: Till) -> None:
    path = f"{till.url}/sandbox/switches"
    async with till.http.post(path, data={"preset": "w_drop"}) as answer:
        assert answer.status == 403
    _, text = await page(till, "/sandbox/")
    found = re.search(r"name=token value=([\w-]+)", text)
    assert found is not None
    form = {"preset": "w_drop", "token": found[1]}
    async with till.http.post(path, data=form, allow_redirects=False) as answer:
        assert answer.status == 303
    assert till.sandbox.switches.webhooks.drop == 1
    async with till.http.post(path, data=form | {"preset": "off"}) as answer:
        assert answer.status == 200
    assert till.sandbox.switches == Switches()


async def test_only_its_own_files_are_served(till: Till) -> None:
    for name in ("open.js", "pay.js", "state.js", "sandbox.css", "icon.svg"):
        async with till.http.get(f"{till.url}/sandbox/assets/{name}") as answer:
            assert answer.status == 200
    for name in ("pay.html", "..%2Fapp.py", "nothing.js"):
        async with till.http.get(f"{till.url}/sandbox/assets/{name}") as answer:
            assert answer.status == 404
