"""A merchant finds orders, ships two at once and prints; a buyer sends one piece back and is
paid, each in their own language."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import expect

from livecommerce.demo.client import Browser
from tests import people
from tests.browser import story
from tests.browser.windows import DESK, PHONE, Opened, Window
from tests.people import Centre, Show


@pytest.mark.timeout(240)
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
async def test_shipped_many_printed_and_one_piece_back(
    window: Opened, centre: Centre, on_air: Show, lang: str
) -> None:
    async with centre.guest() as buyer, centre.guest() as other:
        first = await story.buy(buyer, on_air, to="DE", count=2)
        second = await story.buy(other, on_air, to="FR")
        orders = [first["orders"][0], second["orders"][0]]
        carried = story.cookies(buyer)

        seller = await window(size=DESK, lang=lang)
        await seller.sign_in(centre, "assistant")
        await they_are_found(seller, orders)
        await two_are_shipped_at_once(seller, orders)
        await papers_are_printed(seller, orders)

        phone = await window(size=PHONE, lang=lang, scale=2)
        await phone.carry(carried)
        await one_piece_is_asked_back(phone, orders[0])
        await the_merchant_takes_it_back(seller, orders[0])
        await phone.go(f"/orders/{orders[0]}")
        await expect(phone.at("return", state="refunded")).to_be_visible()
        await expect(phone.at("refunds")).to_contain_text("€")
        await expect(phone.at("invoice")).to_be_visible()
        await the_note_says_what_went_back(buyer, orders[0])


async def they_are_found(seller: Window, orders: list[str]) -> None:
    await seller.go("/desk?state=paid")
    rows = seller.at("desk-row")
    await expect(seller.at("desk-row", order=orders[0])).to_be_visible()
    await seller.at("desk-search").fill(orders[1])
    await expect(rows).to_have_count(1)
    await seller.fill("desk-filters", country="DE")
    await expect(rows).to_have_count(0)
    await seller.fill("desk-filters", country="")
    await seller.at("desk-search").fill("")
    for order in orders:
        row = seller.at("desk-row", order=order)
        await row.locator("input").check()
    await expect(seller.at("chosen-bar")).to_contain_text("2")
    await seller.picture(f"desk-desktop-{await _lang(seller)}")


async def two_are_shipped_at_once(seller: Window, orders: list[str]) -> None:
    await seller.at("open-bulk").click()
    rows = [f"{order}\t3206980D03\t{people.tracking()}\t" for order in orders]
    wrong = "ord_nothing\t3206980D03\tLX000000005CN\t900"
    await seller.at("bulk-text").fill("\n".join([*rows, wrong]))
    await seller.at("bulk-try").click()
    await expect(seller.at("bulk-report", dry="true", shipped="2")).to_be_visible()
    await expect(seller.at("bulk-row", fate="refused")).to_have_count(1)
    await seller.at("bulk-ship").click()
    await expect(seller.at("bulk-report", dry="false", shipped="2")).to_be_visible()
    await seller.at("sheet-close").click()
    await seller.go("/desk?state=shipped")
    for order in orders:
        await seller.at("desk-row", order=order).locator("input").check()


async def papers_are_printed(seller: Window, orders: list[str]) -> None:
    for paper in ("pick_list", "labels", "invoices"):
        made = await _downloaded(seller, f"print-{paper}")
        assert made.startswith(b"%PDF-"), paper
    table = (await _downloaded(seller, "export-csv")).decode("utf-8-sig")
    assert all(order in table for order in orders)


async def one_piece_is_asked_back(phone: Window, order: str) -> None:
    await phone.go(f"/orders/{order}")
    await expect(phone.at("order-steps", state="shipped")).to_be_visible()
    await phone.at("returning").locator("summary").click()
    form = phone.at("return-form")
    await form.locator('[data-testid="more-pieces"]').first.click()
    await phone.fill("return-form", reason="wrong_size", note="240 × 220")
    await phone.at("ask-return").click()
    await expect(phone.at("return", state="asked")).to_be_visible()


async def the_merchant_takes_it_back(seller: Window, order: str) -> None:
    await seller.go("/desk")
    await seller.at("tab-returns").click()
    await expect(seller.at("return-row").first).to_be_visible()
    await seller.go(f"/orders/{order}")
    await seller.at("delivered").click()
    await expect(seller.at("order-steps", state="delivered")).to_be_visible()
    await seller.at("return").locator("textarea").fill("南通市通州区家纺城 1 号 · Nantong")
    for button, then in (
        ("approve-return", "approved"),
        ("receive-return", "received"),
        ("inspect-return", "inspected"),
        ("settle-refund", "refunded"),
    ):
        await seller.at(button).click()
        await expect(seller.at("return", state=then)).to_be_visible()
    await expect(seller.at("credit_note")).to_be_visible(timeout=30_000)


async def the_note_says_what_went_back(buyer: Browser, order: str) -> None:
    """Whole: the line's own share of every charge, and no more."""
    told = await buyer.get(f"/v1/orders/{order}")
    (refund,) = told["refunds"]
    half = told["total"]["minor"] / 2
    assert refund["state"] == "settled"
    assert abs(refund["amount"]["minor"] - half) <= len(told["quote"]["parcels"][0]["charges"])
    papers: list[dict[str, Any]] = await buyer.get(f"/v1/orders/{order}/invoices")
    assert [paper["kind"] for paper in papers] == ["invoice", "credit_note"]
    assert papers[1]["total"] == refund["amount"]


async def _downloaded(seller: Window, button: str) -> bytes:
    async with seller.page.expect_download() as waited:
        await seller.at(button).click()
    path = await (await waited.value).path()
    return await asyncio.to_thread(path.read_bytes)


async def _lang(seller: Window) -> str:
    told = await seller.page.evaluate("document.documentElement.lang")
    return re.sub(r"-.*", "", told)
