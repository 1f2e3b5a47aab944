"""A buyer keeps a card on the phone, pays with it in one tap in Chinese, answers the bank in
the element, gives one purchase up, and lets the card go on the page of kept cards."""

import re
import secrets
from datetime import timedelta

import pytest
from playwright.async_api import expect

from livecommerce.kernel.clock import utcnow
from tests import people
from tests.browser.windows import PHONE, TOO_SMALL, Opened, Window
from tests.people import Centre, Show


async def pay_in_the_element(phone: Window, number: str) -> None:
    element = phone.page.frame_locator('[data-testid="pay-frame"]')
    for field, typed in {"#number": number, "#expiry": "12 / 34", "#cvc": "123"}.items():
        await element.locator(field).fill(typed)
    await element.locator("#pay").click()


async def the_bank_says_yes(phone: Window) -> None:
    element = phone.page.frame_locator('[data-testid="pay-frame"]')
    await element.locator("[data-outcome='approve']").click()
    await expect(phone.at("paid")).to_be_visible()


async def it_is_given_up(phone: Window, checkout: str) -> None:
    """Not by one press: the page says first what becomes of the goods."""
    await phone.go(f"/checkout/{checkout}")
    await phone.at("give-up").click()
    await expect(phone.at("give-up-sure")).to_contain_text("重新上架")
    assert await phone.page.evaluate(TOO_SMALL) == []
    await phone.at("keep-paying").click()
    await expect(phone.at("pay-frame")).to_be_visible()
    await phone.at("give-up").click()
    await phone.at("give-up-surely").click()
    await expect(phone.at("pay-frame")).to_have_count(0)
    await expect(phone.at("not-paid")).to_be_visible()


async def a_show(centre: Centre) -> Show:
    async with centre.person("host") as host:
        starts = utcnow() + timedelta(days=6, minutes=secrets.randbelow(10_000))
        return await people.prepare(host, centre, at=starts, minutes=30, ready=False)


@pytest.mark.timeout(240)
async def test_a_card_is_kept_tapped_and_let_go(window: Opened, centre: Centre) -> None:
    show = await a_show(centre)
    phone = await window(size=PHONE, lang="zh-CN", scale=2)
    await phone.sign_in(centre, "buyer")
    async with centre.person("buyer") as buyer:
        first = await people.payable(buyer, show)
        await phone.go(f"/checkout/{first['id']}")
        await expect(phone.at("tap")).to_have_count(0)
        await phone.at("keep-card").check()
        await expect(phone.at("keep-card")).to_be_enabled()
        await pay_in_the_element(phone, "4242424242424242")
        await expect(phone.at("paid")).to_be_visible()

        second = await people.payable(buyer, show)
        await phone.go(f"/checkout/{second['id']}")
        await expect(phone.at("tap")).to_contain_text("Visa 尾号 4242")
        await phone.at("tap").click()
        await expect(phone.at("paid")).to_be_visible()

        third = await people.payable(buyer, show)
        await phone.go(f"/checkout/{third['id']}")
        await phone.at("keep-card").check()
        await expect(phone.at("keep-card")).to_be_enabled()
        await pay_in_the_element(phone, "4000002760003184")
        await expect(phone.at("under-way")).to_be_visible()  # the bank asks: no way out now
        await expect(phone.at("give-up")).to_have_count(0)
        await the_bank_says_yes(phone)

        fourth = await people.payable(buyer, show)
        await phone.go(f"/checkout/{fourth['id']}")
        await phone.at("tap").filter(has_text="3184").click()
        await expect(phone.at("bank-asks")).to_be_visible()
        await expect(phone.at("under-way")).to_be_visible()
        await the_bank_says_yes(phone)

        fifth = await people.payable(buyer, show)
        await it_is_given_up(phone, fifth["id"])
        await people.checkout_in(buyer, fifth["id"], "cancelled")

    desk = await window(lang="en")
    await desk.sign_in(centre, "buyer")
    await desk.go("/orders")
    await desk.at("cards-link").click()
    await expect(desk.at("kept-card")).to_have_count(2)
    await expect(desk.at("kept-card").first).to_contain_text(re.compile("Visa ending"))
    for left in (1, 0):
        await desk.at("forget-card").first.click()
        await expect(desk.at("kept-card")).to_have_count(left)
    await desk.page.reload()
    await expect(desk.page.get_by_text("No card is kept yet.")).to_be_visible()
