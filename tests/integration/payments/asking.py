"""Asks the sandbox as a server does: with the secret key, over plain HTTP."""

from typing import Any

from aiohttp import ClientResponse

from tests.integration.payments.conftest import SECRET, Till

CREATE = {"amount": "12000", "currency": "eur", "automatic_payment_methods[enabled]": "true"}


async def call(
    till: Till, path: str, form: dict[str, str] | None = None, *, key: str = "", **more: str
) -> tuple[int, dict[str, Any], ClientResponse]:
    """A request with the secret key; a form makes it a POST."""
    headers = {"Authorization": f"Bearer {SECRET}", **more}
    if key:
        headers["Idempotency-Key"] = key
    method = "GET" if form is None else "POST"
    async with till.http.request(method, till.url + path, data=form, headers=headers) as answer:
        return answer.status, await answer.json(), answer


async def created(till: Till, **more: str) -> dict[str, Any]:
    status, body, _ = await call(till, "/v1/payment_intents", CREATE | more)
    assert status == 200, body
    return body


async def confirm(
    till: Till, intent: dict[str, Any], method: str
) -> tuple[int, dict[str, Any]]:
    form = {"payment_method": method, "return_url": "http://shop.test"}
    status, body, _ = await call(till, f"/v1/payment_intents/{intent['id']}/confirm", form)
    return status, body


async def refund(till: Till, intent: dict[str, Any], **more: str) -> tuple[int, dict[str, Any]]:
    status, body, _ = await call(till, "/v1/refunds", {"payment_intent": intent["id"], **more})
    return status, body
