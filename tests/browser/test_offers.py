"""A flash price and an auction from the console to the room to an order, in two languages."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser.windows import DESK, PHONE, Opened, Window
from tests.people import COLOGNE, MAIL, Centre, Show

DIMENSIONS = ("size", "colour", "fabric")


@pytest.mark.timeout(420)
async def test_a_flash_price_and_an_auction_end_in_one_order(
    window: Opened, centre: Centre, on_air: Show
) -> None:
    desk = await window(size=DESK, lang="en")
    await desk.sign_in(centre, "assistant")
    await desk.go(f"/console/{on_air.live}")
    phone = await window(size=PHONE, lang="zh-CN")
    rival = await window(size=DESK, lang="en")
    for viewer in (phone, rival):
        viewer.may_say(r"404 .*/hls/")
        await viewer.go(f"/live/{on_air.live}")
    card = on_air.cards[1]["id"]

    await a_coupon_is_taken(desk, phone)
    await a_flash_price_is_bought(desk, phone, card)
    await an_auction_is_won(desk, phone, rival, card)
    await all_of_it_is_ordered(phone)


async def start(desk: Window, kind: str, card: str | None, **fields: str) -> None:
    await desk.at("view-offers").click()
    await desk.at(f"start-{kind}").click()
    if card is not None:
        await desk.at("offer-card").select_option(card)
    for name, value in fields.items():
        await desk.at(f"{kind}-{name}").fill(value)
    await desk.at("offer-go").click()
    await expect(desk.at(f"{kind}-form")).to_have_count(0)


async def a_coupon_is_taken(desk: Window, phone: Window) -> None:
    await start(desk, "coupon", None, off="10", least="50", stock="5", minutes="5")
    await expect(desk.at("plan-row")).to_be_visible()
    await phone.at("promo-coupon").click()
    await phone.at("take-coupon").click()
    await expect(phone.at("take-coupon")).to_be_disabled()
    await expect(phone.at("coupon-row")).to_contain_text("余 4 张")
    await phone.at("sheet-close").click()


def row_of(viewer: Window, card: str) -> Locator:
    return viewer.at("shelf-row", card=card)


async def a_flash_price_is_bought(desk: Window, phone: Window, card: str) -> None:
    await start(desk, "flash", card, percent="40", total="3", countdown="10", lasts="120")
    await phone.at("bag").click()
    await phone.at("tab-all").click()
    row = row_of(phone, card)
    await expect(row.locator('[data-testid="flash-line"][data-phase="coming"]')).to_be_visible()
    await expect(row.locator('[data-testid="flash-line"][data-phase="open"]')).to_be_visible()
    await expect(row.locator('[data-testid="flash-basis"]')).to_contain_text("30 天内最低价")
    await row.locator('[data-testid="shelf-buy"]').click()
    for dimension in DIMENSIONS:
        options = phone.page.locator(f'[data-testid^="option-{dimension}-"]:enabled')
        if await options.count():
            await options.first.click()
    await expect(phone.at("flash-price")).to_be_visible()
    await phone.picture("flash-phone-zh")
    await phone.at("claim").click()
    await expect(phone.at("hold-row")).to_have_count(1)
    await phone.at("sheet-close").click()
    await expect(desk.at("flash-row")).to_contain_text("2 of 3 left")
    await desk.picture("offers-desktop-en")
    await desk.at("flash-row").locator('[data-testid="offer-stop"]').click()
    await expect(desk.at("flash-row")).to_have_count(0)


async def an_auction_is_won(desk: Window, phone: Window, rival: Window, card: str) -> None:
    await start(desk, "auction", card, opening="10", lasts="20", counter="10")
    await expect(phone.at("auction", state="running")).to_be_visible()
    await phone.at("bid").click()
    await expect(phone.at("auction-standing", stands="leading")).to_be_visible()
    await expect(phone.at("bid")).to_be_disabled()
    await rival.at("bid").click()
    await expect(rival.at("auction-standing", stands="leading")).to_be_visible()
    await expect(phone.at("auction-standing", stands="outbid")).to_be_visible()
    await phone.picture("auction-phone-zh")
    await phone.at("bid-more").click()
    await phone.at("most").fill("60")
    await phone.at("bid-most").click()
    await expect(phone.at("auction-standing", stands="leading")).to_be_visible()
    await expect(phone.at("auction-won")).to_be_visible(timeout=40_000)
    await expect(rival.at("auction-over")).to_contain_text("Sold to")
    await expect(desk.at("auction-row")).to_contain_text("Sold to")


async def all_of_it_is_ordered(phone: Window) -> None:
    await phone.at("pay-won").click()
    await expect(phone.at("hold-row")).to_have_count(2)
    await phone.at("to-checkout").click()
    await phone.fill("address-form", **COLOGNE, email=MAIL)
    await phone.at("get-quote").click()
    for kind in ("flash", "auction", "coupon"):
        await expect(phone.at("quote-offer", kind=kind)).to_have_count(1)
    await phone.at("place").click()
    element = phone.page.frame_locator('[data-testid="pay-frame"]')
    await element.locator("[data-number='4242424242424242']").click()
    await element.locator("#pay").click()
    await expect(phone.at("paid")).to_be_visible(timeout=30_000)
    await phone.at("order-link").click()
    for kind in ("flash", "auction", "coupon"):
        await expect(phone.at("line-offer", kind=kind)).to_have_count(1)
