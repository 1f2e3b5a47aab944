"""A guest on a phone watches, talks, and buys what the host explains, under the real policy."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests import people
from tests.browser import story, windows
from tests.browser.windows import DESK, PHONE, Opened, Window
from tests.people import COLOGNE, MAIL, Centre, Show

DIMENSIONS = ("size", "colour", "fabric")


@pytest.mark.timeout(150)
async def test_what_is_explained_is_bought(
    window: Opened, centre: Centre, on_air: Show
) -> None:
    phone = await window(size=PHONE, lang="zh-CN", scale=2, moving=True)
    host = await window(size=DESK, lang="zh-CN")
    await host.sign_in(centre, "host")
    await host.go(f"/console/{on_air.live}")
    await phone.go(f"/live/{on_air.live}")

    await the_picture_moves_and_the_seller_is_named(phone)
    async with story.audience(centre, on_air.live):
        await they_talk(phone, host)
        await the_card_comes_with_the_picture(phone, host)
        await phone.picture("room-phone-zh")
        await host.picture("console-desktop-zh")
        await somebody_comes_in_later(window, on_air)

    card = host.at("console-card").first.locator('[data-testid="card-left"]')
    before = await _left(card)
    await a_variant_is_claimed(phone)
    await expect(card).to_contain_text(str(before - 1))
    await the_landed_cost_is_told(phone)
    await it_is_paid(phone)
    assert await _left(card) == before - 1
    await expect(host.at("sales-orders-value")).to_have_text(re.compile("[1-9]"))
    await expect(host.at("sales-revenue-value")).to_contain_text("¥")

    await phone.at("order-link").click()
    await expect(phone.at("order-steps", state="paid")).to_be_visible()
    await expect(phone.at("order-goods").locator("li")).to_have_count(1)
    await expect(phone.page.locator("html")).to_have_attribute("lang", "zh-CN")


async def the_picture_moves_and_the_seller_is_named(phone: Window) -> None:
    await expect(phone.at("seller-chip")).to_be_visible()
    await expect(phone.at("live-tag", state="live")).to_be_visible()
    told = await windows.playing(phone)
    assert told["dropped"] < 10 + told["frames"] // 5
    await expect(phone.at("viewers")).to_have_attribute("data-count", re.compile("[1-9]"))


async def they_talk(phone: Window, host: Window) -> None:
    await phone.at("chat-input").fill("机洗会缩水吗？")
    await phone.at("chat-send").click()
    asked = host.at("console-line").filter(has_text="机洗会缩水吗")
    await expect(asked).to_be_visible()
    answer = "不会，面料已经预缩，缩率在 2% 以内。"
    await host.at("chat-input").fill(answer)
    await host.page.keyboard.press("Enter")
    heard = phone.at("chat-line").filter(has_text=answer)
    await expect(heard).to_be_visible()
    await expect(heard).to_contain_text("主播")
    await expect(phone.at("chat-line").filter(has_text="机洗会缩水吗")).to_have_count(1)
    # Their own line carries the badge that everybody sees; nobody mutes themselves.
    own = host.at("console-line").filter(has_text=answer)
    await expect(own).to_contain_text("主播")
    await expect(own.locator('[data-testid="mute"]')).to_have_count(0)


async def the_card_comes_with_the_picture(phone: Window, host: Window) -> None:
    first = host.at("console-card").first
    number = await first.get_attribute("data-card")
    assert number is not None
    await first.locator('[data-testid="explain"]').click()
    await expect(first.locator('[data-testid="stop-explain"]')).to_be_visible()
    # The host is ahead of the picture; the card waits for it.
    await expect(phone.at("explain-card")).to_have_count(0, timeout=300)
    await expect(phone.at("explain-card", card=number)).to_be_visible(timeout=30_000)


async def somebody_comes_in_later(window: Opened, on_air: Show) -> None:
    # They see what was said, and what is being explained.
    desk = await window(size=DESK, lang="en")
    await desk.go(f"/live/{on_air.live}")
    await windows.playing(desk, seconds=0.5)
    await expect(desk.at("explain-card")).to_be_visible(timeout=30_000)
    await expect(desk.at("chat-line").first).to_be_visible()
    await desk.picture("room-desktop-en")
    await desk.page.close()


async def a_variant_is_claimed(phone: Window) -> None:
    await phone.at("card-buy").click()
    await expect(phone.at("claim")).to_be_disabled()
    for dimension in DIMENSIONS:
        options = phone.page.locator(f'[data-testid^="option-{dimension}-"]:enabled')
        assert await options.count() >= 2
        await options.first.click()
    await expect(phone.at("claim")).to_be_enabled()
    await phone.at("claim").click()
    held = phone.at("hold-row")
    await expect(held).to_have_count(1)
    await expect(held.locator('[data-testid="countdown"]')).to_contain_text(":")


async def the_landed_cost_is_told(phone: Window) -> None:
    await phone.at("to-checkout").click()
    await phone.fill("address-form", **COLOGNE, email=MAIL)
    await phone.at("get-quote").click()
    await expect(phone.at("quote")).to_be_visible()
    for kind in ("goods", "shipping", "duty", "tax"):
        await expect(phone.at(f"charge-{kind}").first).to_be_visible()
    await expect(phone.at("quote-total")).to_contain_text("€")
    # Whoever asks why, is told the dated rule and its source.
    tax = phone.at("charge-tax").first
    await tax.locator("summary").click()
    await expect(tax.locator("code")).to_be_visible()


async def it_is_paid(phone: Window) -> None:
    phone.may_say(r"40[02] .*/sandbox/")  # the declined card
    await phone.at("place").click()
    element = phone.page.frame_locator('[data-testid="pay-frame"]')
    await element.locator("[data-number='4000000000000002']").click()
    await element.locator("#pay").click()
    await expect(element.get_by_role("alert")).to_be_visible()
    await expect(phone.at("paid")).to_have_count(0)
    await element.locator("[data-number='4242424242424242']").click()
    await element.locator("#pay").click()
    await expect(phone.at("paid")).to_be_visible(timeout=30_000)


async def _left(card: Locator) -> int:
    told = re.search(r"\d+", await card.inner_text())
    assert told is not None
    return int(told[0])


async def test_somebody_signed_in_pays_as_a_guest_does(
    window: Opened, centre: Centre, on_air: Show
) -> None:
    async with centre.person("buyer") as anna:
        ready = await people.payable(anna, on_air, card=1)
    phone = await window(size=PHONE)
    await phone.sign_in(centre, "buyer")
    await phone.go(f"/checkout/{ready['id']}")
    await expect(phone.at("charge-goods")).not_to_contain_text("SKU")
    element = phone.page.frame_locator('[data-testid="pay-frame"]')
    await element.locator("[data-number='4242424242424242']").click()
    await element.locator("#pay").click()
    await expect(element.locator(".sign.succeeded")).to_be_visible(timeout=6_000)
