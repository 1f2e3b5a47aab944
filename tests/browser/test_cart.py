"""Somebody fills one cart from two merchants' rooms on two devices, in two languages; buys it
on the phone, finds the orders on the desk, and writes with the merchant."""

import re
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import expect

from livecommerce.kernel.clock import utcnow
from tests import people
from tests.browser.windows import DESK, PHONE, Opened, Window, until
from tests.people import COLOGNE, Centre, Show

MAILBOX = "anna.cart@example.org"


async def two_rooms(centre: Centre) -> list[Show]:
    """A room of each merchant, with what the merchant has pictures of."""
    known = centre.seeded
    names = {**known.merchants, "luxi": known.merchants["yunmian"]}
    rival = Centre(centre.url, replace(known, merchants=names))
    shows = []
    for who, whose in (("host", centre), ("rival-host", rival)):
        async with centre.person(who) as host:
            starts = utcnow() + timedelta(days=4, minutes=secrets.randbelow(10_000))
            shows.append(await people.prepare(host, whose, at=starts, minutes=30, ready=False))
    return shows


async def added(window: Window, show: Show) -> None:
    """The first thing that the room sells goes into the cart."""
    await window.go(f"/live/{show.live}")
    await expect(window.at("bag")).to_be_visible()
    if await window.at("shelf-buy").count() == 0:  # on a phone it is in the bag
        await window.at("bag").click()
    await window.at("shelf-buy").first.click()
    for dimension in ("size", "colour", "fabric"):
        options = window.page.locator(f'[data-testid^="option-{dimension}-"]:enabled')
        if await options.count() > 1:
            await options.first.click()
    await window.at("add-to-cart").click()
    await expect(window.at("room-cart")).to_be_visible()


async def pressed_and_left(desk: Window, button: str, count: str) -> None:
    """What was pressed is done, though the page is left in the same breath."""
    await desk.go("/cart")
    await expect(desk.at("line-count").first).to_be_visible()
    await desk.page.evaluate(
        """name => {
            document.querySelector(`button[aria-label='${name}']`).click();
            location.assign('/orders');
        }""",
        button,
    )
    await desk.page.wait_for_url("**/orders")

    async def done() -> bool:
        await desk.go("/cart")
        await expect(desk.at("line-count").first).to_be_visible()
        return await desk.at("line-count").first.inner_text() == count

    await until(done, what=f"{count} pieces")


@pytest.mark.timeout(240)
async def test_one_cart_of_two_rooms_and_two_devices(window: Opened, centre: Centre) -> None:
    first, second = await two_rooms(centre)
    phone = await window(size=PHONE, lang="zh-CN", scale=2)
    desk = await window(size=DESK, lang="en")
    for device in (phone, desk):
        device.may_say(r"404 .*/hls/")  # nothing is on air
        await device.sign_in(centre, "buyer")
    await added(phone, first)
    await added(desk, second)
    await phone.go("/cart")
    await expect(phone.at("cart-group")).to_have_count(2)
    await expect(phone.at("cart-line")).to_have_count(2)
    for button, count in (("One more", "2"), ("One more", "3"), ("One less", "2")):
        await pressed_and_left(desk, button, count)
    await phone.page.reload()
    await expect(phone.at("line-count").first).to_have_text("2")

    await it_is_bought(phone)
    await phone.go("/account/addresses")
    await expect(phone.at("address-card").filter(has_text="51147")).to_be_visible()
    await desk.page.reload()
    await expect(desk.at("cart-line")).to_have_count(0)
    await they_write(window, desk, centre)
    await the_link_opens_the_orders(window, centre)


async def it_is_bought(phone: Window) -> None:
    await phone.at("buy-cart").click()
    await expect(phone.at("address-form")).to_be_visible()
    phone.may_say(r"422 ")  # the address that does not fit
    await phone.fill("address-form", **{**COLOGNE, "postcode": "511"}, email=MAILBOX)
    await phone.at("get-quote").click()
    await expect(phone.at("wrong-postcode")).to_be_visible()
    await phone.fill("address-form", postcode="51147")
    await phone.at("keep-address").check()
    await phone.at("get-quote").click()
    await expect(phone.at("quote")).to_be_visible()
    await expect(phone.at("held-now")).to_have_count(1)
    await phone.at("place").click()
    element = phone.page.frame_locator('[data-testid="pay-frame"]')
    await element.locator("[data-number='4242424242424242']").click()
    await element.locator("#pay").click()
    await expect(phone.at("paid")).to_be_visible(timeout=30_000)
    await expect(phone.at("order-link")).to_have_count(2)


async def they_write(window: Opened, desk: Window, centre: Centre) -> None:
    await desk.go("/orders")
    await expect(desk.at("order-row", state="paid").nth(1)).to_be_visible()
    await desk.at("order-row").filter(has_text="Luxi").first.click()
    await desk.at("message-text").fill("Could you pack it as a <b>gift</b>?")
    await desk.at("message-send").click()
    await expect(desk.at("message", side="buyer")).to_contain_text("<b>gift</b>")
    owner = await window(size=PHONE, lang="zh-CN")
    await owner.sign_in(centre, "owner")
    await owner.go("/messages")
    await owner.page.locator('[data-testid="thread-row"]:not([data-unread="0"])').first.click()
    await expect(owner.at("message", side="buyer")).to_be_visible()
    await owner.at("message-text").fill("没问题，免费礼品包装。")
    await owner.at("message-send").click()
    await expect(desk.at("message", side="merchant")).to_be_visible()


async def the_link_opens_the_orders(window: Opened, centre: Centre) -> None:
    async with centre.person("operator") as staff:

        async def link() -> str:
            for mail in (await staff.get("/peers/mail/messages"))["items"]:
                found = re.search(r"(/receipt#\S+)", mail["text"])
                if MAILBOX in mail["recipients"] and found:
                    return found[1]
            return ""

        path = await until(link, what="the receipt's mail")
    reader = await window(size=PHONE, lang="en")
    await reader.go(path)
    await expect(reader.at("receipt-order")).to_have_count(2)
    await expect(reader.at("message").first).to_contain_text("<b>gift</b>")
    stranger = await window(size=PHONE, lang="zh-CN")
    stranger.may_say(r"404 .*/v1/receipts")
    await stranger.go("/receipt#nothing")
    await expect(stranger.at("link-bad")).to_be_visible()
