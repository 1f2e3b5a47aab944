"""An owner adds the address of their system, keeps the secret, tests it, and sends it again."""

from playwright.async_api import expect

from tests.browser.windows import PHONE, Opened
from tests.people import Centre
from tests.receiver import receiver


async def test_an_owner_keeps_an_endpoint(window: Opened, centre: Centre) -> None:
    async with receiver(status=500, text="not today") as erp:
        owner = await window(size=PHONE)
        await owner.sign_in(centre, "owner")
        await owner.go("/webhooks")
        await owner.at("endpoint-add").click()
        await owner.at("endpoint-url").fill(erp.url)
        await owner.at("topic-bookings").check()
        await owner.at("endpoint-save").click()
        erp.secret = await owner.at("secret").inner_text()
        await owner.at("secret-saved").click()
        await expect(owner.at("secret")).to_have_count(0)
        await owner.at("endpoint-test").click()
        row = owner.at("delivery-row").first
        await expect(row).to_contain_text("HTTP 500", timeout=20_000)
        assert erp.heard[0].verified
        erp.status = 204
        await row.click()
        await expect(owner.at("delivery-sheet")).to_contain_text("not today")
        await expect(owner.at("delivery-body")).to_contain_text("webhooks.test")
        await owner.at("delivery-replay").click()
        taken = owner.page.locator("[data-testid=delivery-row][data-state=delivered]")
        await expect(taken.first).to_be_visible(timeout=20_000)
        assert len(set(erp.ids)) == 1
        await owner.at("lang-switch").click()
        await expect(owner.at("endpoint")).to_contain_text("orders.*")
