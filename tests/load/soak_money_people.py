"""The people of the money soak: buyers who pay in every way, and staff who pay back, ship and
defend; all ask with the same key until they are answered, and remember what they were told."""

import asyncio
import random
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from livecommerce.demo.client import Browser, Unexpected
from tests import people
from tests.load.soak_money_parts import PUBLIC, Stage
from tests.people import COLOGNE, MAIL, Show

WAYS = {
    "card": ("pm_card_visa", ""),
    "three_d_secure": ("pm_card_authenticationRequired", "approve"),
    "alipay": ("alipay", "approve"),
    "wechat": ("wechat_pay", "approve"),
    "refund": ("pm_card_visa", ""),
    "partial_refund": ("pm_card_pendingRefund", ""),
    "transfer": ("pm_card_visa", ""),
    "dispute_won": ("pm_card_createDispute", ""),
    "dispute_lost": ("pm_card_createDispute", ""),
}
"""How each journey pays, and what the buyer tells their bank or wallet."""

SHIPPED = frozenset({"transfer", "card", "three_d_secure", "alipay", "wechat"})
"""Whose goods leave, so that their merchant is paid."""

CARRIER = "演示国际速递 Demo Express"


@dataclass(slots=True)
class Purchase:
    """What somebody was told of one purchase."""

    journey: str
    checkout: dict[str, Any]
    refunded: int = 0

    @property
    def payment(self) -> str:
        return str(self.checkout["payment"]["id"])

    @property
    def minor(self) -> int:
        return int(self.checkout["total"]["minor"])


@dataclass(slots=True)
class Memory:
    """Everything that was said to anybody."""

    paid: list[Purchase] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    transfers: int = 0
    wrong: list[str] = field(default_factory=list)


class Person:
    """Somebody before a browser who does not take silence for an answer."""

    def __init__(self, browser: Browser, memory: Memory) -> None:
        self.browser, self.memory = browser, memory

    async def insist(self, method: str, path: str, body: Any = None) -> Any:
        """Ask with the same key until it is answered."""
        headers = {"Idempotency-Key": secrets.token_hex(8)} if method != "GET" else {}
        more = {"json": body} if body is not None else {}
        while True:
            try:
                status, told = await people.ask(
                    self.browser, method, path, headers=headers, **more
                )
            except (aiohttp.ClientError, OSError, TimeoutError):
                self.memory.lost += 1
                await asyncio.sleep(0.2)
                continue
            self.memory.statuses[status] += 1
            if status < 300:
                return told
            if status not in {429, 503}:
                raise Unexpected(f"{method} {path}: {status} {told}")
            await asyncio.sleep(0.2)


