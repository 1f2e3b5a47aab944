"""A refund that the bank sends back: all sides see what is owed; some of it is paid by the
centre's bank, and the rest is sent again."""

import asyncio

import pytest
from playwright.async_api import expect

from tests import people
from tests.browser import story
from tests.browser.windows import DESK, PHONE, Opened
from tests.people import Centre, Show

WORDS = {"zh-CN": ("待退", "应退给您"), "en": ("owed", "still yours")}
INSTEAD = {"zh-CN": "请对订单退款", "en": "refund the order, and the merchant’s share follows"}
NOT_PAID = {"zh-CN": "登记有误，并未付款", "en": "recorded by mistake, never paid"}
AT_ONCE = "node => node.getBoundingClientRect().bottom + scrollY < innerHeight"
BANK = {"zh-CN": "银行转账，流水号 MT103 77", "en": "paid by bank transfer, ref MT103 77"}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
async def test_what_is_owed_is_seen_by_both_sides(
    window: Opened, centre: Centre, on_air: Show, lang: str
) -> None:
    async with centre.guest() as buyer:
        ready = await people.payable(buyer, on_air, count=2)
        paid = await people.pay(buyer, ready, "pm_card_refundFail")
        order = paid["orders"][0]
        carried = story.cookies(buyer)
        seen = await buyer.get(f"/v1/orders/{order}")
        lines = [{"line": line["id"], "count": line["count"]} for line in seen["lines"]]
        body = {"lines": lines, "reason": "changed_mind"}
        await buyer.post(f"/v1/orders/{order}/cancellations", body, key=order, expect=201)
        for _ in range(100):
            seen = await buyer.get(f"/v1/orders/{order}")
            if seen["owed"]["minor"]:
                break
            await asyncio.sleep(0.2)
    assert (seen["state"], seen["owed"]) == ("cancelled", seen["total"])
    text = await written(centre, order)
    assert "没有到账" in text
    assert "did not arrive" in text
    short, long = WORDS[lang]
    phone = await window(size=PHONE, lang=lang, scale=2)
    await phone.carry(carried)
    await phone.go(f"/orders/{order}")
    await expect(phone.at("order-ended", state="cancelled")).to_be_visible()
    await expect(phone.at("owed")).to_contain_text(long)
    assert await phone.at("owed").evaluate(AT_ONCE), "one has to scroll to it"
    await phone.at("to-refunds").click()
    await expect(phone.at("refunds")).to_be_in_viewport()
    await expect(phone.at("line-cost")).to_contain_text("× 2")
    await expect(phone.at("refund-again")).to_have_count(0)
    await phone.go("/orders")
    await expect(phone.at("order-row").first).to_contain_text(short)

    seller = await window(size=DESK, lang=lang)
    await seller.sign_in(centre, "owner")
    await seller.go(f"/desk?q={order}")
    await expect(seller.at("desk-row", order=order)).to_contain_text(short)
    await seller.go(f"/orders/{order}")
    await expect(seller.at("owed")).to_be_visible()
    await expect(seller.at("paid-otherwise-open")).to_have_count(0)
    await paid_by_the_bank(window, centre, order, lang)
    await phone.go(f"/orders/{order}")
    await expect(phone.at("paid-by-bank")).to_have_text(BANK[lang])
    await seller.go(f"/orders/{order}")
    await seller.at("refund-again").click()
    await expect(seller.at("refunds").locator("li")).to_have_count(3)
    small = await window(size=PHONE, lang=lang, scale=2)
    await small.sign_in(centre, "owner")
    await small.go(f"/desk?q={order}")
    row = small.at("desk-row", order=order)
    await expect(row).to_be_visible()
    cut = await row.evaluate(
        "row => [...row.querySelectorAll('a span:not(.line-clamp-2)')]"
        ".filter(each => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0)"
        ".map(each => each.textContent)"
    )
    assert [text for text in cut if text] == []
    await it_was_not_paid(window, centre, order, lang)
    await phone.go(f"/orders/{order}")
    await expect(phone.at("owed")).to_contain_text(long)


async def written(centre: Centre, order: str) -> str:
    """What the buyer is mailed about the refund."""
    async with centre.person("finance") as staff:

        async def look() -> list[str]:
            caught = (await staff.get("/peers/mail/messages"))["items"]
            asked = f"Your refund did not arrive: {order}"
            return [mail["text"] for mail in caught if asked in mail["subject"]]

        (text,) = await people.eventually(look, what="a mail about the refund")
        assert isinstance(text, str)
        return text


async def it_was_not_paid(window: Opened, centre: Centre, order: str, lang: str) -> None:
    """One of finance says so, and another one approves; a sale is not undone that way."""
    staff = await window(size=PHONE, lang=lang, scale=2)
    await staff.sign_in(centre, "finance")
    await staff.go("/finance#refunds")
    mine = staff.page.locator(f'a[href="/orders/{order}"]')
    refund = staff.at("refund").filter(has=mine).filter(has_text=BANK[lang])
    await refund.locator('[data-testid="not-paid"]').click()
    await staff.fill("reversal-sheet", reason=f"mistaken in {lang}")
    await staff.at("propose").click()
    await expect(staff.at("reversal-sheet")).to_have_count(0)
    staff.may_say(r"409.*/v1/adjustments")
    await staff.go("/finance#ledger")
    fees = staff.at("account-line").filter(has_text="platform_fee").first
    await fees.locator('[data-testid="explain"]').click()
    sale = staff.at("movement").filter(has_text=order).last
    await sale.locator('[data-testid="reverse"]').click()
    await staff.fill("reversal-sheet", reason="not so")
    await staff.at("propose").click()
    await expect(staff.page.get_by_text(INSTEAD[lang])).to_be_visible()
    other = await window(size=DESK, lang=lang)
    await other.sign_in(centre, "admin")
    await other.go("/finance#adjustments")
    row = other.at("adjustment").filter(has_text=f"mistaken in {lang}")
    await row.locator('[data-testid="approve"]').click()
    await other.at("approve-surely").click()
    await expect(row.locator('[data-testid="approve"]')).to_have_count(0)
    await other.go("/finance#refunds")
    failed = other.at("refund").filter(has=other.page.locator(f'a[href="/orders/{order}"]'))
    await expect(failed.filter(has_text=NOT_PAID[lang])).to_have_count(1)


async def paid_by_the_bank(window: Opened, centre: Centre, order: str, lang: str) -> None:
    """Finance staff find the order on their desk and record that a part of it was paid."""
    staff = await window(size=PHONE, lang=lang, scale=2)
    await staff.sign_in(centre, "finance")
    await staff.go("/finance#refunds")
    owing = staff.at("owing").filter(has=staff.page.locator(f'a[href="/orders/{order}"]'))
    await owing.get_by_role("link").click()
    await staff.at("paid-otherwise-open").click()
    record = staff.at("paid-otherwise")
    await staff.fill("paid-otherwise-sheet", amount="1000.00", reference="MT103 77", reason="x")
    await expect(record).to_be_disabled()
    await staff.fill("paid-otherwise-sheet", amount="1.00")
    wide = "node => node.scrollWidth > node.clientWidth"
    assert not await staff.at("paid-otherwise-sheet").evaluate(wide)
    await record.click()
    await expect(staff.at("paid-by-bank")).to_have_text(BANK[lang])
    await expect(staff.at("paid-otherwise")).to_have_count(0)
    await staff.at("refund-again").scroll_into_view_if_needed()
    await staff.go("/finance#refunds")
    await expect(staff.at("refund").filter(has_text=BANK[lang]).first).to_be_visible()
