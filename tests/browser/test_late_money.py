"""Money that came too late and bounced: its buyer reads that it is still theirs, and finance
staff find it on their desk, record what the bank has paid of it, and send the rest again."""

import pytest
from playwright.async_api import expect

from tests import people, scarce
from tests.browser import story
from tests.browser.windows import PHONE, Opened
from tests.people import Centre
from tests.product import Product
from tests.provider import Provider

WORDS = {
    "zh-CN": ("退款没有成功", "这笔钱仍应退给您", "付款到达时商品已售出", "没有到达买家"),
    "en": ("did not arrive", "still yours", "Paid when the goods were gone", "did not reach"),
}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
async def test_late_money_that_bounced_is_seen_by_both_sides(
    window: Opened, centre: Centre, shared: Product, lang: str
) -> None:
    title, yours, too_late, theirs = WORDS[lang]
    async with centre.guest() as buyer:
        bought = await scarce.paid_too_late(
            buyer, centre, Provider(shared), "pm_card_refundFail"
        )
        total = bought["total"]["minor"]
        await scarce.owed_of(buyer, bought["id"], total)
        carried = story.cookies(buyer)
        phone = await window(size=PHONE, lang=lang, scale=2)
        await phone.carry(carried)
        await phone.go(f"/checkout/{bought['id']}")
        await expect(phone.at("not-paid")).to_contain_text(title)
        await expect(phone.at("not-paid")).to_contain_text(yours)
        await expect(phone.at("late-again")).to_have_count(0)
        await phone.go(f"/orders/{bought['orders'][0]}")
        await expect(phone.at("paid-late")).to_contain_text(too_late)
        await expect(phone.at("paid-late")).to_contain_text(yours)

        staff = await window(size=PHONE, lang=lang, scale=2)
        await staff.sign_in(centre, "finance")
        await staff.go("/finance#refunds")
        here = staff.page.locator(f'a[href="/checkout/{bought["id"]}"]')
        owing = staff.at("late-owing").filter(has=here)
        await expect(owing).to_contain_text(too_late)
        await owing.get_by_role("link").click()
        await expect(staff.at("not-paid")).to_contain_text(theirs)
        await staff.at("paid-otherwise-open").click()
        await staff.fill("paid-otherwise-sheet", amount="1.00", reference="MT103 8", reason="x")
        await staff.at("paid-otherwise").click()
        await scarce.owed_of(buyer, bought["id"], total - 100)
        await expect(staff.at("paid-otherwise")).to_have_count(0)
        await expect(staff.at("late-again")).to_contain_text(f"{(total - 100) / 100:.2f}")
        await staff.at("late-again").click()

        # The account is closed, so it bounces again, and both sides see it.
        async with centre.person("finance") as finance:

            async def sent() -> bool:
                rows = await finance.get("/v1/refunds")
                return sum(row["order"] == bought["id"] for row in rows) == 3

            await people.eventually(sent, what="the third refund")
        await scarce.owed_of(buyer, bought["id"], total - 100)
        await expect(staff.at("late-again")).to_be_visible()
        await phone.page.reload()
        await expect(phone.at("paid-late")).to_contain_text(yours)
        await staff.go("/finance#refunds")
        await expect(owing).to_be_visible()
