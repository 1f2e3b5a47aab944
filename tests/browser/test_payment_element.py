"""Paying by the provider's own element, on the checkout's page alone.

Stripe cannot be reached from here. A stand-in, served on loopback by the test and given to the
browser as the answer of Stripe's address, speaks as much of Stripe.js as the page uses; the
browser enforces the page's policy as if it came from there. Whether the real element behaves
alike is unproved.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Page, Route, async_playwright, expect

from livecommerce.app import build_app
from livecommerce.crossborder.rates import Rates
from livecommerce.kernel import ids
from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from livecommerce.kernel.wake import Wake
from livecommerce.resources import Resources
from livecommerce.settings import Settings
from livecommerce.web.keys import AUTHENTICATE
from livecommerce.web.principal import Kind, Principal
from payments import methods
from payments.gateway import ProviderMethod
from payments.tables_payers import Payer
from streams.realtime.hub import Hub
from streams.realtime.options import Options
from tests import shop
from tests.customs import DESK
from tests.purchases import Counter

KEY = "pk_test_element"

STAND_IN = """
window.Stripe = (key, { locale }) => ({
  elements: ({ clientSecret }) => {
    const heard = {};
    return {
      create: (kind) => ({
        on: (event, call) => { heard[event] = call; },
        mount: (at) => {
          const wrong = window.standIn?.mount;
          if (wrong) return setTimeout(() => heard.loaderror({ error: { type: wrong } }), 20);
          at.innerHTML = `<iframe title="${kind}" src="https://js.stripe.com/v3/frame"></iframe>`;
          at.dataset.told = JSON.stringify({ key, locale, clientSecret });
          setTimeout(() => heard.ready(), 20);
        },
        unmount: () => {},
      }),
      submit: async () => window.standIn?.submit ?? {},
    };
  },
  confirmPayment: async ({ confirmParams, redirect }) => {
    const asked = await fetch('https://api.stripe.com/v1/confirm', {
      method: 'POST', body: JSON.stringify({ ...confirmParams, redirect }),
    });
    return asked.json();
  },
  handleNextAction: async (about) => {
    const asked = await fetch('https://api.stripe.com/v1/confirm', {
      method: 'POST', body: JSON.stringify(about),
    });
    return asked.json();
  },
});
"""


@dataclass
class Provider:
    """What Stripe's addresses answer, and what they were asked."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    away: bool = False
    url: str = ""

    async def script(self, _request: web.Request) -> web.Response:
        """Stripe.js, as far as it goes here."""
        return web.Response(text=STAND_IN, content_type="text/javascript")

    async def frame(self, _request: web.Request) -> web.Response:
        """The card's fields."""
        return web.Response(text="<p>card</p>", content_type="text/html")

    async def confirm(self, request: web.Request) -> web.Response:
        """The next answer."""
        self.asked.append(await request.text())
        allowed = {"Access-Control-Allow-Origin": "*"}
        return web.json_response(self.answers.pop(0), headers=allowed)

    async def instead(self, route: Route) -> None:
        """Give the browser the stand-in's answer for Stripe's."""
        if self.away:
            await route.abort()
            return
        path = route.request.url.split("stripe.com", 1)[1]
        async with aiohttp.ClientSession() as http:
            method, body = route.request.method, route.request.post_data
            async with http.request(method, self.url + path, data=body) as told:
                headers = {k: v for k, v in told.headers.items() if k.startswith(("A", "C"))}
                headers.pop("Content-Length", None)
                await route.fulfill(status=told.status, headers=headers, body=await told.read())


