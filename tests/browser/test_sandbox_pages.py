"""Paying in the sandbox's element, in a real browser, on a phone's screen, in a frame."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from playwright.async_api import Page, async_playwright, expect

from livecommerce.embedded.server import Server
from livecommerce.kernel.money import Money
from payments.gateway import There, WantedPayment
from payments.sandbox import SandboxSettings, build_sandbox
from payments.stripe_gateway import StripeGateway
from tests import database

SECRET = "sk_test_browser"
FRAME = """<!doctype html><title>shop</title><iframe id=pay width=390 height=700></iframe>
<script>window.told = []; addEventListener("message", (e) => told.push(e.data));</script>"""


@pytest.fixture
async def sandbox(postgres: Server) -> AsyncIterator[str]:
    async def shop(_request: web.Request) -> web.Response:
        return web.Response(text=FRAME, content_type="text/html")

    async with database.clone(postgres) as url:
        app = build_sandbox(
            SandboxSettings(
                database_url=url,
                secret_key=SECRET,
                publishable_key="pk_test_browser",
                wallet_takes=0,
            )
        )
        app.router.add_get("/shop", shop)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        await runner.cleanup()


@pytest.fixture
async def gateway(sandbox: str) -> AsyncIterator[StripeGateway]:
    opened = StripeGateway(SECRET, base_url=sandbox)
    yield opened
    await opened.close()


@pytest.fixture
async def phone(chromium: str) -> AsyncIterator[Page]:
    """A page that fails the test when a script on it fails or the policy blocks something."""
    wrong: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda told: wrong.append(told.text) if "Security" in told.text else None,
        )
        yield page
        await browser.close()
    assert wrong == []


async def intent(gateway: StripeGateway) -> tuple[str, str]:
    made = await gateway.open(
        WantedPayment("k", Money(23_999, "EUR"), "Bedding set", {"payment": "pay_1"})
    )
    return made.id, f"/sandbox/pay/{made.id}?client_secret={made.client_secret}"


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_declined_then_confirmed_with_the_bank(
    sandbox: str, gateway: StripeGateway, phone: Page, lang: str
) -> None:
    id_, path = await intent(gateway)
    await phone.goto(f"{sandbox}{path}&lang={lang}")
    await expect(phone.locator(".ribbon")).to_be_visible()
    await phone.click("#pay")
    await expect(phone.get_by_role("alert")).to_be_visible()
    await phone.click("[data-number='4000000000000002']")
    await phone.click("#pay")
    declined = {"zh": "银行拒绝了这张卡。", "en": "Your card was declined."}[lang]
    await expect(phone.get_by_role("alert")).to_have_text(declined)
    await phone.click("[data-number='4000002500003155']")
    await phone.click("#pay")
    await phone.click("[data-outcome=approve]")
    await expect(phone.locator(".sign.succeeded")).to_be_visible()
    assert (await gateway.look(id_)).state is There.CAPTURED
    assert await phone.evaluate("document.documentElement.scrollWidth") == 390
    await phone.reload()
    await expect(phone.locator(".sign.succeeded")).to_be_visible()


async def test_a_wallet_and_the_way_back(
    sandbox: str, gateway: StripeGateway, phone: Page
) -> None:
    id_, path = await intent(gateway)
    await phone.goto(f"{sandbox}{path}&lang=en&return_url=/shop")
    await phone.get_by_label("WeChat Pay").check()
    await phone.click("#pay")
    await phone.click("[data-outcome=approve]")
    await phone.wait_for_url(f"{sandbox}/shop")
    assert (await gateway.look(id_)).state is There.CAPTURED


async def test_in_a_frame_it_tells_the_page_around_it(
    sandbox: str, gateway: StripeGateway, phone: Page
) -> None:
    """The secret is in the frame's fragment: no request and no log of addresses has it."""
    id_, path = await intent(gateway)
    path = path.replace("?client_secret", "?lang=en#client_secret")
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    await phone.goto(f"{sandbox}/shop")
    await phone.evaluate("(url) => { document.getElementById('pay').src = url }", path)
    frame = phone.frame_locator("#pay")
    await frame.locator("[data-number='4242424242424242']").click()
    await frame.locator("#pay").click()
    await expect(frame.locator(".sign.succeeded")).to_be_visible()
    told = await phone.evaluate("told")
    paid = {"source": "sandbox", "type": "payment", "intent": id_, "status": "succeeded"}
    assert paid in told
    busy = [message["busy"] for message in told if message["type"] == "busy"]
    assert busy[:2] == [True, False]
    assert any(message["type"] == "size" and message["height"] > 100 for message in told)
    assert "_secret_" not in str(told)
    documents = [address for address in asked if f"/sandbox/pay/{id_}" in address]
    assert [address.partition(" ")[0] for address in documents] == ["GET", "POST"]
    assert not any("_secret_" in address for address in documents[1:])
