"""A draw that anybody can check, a bundle, and a line for what was sold out, in Chromium."""

import pytest
from playwright.async_api import expect

from tests.browser.test_offers import row_of
from tests.browser.windows import DESK, PHONE, Opened, Window
from tests.people import Centre, Show


@pytest.mark.timeout(300)
async def test_what_a_host_plays_and_a_viewer_wishes(
    window: Opened, centre: Centre, on_air: Show
) -> None:
    desk = await window(size=DESK, lang="zh-CN")
    await desk.sign_in(centre, "assistant")
    await desk.go(f"/console/{on_air.live}")
    phone = await window(size=PHONE, lang="en")
    phone.may_say(r"404 .*/hls/")
    await phone.go(f"/live/{on_air.live}")

    await a_draw_is_won_and_checked(desk, phone)
    await two_of_a_kind_are_told_to_be_cheaper(desk, phone, on_air.cards[0]["id"])
    await who_waits_gets_the_next_piece(phone, centre, on_air)


async def a_draw_is_won_and_checked(desk: Window, phone: Window) -> None:
    await desk.at("view-offers").click()
    await desk.at("start-draw").click()
    await desk.at("draw-lasts").fill("30")
    await desk.at("offer-go").click()
    await expect(desk.at("draw-form")).to_have_count(0)
    await phone.at("promo-draw").click()
    await phone.at("enter-draw").click()
    await expect(phone.at("enter-draw")).to_be_disabled()
    await phone.at("draw-audit").locator("summary").click()
    await expect(phone.at("draw-winners")).to_be_visible(timeout=60_000)
    await expect(phone.at("draw-verified")).to_be_visible()
    form = phone.at("prize-form")
    for label, text in (
        ("Name", "Erika Mustermann"),
        ("Address", "Heidestraße 17, 51147 Köln"),
        ("Country", "de"),
        ("Phone", "+4922112345678"),
    ):
        await form.get_by_label(label, exact=False).fill(text)
    await form.get_by_role("button").click()
    await expect(form).to_have_count(0)
    await phone.at("sheet-close").click()


async def two_of_a_kind_are_told_to_be_cheaper(desk: Window, phone: Window, card: str) -> None:
    await desk.at("start-bundle").click()
    await desk.at("offer-go").click()
    await expect(desk.at("bundle-form")).to_have_count(0)
    await phone.at("bag").click()
    await phone.at("tab-all").click()
    note = row_of(phone, card).locator('[data-testid="bundle-note"]')
    await expect(note).to_contain_text("50%")


async def who_waits_gets_the_next_piece(phone: Window, centre: Centre, on_air: Show) -> None:
    """One variant of several is sold out; whoever waits for it is given the next piece."""
    card = on_air.cards[-1]
    chosen = max(card["variants"], key=lambda each: each["left"])["id"]
    async with centre.person("owner") as owner:
        product = await owner.get(f"/v1/products/{card['product']}")
        left = next(each["left"] for each in product["variants"] if each["id"] == chosen)
        path = f"/v1/variants/{chosen}/stock"
        await owner.post(path, {"change": -left, "reason": "counted"})
        await row_of(phone, card["id"]).locator('[data-testid="shelf-buy"]').click()
        missing = phone.at("sold-out-ones")
        await missing.locator("summary").click()
        await missing.locator('[data-testid="wait-for"]').first.click()
        await expect(missing.locator('[data-testid="waits"]')).to_be_visible()
        await owner.post(path, {"change": left, "reason": "counted"})
    await phone.page.get_by_role("button", name="Back").first.click()
    await phone.at("tab-mine").click()
    await expect(phone.at("hold-row")).to_have_count(1)
