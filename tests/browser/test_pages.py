"""Every page on both screens and in both languages: whole, quiet, readable by everybody."""

import asyncio
import re
from dataclasses import dataclass

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, ViewportSize, expect

from tests.browser import windows
from tests.browser.story import Aired
from tests.browser.windows import DESK, PHONE, Opened, Window
from tests.people import Centre, Show

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
AXE = """async (options) => {
  for (const one of document.getAnimations()) // a colour on its way has no contrast to judge
    if (one instanceof CSSTransition) one.finish();
  const told = await axe.run({ ...options, resultTypes: ['violations'] });
  return told.violations
    .filter((found) => ['serious', 'critical'].includes(found.impact))
    .map((found) => `${found.id}: ${found.nodes[0].html.slice(0, 160)}`);
}"""
UNTOLD = re.compile(r"\bundefined\b|\bNaN\b|\[object |Invalid Date")

# Every text that can be seen or heard, but for what people have written themselves: chat,
# names of persons, texts of the other language on its switch, the API's own samples.
TEXTS = """() => {
  const data = '[lang]:not(html), [data-testid=chat-log], [data-testid=console-chat],'
    + ' [data-testid=mail-list], [data-testid=mail-open], header .truncate, address, pre, code,'
    + ' [data-testid=consignment], select, input';
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    const text = walk.currentNode.data.trim();
    if (text && !at.closest('script, style, noscript') && !at.closest(data)) found.push(text);
  }
  for (const at of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
    if (at.closest(data)) continue;
    for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
      if (at.getAttribute(name)) found.push(at.getAttribute(name));
  }
  found.push(document.title);
  return found;
}"""
CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Seen:
    """A page, who looks at it, and what shows that it is there."""

    path: str
    there: str
    who: str = ""
    searched: str = ""  # what is typed where there is too much to look at


def pages(on_air: Show, aired: Aired) -> list[Seen]:
    live, over = on_air.live, aired.show.live
    return [
        Seen("/", "main h1"),
        Seen("/sign-in", '[data-testid="sign-in-form"]'),
        Seen("/docs", "main h2", searched="/v1/checkouts"),
        Seen(f"/live/{live}", '[data-testid="live-tag"]'),
        Seen(f"/live/{over}", '[data-testid="chapters"] button'),
        Seen("/console", '[data-testid="session-row"]', "host"),
        Seen(f"/console/{live}", '[data-testid="state-pill"]', "host"),
        Seen("/roster", '[data-testid="roster-row"]', "host"),
        Seen("/products", '[data-testid="product-row"]', "owner"),
        Seen("/products/new", '[data-testid="variant-row"]', "owner"),
        Seen("/stock", '[data-testid="stock-row"]', "owner"),
        Seen("/imports", '[data-testid="sheet-file"] >> xpath=..', "owner"),
        Seen(f"/live/{over}/chain", '[data-testid="node-order"]', "operator"),
        Seen("/peers/mail", "main h1", "operator"),
        Seen(f"/orders/{aired.orders[0]}", '[data-testid="order-goods"]', "buyer"),
        Seen(f"/orders/{aired.orders[1]}", '[data-testid="ship-form"]', "assistant"),
        Seen("/orders", '[data-testid="order-row"]', "buyer"),
        Seen("/cart", "main h1", "buyer"),
        Seen("/account/addresses", "main h1", "buyer"),
        Seen("/account/payment-methods", "main h1", "host"),
        Seen("/messages", "main h1", "assistant"),
        Seen("/receipt", '[data-testid="link-bad"]'),
        Seen("/desk", '[data-testid="desk-row"]', "assistant"),
        Seen(f"/checkout/{aired.checkout}", '[data-testid="quote"]', "buyer"),
    ]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("size", "lang", "audited"),
    [(PHONE, "zh-CN", True), (PHONE, "en", False), (DESK, "en", True)],
    ids=["phone-zh-CN", "phone-en", "desk-en"],
)
async def test_every_page(
    window: Opened,
    centre: Centre,
    on_air: Show,
    aired: Aired,
    size: ViewportSize,
    lang: str,
    audited: bool,
) -> None:
    """In both languages and sizes; English, which runs longer, in both of these."""
    seen = pages(on_air, aired)

    async def looked(who: str) -> list[str]:
        own = await window(size=size, lang=lang)
        if who == "buyer":
            await own.carry(aired.buyer)
        elif who:
            await own.sign_in(centre, who)
        return [
            fault
            for page in seen
            if page.who == who
            for fault in await faults_of(own, page, size, lang, audited=audited)
        ]

    people = dict.fromkeys(page.who for page in seen)
    found = await asyncio.gather(*map(looked, people))
    assert [fault for faults in found for fault in faults] == []


