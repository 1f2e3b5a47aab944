"""The payment provider's side: what it has said, said again by us, late, twice or wrongly.

It talks to the sandbox with the secret key, as the provider's own people would; the product
meanwhile uses the official library.
"""

import hashlib
import hmac
import time
from typing import Any

import aiohttp
import orjson

from tests.product import Product

_KEY = "sk_test_sandbox"


class Provider:
    """Whoever holds the secret key and the webhook's secret."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._secret = "whsec_" + (product.folder / "webhook-secret").read_text()

    async def address(self) -> str:
        """Where the sandbox listens: one of the peers' ports answers to its key."""
        peers = self._product.relative("livecommerce.peers")
        ports = {c.laddr.port for c in peers.net_connections("tcp") if c.status == "LISTEN"}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as http:
            for port in sorted(ports):
                url = f"http://127.0.0.1:{port}"
                try:
                    async with http.get(f"{url}/admin/state", headers=_trusted()) as answer:
                        if answer.status == 200:
                            return url
                except (aiohttp.ClientError, TimeoutError):
                    continue
        raise AssertionError(f"no sandbox on {ports}")

    async def switch(self, **webhooks: Any) -> None:
        """How webhooks go from now on; nothing named is as usual."""
        url = f"{await self.address()}/admin/switches"
        async with (
            aiohttp.ClientSession() as http,
            http.post(url, json={"webhooks": webhooks}, headers=_trusted()) as answer,
        ):
            assert answer.status == 200, await answer.text()

    async def intent(self, payment: dict[str, Any]) -> dict[str, Any]:
        """The payment intent as the provider sees it."""
        number = payment["client_secret"].partition("_secret_")[0]
        return await self._get(f"/v1/payment_intents/{number}")

    async def said_about(self, intent: str) -> list[dict[str, Any]]:
        """Every event about the intent, oldest first."""
        told = await self._get("/v1/events?limit=100")
        about = [e for e in told["data"] if intent in orjson.dumps(e).decode()]
        return sorted(about, key=lambda event: (event["created"], event["id"]))

    async def refunds_of(self, intent: str) -> list[dict[str, Any]]:
        """What was given back."""
        found: list[dict[str, Any]] = (
            await self._get(f"/v1/refunds?payment_intent={intent}&limit=100")
        )["data"]
        return found

    async def give_back(self, intent: str) -> None:
        """All of it, at the provider's own desk."""
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                f"{await self.address()}/v1/refunds",
                data={"payment_intent": intent},
                headers=_trusted(),
            ) as answer,
        ):
            assert answer.status == 200, await answer.text()

    def event(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """Something that the provider might say."""
        return {
            "id": f"evt_{hashlib.sha256(orjson.dumps([kind, body])).hexdigest()[:24]}",
            "object": "event",
            "type": kind,
            "livemode": False,
            "created": int(time.time()),
            "data": {"object": body},
        }

    async def say(
        self,
        event: dict[str, Any],
        *,
        at: float | None = None,
        secret: str | None = None,
        signature: str | None = None,
        change: bytes = b"",
    ) -> int:
        """Deliver it; the status of the answer.

        Args:
            at: when it was signed.
            secret, signature: another than the right one.
            change: appended after signing.
        """
        body = orjson.dumps(event)
        stamp = int(at if at is not None else time.time())
        key = (self._secret if secret is None else secret).encode()
        signed = hmac.new(key, b"%d.%s" % (stamp, body), hashlib.sha256).hexdigest()
        header = f"t={stamp},v1={signed}" if signature is None else signature
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                f"{self._product.url}/hooks/stripe",
                data=body + change,
                headers={"Stripe-Signature": header, "Content-Type": "application/json"},
            ) as answer,
        ):
            await answer.read()
            return answer.status

    async def _get(self, path: str) -> dict[str, Any]:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{await self.address()}{path}", headers=_trusted()) as answer,
        ):
            assert answer.status == 200, await answer.text()
            told: dict[str, Any] = await answer.json(content_type=None)
            return told


def _trusted() -> dict[str, str]:
    return {"Authorization": f"Bearer {_KEY}"}
