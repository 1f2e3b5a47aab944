"""A buyer's bank takes the money back: both sides see it, nothing is cancelled or sent by
mistake, and the order says how it ended."""

import pytest
from playwright.async_api import expect

from livecommerce.demo.client import Browser
from tests import people
from tests.browser import story
from tests.browser.windows import DESK, PHONE, Opened, Window, until
from tests.people import Centre, Show

WORDS = {"zh-CN": ("争议中", "争议败诉", "银行"), "en": ("Disputed", "Dispute lost", "bank")}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
async def test_a_contested_order_says_so_until_the_end(
    window: Opened, centre: Centre, on_air: Show, lang: str
) -> None:
    async with centre.guest() as buyer, centre.person("finance") as finance:
        ready = await people.payable(buyer, on_air, count=2)
        paid = await people.pay(buyer, ready, "pm_card_createDispute")
        order = paid["orders"][0]
        await stands(buyer, order, "open")
        phone = await window(size=PHONE, lang=lang, scale=2)
        await phone.carry(story.cookies(buyer))
        small = await window(size=PHONE, lang=lang, scale=2)
        await small.sign_in(centre, "owner")
        seller = await window(size=DESK, lang=lang)
        await seller.sign_in(centre, "owner")
        want = {"reason": "changed_mind"}
        no = await buyer.post(f"/v1/orders/{order}/cancellations", want, key=order, expect=409)
        assert no["type"].endswith("money-disputed")
        assert no["left"] == 0
        await the_buyer_cannot_have_it_twice(phone, order, lang)
        await the_seller_sends_it_on_purpose_only(seller, order, lang)
        await nothing_is_cut_off(small, order)
        await what_is_held_is_called_so(small, centre, order, lang)
        await people_lose(finance, buyer, ready["id"], order)
    await phone.go(f"/orders/{order}")
    await expect(phone.at("order-ended", state="cancelled")).to_be_visible()
    await expect(phone.at("contested", state="lost")).to_contain_text(WORDS[lang][2])
    await seller.go(f"/orders/{order}")
    await expect(seller.at("ship-form")).to_have_count(0)
    await expect(seller.at("refund-form")).to_have_count(0)
    await seller.go(f"/money/{centre.seeded.merchant}")
    share = seller.at("share").filter(has=seller.page.locator(f'a[href="/orders/{order}"]'))
    await expect(share).to_contain_text(WORDS[lang][1].lower() if lang == "en" else "争议败诉")


async def stands(browser: Browser, order: str, dispute: str) -> None:
    async def so() -> bool:
        return bool((await browser.get(f"/v1/orders/{order}"))["dispute"] == dispute)

    await until(so, within=60, what=f"the dispute is {dispute}")


async def the_buyer_cannot_have_it_twice(phone: Window, order: str, lang: str) -> None:
    await phone.go(f"/orders/{order}")
    await expect(phone.at("contested", state="open")).to_contain_text(WORDS[lang][2])
    await phone.at("cancelling").locator("summary").click()
    await expect(phone.at("no-cancel")).to_be_visible()
    await expect(phone.at("cancel-form")).to_have_count(0)
    await phone.go("/orders")
    await expect(phone.at("order-row").first).to_contain_text(WORDS[lang][0])


async def the_seller_sends_it_on_purpose_only(seller: Window, order: str, lang: str) -> None:
    await seller.go(f"/desk?q={order}")
    await expect(seller.at("desk-row", order=order)).to_contain_text(WORDS[lang][0])
    await seller.go(f"/orders/{order}")
    await expect(seller.at("contested", state="open")).to_be_visible()
    await expect(seller.at("refund-form")).to_have_count(0)
    await expect(seller.at("ship")).to_be_disabled()
    await seller.at("ship-despite").check()
    await expect(seller.at("ship")).to_be_enabled()


async def nothing_is_cut_off(small: Window, order: str) -> None:
    for page in (f"/desk?q={order}", f"/orders/{order}"):
        await small.go(page)
        await expect(small.page.locator("[data-state=open]").first).to_be_visible()
        wide = await small.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, page


async def what_is_held_is_called_so(
    small: Window, centre: Centre, order: str, lang: str
) -> None:
    """On the merchant's page it is no reserve that comes free by itself; and the order is
    told by its number and goods."""
    await small.go(f"/money/{centre.seeded.merchant}")
    await expect(small.at("sum", part="held").first).to_contain_text(WORDS[lang][2])
    await expect(small.at("sum", part="reserve")).to_have_count(0)
    share = small.at("share").filter(has=small.page.locator(f'a[href="/orders/{order}"]'))
    await expect(share.locator('[data-testid="share-number"]')).to_have_text(order)
    await expect(share).to_contain_text("2 pieces" if lang == "en" else "2 件")
    cut = "all => all.filter(n => n.scrollWidth > n.clientWidth + 1).map(n => n.textContent)"
    assert await small.at("sum").evaluate_all(cut) == []


async def people_lose(finance: Browser, buyer: Browser, checkout: str, order: str) -> None:
    every = await finance.get("/v1/disputes")
    (mine,) = [each for each in every if each["checkout"] == checkout]
    body = {"note": "losing_evidence", "submit": True}
    await finance.post(f"/v1/disputes/{mine['id']}/answer", body)
    await stands(buyer, order, "lost")
