"""The finance desk shows what cannot be read on the provider's balance in both languages, with
the provider's own words, and lets it be explained in words alone."""

import pytest
from playwright.async_api import expect

from livecommerce.kernel import ids
from livecommerce.kernel.clock import utcnow
from livecommerce.kernel.db import Database
from payments import unread
from payments.outgoing import Unread
from tests.browser.windows import PHONE, TOO_SMALL, Opened
from tests.people import Centre
from tests.product import Product

SAID = {
    "zh-CN": ("无法读取", "支付机构原文", "无法计数"),
    "en": ("cannot be read", "The provider’s words", "cannot be counted"),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("lang", SAID)
async def test_what_cannot_be_read_is_explained_in_words(
    window: Opened, shared: Product, centre: Centre, lang: str
) -> None:
    unreadable, own_words, hint = SAID[lang]
    line = ids.new("txn")

    async def noted(db: Database) -> None:
        one = Unread(line, "charge", "ISK", "12000 - 558 = 11442 isk")
        async with db.begin() as tx:
            await unread.note(tx, one, now=utcnow())

    shared.in_database(noted)
    phone = await window(size=PHONE, lang=lang, scale=2)
    await phone.sign_in(centre, "finance")
    await phone.go("/finance#reconciliation")
    await phone.at("compare").click()
    row = phone.at("difference").filter(has_text=line)
    await expect(row).to_contain_text(unreadable)
    await expect(row).to_contain_text(own_words)
    await expect(row).to_contain_text("12000 - 558 = 11442 isk")
    await row.locator('[data-testid="resolve"]').click()
    sheet = phone.at("resolve-sheet")
    await expect(sheet).to_contain_text(hint)
    await expect(phone.at("propose")).to_have_count(0)
    await expect(phone.at("account")).to_have_count(0)
    assert await phone.page.evaluate(TOO_SMALL) == []
    await phone.at("reason").fill("half a krona, asked the provider")
    await sheet.locator("button.btn-quiet").last.click()
    await expect(row).to_have_count(0)