async def served(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_get("/v3/", provider.script)
    app.router.add_get("/v3/frame", provider.frame)
    app.router.add_post("/v1/confirm", provider.confirm)
    runner, provider.url = await served(app)
    yield provider
    await runner.cleanup()


@pytest.fixture
def counter(db: Database) -> Counter:
    return Counter(db, utcnow())


@pytest.fixture
def buyer() -> Principal:
    return shop.buyer()


@pytest.fixture
async def shop_url(db: Database, counter: Counter, buyer: Principal) -> AsyncIterator[str]:
    """The web process with a publishable key, and no sandbox."""
    settings = Settings(stripe_publishable_key=KEY, secret="x" * 40)  # type: ignore[arg-type]

    def opened(_app: web.Application) -> Any:
        class Held:
            async def __aenter__(self) -> Resources:
                self.http = aiohttp.ClientSession()
                held = Resources(
                    settings=settings,
                    db=db,
                    http=self.http,
                    wake=Wake(),
                    gateway=Hub(Options()),
                    payments=counter.till,  # type: ignore[arg-type]
                    customs=None,  # type: ignore[arg-type]
                    mail=None,  # type: ignore[arg-type]
                )
                for part in (DESK, Rates()):
                    held.add(part)
                return held

            async def __aexit__(self, *_: object) -> None:
                await self.http.close()

        return Held()

    async def who(_request: web.Request, _db: Database) -> Principal:
        return buyer

    app = build_app(opened)
    app[AUTHENTICATE] = who
    runner, url = await served(app)
    yield url
    await runner.cleanup()


@pytest.fixture
async def checkout(counter: Counter, buyer: Principal) -> str:
    """A purchase that can be paid."""
    product = await shop.open_shop(counter.db, now=counter.now)
    placed = await counter.place(buyer, await counter.claim(product, buyer))
    await counter.drain()
    return placed


@pytest.fixture
def blocked() -> list[str]:
    """What the page's policy kept the browser from; empty at the end of a test."""
    return []


@pytest.fixture(params=["zh-CN", "en"])
async def phone(
    chromium: str, provider: Provider, request: pytest.FixtureRequest, blocked: list[str]
) -> AsyncIterator[Page]:
    """A page before which Stripe's addresses are the stand-in's. It fails the test when the
    policy blocks something that was needed."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        context = await browser.new_context(
            viewport={"width": 390, "height": 844}, locale=request.param
        )
        await context.route("https://*.stripe.com/**", provider.instead)
        page = await context.new_page()
        page.on(
            "console",
            lambda told: blocked.append(told.text) if "Security Policy" in told.text else None,
        )
        yield page
        await browser.close()
    assert blocked == []


async def test_declined_and_then_paid_by_the_providers_word(
    shop_url: str, provider: Provider, phone: Page, checkout: str, counter: Counter
) -> None:
    lang = await _lang(phone, shop_url, checkout)
    element = phone.get_by_test_id("stripe-element")
    await expect(element.locator("iframe")).to_be_visible()
    told = await element.locator("[data-told]").get_attribute("data-told")
    assert told is not None
    assert f'"key":"{KEY}"' in told
    assert f'"locale":"{lang}"' in told
    assert '"clientSecret":"secret"' in told
    # what Stripe says of a card it says in the page's language: it is shown as it is
    provider.answers = [
        {"error": {"type": "card_error", "code": "card_declined", "message": "Abgelehnt."}},
        {"error": {"type": "api_error"}},
        {"paymentIntent": {"id": "pi_1", "status": "requires_payment_method"}},
        {"paymentIntent": {"id": "pi_1", "status": "succeeded"}},
    ]
    because = phone.get_by_test_id("not-paid-because")
    sentence = {"zh": "没有支付成功", "en": "It was not paid"}[lang]
    for shown in ("Abgelehnt.", sentence, sentence):
        await phone.get_by_test_id("pay-now").click()
        await expect(because).to_contain_text(shown)
    await phone.get_by_test_id("pay-now").click()
    # the page believes nobody but us: it waits for the signed message
    await expect(phone.get_by_test_id("confirming")).to_be_visible()
    assert all(f"{shop_url}/checkout/{checkout}" in asked for asked in provider.asked)
    assert all('"redirect":"if_required"' in asked for asked in provider.asked)
    await counter.pay(checkout)
    await expect(phone.get_by_test_id("paid")).to_be_visible()
    assert await phone.evaluate("document.documentElement.scrollWidth") == 390


async def keeps_a_card(counter: Counter, buyer: Principal) -> None:
    """As if the buyer had kept one at an earlier purchase."""
    card = ProviderMethod("pm_1", "cus_1", "card", "visa", "4242", 12, 2034)
    async with counter.db.begin() as tx:
        tx.add(Payer(owner=buyer.id, provider_id="cus_1", wanted_at=counter.now))
        await tx.flush()
        await methods.apply(tx, card, now=counter.now)


class Known:
    """A buyer with an account."""

    @pytest.fixture
    def buyer(self) -> Principal:
        return Principal(id=ids.new("usr"), name="Anna", kind=Kind.PERSON)


class TestOneTap(Known):
    async def test_a_bank_asks_over_the_page_after_a_tap(
        self,
        shop_url: str,
        provider: Provider,
        phone: Page,
        checkout: str,
        counter: Counter,
        buyer: Principal,
    ) -> None:
        await keeps_a_card(counter, buyer)
        counter.till.bank_asks = True
        provider.answers = [
            {"error": {"type": "card_error", "message": "Abgelehnt."}},
            {"paymentIntent": {"id": "pi_1", "status": "succeeded"}},
        ]
        await _lang(phone, shop_url, checkout)
        await phone.get_by_test_id("tap").click()
        await expect(phone.get_by_test_id("toast")).to_contain_text("Abgelehnt.")
        await phone.get_by_test_id("tap").click()
        await expect(phone.get_by_test_id("confirming")).to_be_visible()
        assert provider.asked == ['{"clientSecret":"secret"}'] * 2
        await counter.pay(checkout)
        await expect(phone.get_by_test_id("paid")).to_be_visible()


async def test_a_script_that_does_not_come_is_said_and_asked_for_again(
    shop_url: str, provider: Provider, phone: Page, checkout: str
) -> None:
    provider.away = True
    lang = await _lang(phone, shop_url, checkout)
    again = phone.get_by_test_id("element-again")
    await expect(again).to_have_text({"zh": "重试", "en": "Try again"}[lang])
    provider.away = False
    await again.click()
    await expect(phone.get_by_test_id("stripe-element").locator("iframe")).to_be_visible()


async def test_the_way_back_from_a_wallet_leaves_no_secret_in_the_address(
    shop_url: str, phone: Page, checkout: str
) -> None:
    back = "payment_intent=pi_1&payment_intent_client_secret=secret&redirect_status=failed"
    lang = await _lang(phone, shop_url, f"{checkout}?{back}")
    sentence = {"zh": "没有支付成功", "en": "It was not paid"}[lang]
    await expect(phone.get_by_test_id("not-paid-because")).to_contain_text(sentence)
    assert phone.url == f"{shop_url}/checkout/{checkout}"


async def test_no_other_page_loads_anything_of_the_providers(
    shop_url: str, phone: Page, checkout: str, blocked: list[str]
) -> None:
    """And on that page nothing comes but from where Stripe.js does."""
    loaded = """(address) => new Promise((told) => {
      const script = document.createElement('script');
      script.src = address;
      script.onload = () => told(true);
      script.onerror = () => told(false);
      document.head.append(script);
    })"""
    address = "https://js.stripe.com/v3/"
    async with aiohttp.ClientSession() as http:
        for path in ("/", "/cart", "/orders"):
            async with http.get(shop_url + path) as answer:
                assert "stripe" not in answer.headers["Content-Security-Policy"]
    await phone.goto(f"{shop_url}/checkout/{checkout}")
    assert await phone.evaluate(loaded, address)
    for stranger in ("https://evil.stripe.com/v3/", "https://m.stripe.network/inner.js"):
        assert not await phone.evaluate(loaded, stranger)
    assert len(blocked) == 2
    blocked.clear()


async def _lang(phone: Page, shop_url: str, checkout: str) -> str:
    await phone.goto(f"{shop_url}/checkout/{checkout}")
    return (await phone.evaluate("document.documentElement.lang"))[:2]