async def faults_of(
    window: Window, seen: Seen, size: ViewportSize, lang: str, *, audited: bool
) -> list[str]:
    """What is wrong with the page, a line each."""
    await window.go(seen.path)
    await expect(window.page.locator(seen.there).first).to_be_visible(timeout=60_000)
    await expect(window.page.locator("main .loading-dots")).to_have_count(0)
    if seen.searched:
        await window.page.get_by_role("searchbox").fill(seen.searched)
    page, faults = window.page, []
    if (told := await page.evaluate("document.documentElement.lang")) != lang:
        faults.append(f"html[lang] is {told}")
    wide = await page.evaluate("document.scrollingElement.scrollWidth")
    if wide > size["width"]:
        faults.append(f"scrolls sideways to {wide}")
    texts: list[str] = await page.evaluate(TEXTS)
    faults += [f"untold: {text!r}" for text in texts if UNTOLD.search(text)]
    if lang == "en":
        faults += [f"not English: {text!r}" for text in texts if CHINESE.search(text)]
    faults += await serious(window) if audited else []
    return [f"{seen.path} ({seen.who or 'guest'}): {fault}" for fault in faults]


async def serious(window: Window) -> list[str]:
    """What axe finds that keeps people out; only that crosses over to us."""
    await window.page.evaluate(Axe().axe_script)
    found: list[str] = await window.page.evaluate(AXE, {"runOnly": RULES})
    return [f"axe {fault}" for fault in found]


async def test_the_policy_is_sent_and_lets_the_picture_through(
    window: Opened, on_air: Show
) -> None:
    guest = await window(size=PHONE)
    answer = await guest.page.goto(f"{guest.url}/live/{on_air.live}")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    told = await windows.playing(guest)
    assert told["width"] == 360
    # And it is in force: a script of somebody else's making does not run.
    guest.may_say("violates the following Content Security Policy")
    ran = await guest.page.locator("body").evaluate(
        """body => { const script = document.createElement('script');
             script.textContent = 'window.ran = true'; body.append(script);
             return window.ran === true }"""
    )
    assert ran is False


async def test_the_buy_sheet_by_keyboard(window: Opened, on_air: Show) -> None:
    guest = await window(size=DESK, touch=False)
    await guest.go(f"/live/{on_air.live}")
    buy = guest.at("shelf-buy").first
    await buy.focus()
    await guest.page.keyboard.press("Enter")
    sheet = guest.at("pick-sheet")
    await expect(sheet).to_be_visible()
    assert await serious(guest) == []
    for _ in range(30):  # once around, and still inside
        await guest.page.keyboard.press("Tab")
        assert await inside(sheet)
    await guest.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(buy).to_be_focused()


async def inside(sheet: Locator) -> bool:
    """Whether focus is in there, or with the browser itself."""
    told: bool = await sheet.evaluate(
        "node => [node, document.body].some((one) => one === document.activeElement)"
        " || node.contains(document.activeElement)"
    )
    return told


async def test_a_slot_is_booked_by_keyboard(window: Opened, centre: Centre) -> None:
    host = await window(size=DESK, touch=False)
    await host.sign_in(centre, "host")
    await host.go("/roster")
    await expect(host.at("roster-row").first).to_be_visible()
    await host.at("next-day").focus()
    for _ in range(3):
        await host.page.keyboard.press("Enter")
    await host.at("booking-form").locator('[name="studio"]').focus()
    await host.page.keyboard.type("Spruce")
    await host.page.keyboard.press("Tab")
    await tabbed_to(host, host.at("book"))
    await host.page.keyboard.press("Enter")
    await expect(host.at("booked")).to_contain_text("Spruce Studio")
    booking = await host.at("booked").get_attribute("data-booking")
    bar = host.page.locator(f'[data-testid="booking-bar"][data-booking="{booking}"]').first
    await bar.focus()
    await host.page.keyboard.press("Enter")
    sheet = host.at("booking-sheet")
    await expect(host.at("cancel-booking")).to_be_visible()
    await host.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(bar).to_be_focused()


async def tabbed_to(window: Window, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    for _ in range(60):
        if await wanted.evaluate("node => node === document.activeElement"):
            return
        await window.page.keyboard.press("Tab")
    raise AssertionError("never came to it")