class Buyer(Person):
    """Buys, one purchase after the other."""

    def __init__(
        self, browser: Browser, memory: Memory, stage: Stage, show: Show, chance: random.Random
    ) -> None:
        super().__init__(browser, memory)
        self.stage, self.show, self.chance = stage, show, chance

    async def buy(self, until: asyncio.Event, staff: "Staff", ways: list[str]) -> None:
        """Until told to stop; a purchase that was begun is brought to its end."""
        for n in range(10**6):
            await self.once(ways[n % len(ways)], staff)
            if until.is_set():
                return

    async def once(self, journey: str, staff: "Staff") -> None:
        """One purchase, to its end, and what comes after it."""
        checkout = await self._placed()
        path, tried = f"/v1/checkouts/{checkout['id']}", 0
        while checkout["state"] != "paid":
            payment = checkout["payment"]
            if checkout["state"] == "awaiting_payment" and payment["client_secret"]:
                if payment["state"] == "open" and not tried:
                    tried = await self._pay(journey, checkout)
            elif checkout["state"] in {"cancelled", "late_refunded"}:
                return  # it took longer than the time that people have
            await asyncio.sleep(0.15)
            checkout = await self.insist("GET", path)
        purchase = Purchase(journey, checkout)
        self.memory.paid.append(purchase)
        await staff.afterwards(purchase)

    async def _placed(self) -> dict[str, Any]:
        card = self.chance.randrange(len(self.show.cards))
        variant = self.chance.choice(self.show.cards[card]["variants"])["id"]
        item = {"card": self.show.cards[card]["id"], "variant": variant, "count": 1}
        path = f"/v1/live/{self.show.live}/claims"
        holds = (await self.insist("POST", path, {"items": [item]}))["holds"]
        want = {
            "holds": [hold["id"] for hold in holds],
            "destination": {"country": "DE", "postcode": COLOGNE["postcode"]},
            "currency": "EUR",
        }
        quoted = await self.insist("POST", "/v1/quotes", want)
        order = {"quote": quoted["id"], "address": COLOGNE, "email": MAIL}
        placed: dict[str, Any] = await self.insist("POST", "/v1/checkouts", order)
        return placed

    async def _pay(self, journey: str, checkout: dict[str, Any]) -> int:
        if journey == "one_tap":
            cards = await self.insist("GET", "/v1/payment-methods")
            if cards:
                path = f"/v1/checkouts/{checkout['id']}/tap"
                await self.insist("POST", path, {"method": cards[0]["id"]})
                return 1
            path = f"/v1/checkouts/{checkout['id']}/keeping"
            await self.insist("PUT", path, {"keep": True})
        method, answer = WAYS.get(journey, WAYS["card"])
        secret: str = checkout["payment"]["client_secret"]
        intent = secret.partition("_secret_")[0]
        form = {"key": PUBLIC, "client_secret": secret}
        if method.startswith("pm_"):
            form["payment_method"] = method
        else:
            form |= {"payment_method_data[type]": method, "return_url": "http://shop.test/"}
        base = self.stage.provider
        async with aiohttp.ClientSession() as http:
            url = f"{base}/sandbox/v1/payment_intents/{intent}/confirm"
            async with http.post(url, data=form) as told:
                assert told.status == 200, await told.text()
            if answer:
                form = {"client_secret": secret, "outcome": answer}
                url = f"{base}/sandbox/pay/{intent}/answer"
                async with http.post(url, data=form) as told:
                    assert told.status == 200, await told.text()
        return 1


class Staff:
    """Who pays back, ships and defends."""

    def __init__(self, finance: Person, assistant: Person) -> None:
        self.finance, self.assistant = finance, assistant

    async def afterwards(self, purchase: Purchase) -> None:
        """What the purchase's journey wants done after it is paid."""
        (order,) = purchase.checkout["orders"]
        if purchase.journey in {"refund", "partial_refund"}:
            share = 1 if purchase.journey == "refund" else 3
            minor = purchase.minor // share
            amount = {"minor": minor, "currency": "EUR"}
            want = {"amount": amount, "reason": "it does not fit"}
            await self.finance.insist("POST", f"/v1/orders/{order}/refunds", want)
            purchase.refunded = minor
        if purchase.journey in SHIPPED:
            lines = (await self.assistant.insist("GET", f"/v1/orders/{order}"))["lines"]
            weighs = sum(line["weight_g"] * line["count"] for line in lines) + 350
            want = {"carrier": CARRIER, "tracking": people.tracking(), "weight_g": weighs}
            await self.assistant.insist("POST", f"/v1/orders/{order}/consignments", want)

    async def defend(self, bought: list[Purchase]) -> None:
        """Every open dispute is answered, well or badly; again while that is not heard of."""
        journeys = {purchase.payment: purchase.journey for purchase in bought}
        for dispute in await self.finance.insist("GET", "/v1/disputes"):
            if dispute["state"] == "needs_answer":
                won = journeys.get(dispute["payment"]) == "dispute_won"
                words = "winning_evidence" if won else "losing_evidence"
                path = f"/v1/disputes/{dispute['id']}/answer"
                await self.finance.insist("POST", path, {"note": words, "submit": True})
