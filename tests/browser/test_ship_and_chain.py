"""An assistant ships what was bought, customs release it, and staff see it whole."""

import pytest
from playwright.async_api import expect

from tests import people
from tests.browser.story import Aired
from tests.browser.windows import DESK, PHONE, Opened, Window
from tests.people import Centre

KINDS = ("booking", "session", "explain", "order", "payment", "declaration", "replay")


@pytest.mark.timeout(200)
async def test_shipped_released_and_seen_whole(
    window: Opened, centre: Centre, aired: Aired
) -> None:
    assistant = await window(size=DESK, lang="zh-CN")
    await assistant.sign_in(centre, "assistant")
    await a_parcel_is_shipped_and_released(assistant, aired.orders[0])

    buyer = await window(size=PHONE, lang="en", scale=2)
    await buyer.carry(aired.buyer)
    await buyer.go(f"/orders/{aired.orders[0]}")
    await expect(buyer.at("order-steps", state="shipped")).to_be_visible()
    await expect(buyer.at("consignment")).to_be_visible()
    await expect(buyer.at("ship-form")).to_have_count(0)
    await buyer.picture("order-phone-en")

    staff = await window(size=DESK, lang="en")
    await staff.sign_in(centre, "operator")
    await the_chain_is_drawn_and_leads_on(staff, aired)


async def a_parcel_is_shipped_and_released(assistant: Window, order: str) -> None:
    await assistant.go(f"/orders/{order}")
    await expect(assistant.at("order-steps", state="paid")).to_be_visible()
    await assistant.fill(
        "ship-form", carrier="演示国际速递 Demo Express", tracking=people.tracking()
    )
    await assistant.at("ship").click()
    await expect(assistant.at("consignment")).to_be_visible()
    await expect(assistant.at("order-steps", state="shipped")).to_be_visible()
    released = assistant.page.locator(
        '[data-testid="declaration"]:is([data-state="released"], [data-state="closed"])'
    )
    await expect(released).to_be_visible(timeout=60_000)
    for kind in ("303", "403", "505", "603"):
        link = await assistant.at(f"xml-{kind}").get_attribute("href")
        told = await assistant.page.request.get(f"{assistant.url}{link}")
        assert f"CEB{kind}Message" in await told.text()


async def the_chain_is_drawn_and_leads_on(staff: Window, aired: Aired) -> None:
    await staff.go(f"/live/{aired.show.live}/chain")
    await expect(staff.at("chain-graph")).to_be_visible()
    for kind in KINDS:
        await expect(staff.at(f"node-{kind}").first).to_be_visible()
    await expect(staff.at("node-order")).to_have_count(len(aired.orders))
    await expect(staff.at("node-explain")).to_have_count(2)
    await staff.picture("chain-desktop-en")

    await staff.at("node-declaration").first.click()
    sheet = staff.at("node-sheet")
    await expect(sheet.locator('[data-testid="declaration"]')).to_be_visible()
    await sheet.locator('[data-testid="sheet-close"]').click()
    await expect(sheet).to_have_count(0)

    node = staff.page.locator(f'[data-testid="node-order"][data-id="{aired.orders[1]}"]')
    await node.click()
    await staff.at("node-link").click()
    await staff.page.wait_for_url(f"**/orders/{aired.orders[1]}")
    await expect(staff.at("order-steps", state="paid")).to_be_visible()
