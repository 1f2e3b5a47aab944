"""Money in Chromium: a merchant opens an account and sees what comes when; finance staff
answer a dispute, compare the books with the provider, and explain a balance."""

import secrets
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from livecommerce.demo.client import Browser
from livecommerce.kernel.clock import utcnow
from tests import people
from tests.browser.windows import DESK, PHONE, TOO_SMALL, Opened, Window, until
from tests.people import Centre, Show


@pytest.fixture
async def show(centre: Centre) -> Show:
    """A session that sells and is never on air."""
    async with centre.person("host") as host:
        starts = utcnow() + timedelta(days=5, minutes=secrets.randbelow(10_000))
        return await people.prepare(host, centre, cards=2, at=starts, minutes=30, ready=False)


@pytest.mark.timeout(400)
async def test_the_merchant_and_the_finance_desk_see_every_cent(
    window: Opened, centre: Centre, show: Show
) -> None:
    async with centre.guest() as guest, centre.person("assistant") as assistant:
        bought = await people.buy(guest, show)
        await people.ship(assistant, await guest.get(f"/v1/orders/{bought['orders'][0]}"))
        contested = await people.payable(guest, show, card=1)
        await people.pay(guest, contested, "pm_card_createDispute")
        await all_given_back(guest, await people.buy(guest, show))

    owner = await window(size=PHONE, lang="zh-CN", scale=2)
    await owner.sign_in(centre, "owner")
    await the_owner_opens_an_account(owner, centre)

    desk = await window(size=DESK, lang="en")
    await desk.sign_in(centre, "finance")
    await a_dispute_is_answered(desk, contested["id"])
    await the_books_equal_the_balance(desk)
    await a_balance_is_explained(desk)


async def all_given_back(guest: Browser, bought: dict[str, Any]) -> None:
    """The whole of an order is cancelled before anything was sent."""
    order = await guest.get(f"/v1/orders/{bought['orders'][0]}")
    lines = [{"line": line["id"], "count": line["count"]} for line in order["lines"]]
    body = {"lines": lines, "reason": "changed_mind"}
    path = f"/v1/orders/{order['id']}/cancellations"
    await guest.post(path, body, key=order["id"], expect=201)


async def the_owner_opens_an_account(owner: Window, centre: Centre) -> None:
    await owner.go(f"/money/{centre.seeded.merchant}")
    await expect(owner.at("balances")).to_be_visible()
    await expect(owner.at("share").first).to_be_visible()
    await owner.at("contents").locator('a[href="#statements"]').click()
    await expect(owner.at("statements").get_by_role("link").first).to_be_in_viewport()
    await expect(owner.at("receipts")).to_be_visible()
    assert await owner.page.evaluate(TOO_SMALL) == []
    await owner.at("onboard").click()
    await owner.page.locator("button[value=complete]").click()
    await owner.page.wait_for_url("**/money/*")

    async def ready() -> bool:
        await owner.page.reload()
        await expect(owner.at("next")).to_be_visible()
        return await owner.at("onboard").count() == 0

    await until(ready, within=90, what="the account is ready")
    given_back = owner.at("share").filter(has_text="已全部退回")

    async def told() -> bool:
        await owner.page.reload()
        await expect(owner.at("share").first).to_be_visible()
        return await given_back.count() == 1

    await until(told, within=60, what="the order is given back")
    await expect(given_back).not_to_contain_text("待结算")
    await expect(given_back).not_to_contain_text("等待发货")
    await owner.picture("money-phone-zh")


async def a_dispute_is_answered(desk: Window, checkout: str) -> None:
    theirs = f'[data-testid="dispute"]:has(a[href="/checkout/{checkout}"])'
    dispute = desk.page.locator(theirs)  # others may be there, too

    await desk.go("/finance")
    await expect(desk.at("payment").first).to_be_visible()
    await expect(desk.at("rates")).to_contain_text("Exchange rates of")

    async def opened() -> bool:
        await desk.go("/finance#disputes")
        await desk.page.reload()
        await desk.page.wait_for_load_state("networkidle")
        return await dispute.count() > 0

    await until(opened, within=90, what="the bank has taken the money")
    await expect(dispute).to_contain_text("not made by the cardholder")
    await dispute.locator('[data-testid="answer"]').click()
    await expect(desk.at("evidence")).to_be_visible()
    await desk.at("note").fill("winning_evidence")
    await desk.at("submit-evidence").click()
    await expect(desk.at("answer-sheet")).to_be_hidden()  # a page left earlier may not ask

    async def won() -> bool:
        await desk.page.reload()
        await expect(dispute).to_be_visible()
        return "won" in await dispute.inner_text()

    await until(won, within=90, what="the bank has decided")


async def the_books_equal_the_balance(desk: Window) -> None:
    await desk.go("/finance#reconciliation")

    async def holds() -> bool:
        await desk.at("compare").click()
        await expect(desk.at("compare")).to_be_enabled()
        await expect(desk.at("proof")).to_be_visible()
        return "Books equal balance" in await desk.at("proof").inner_text()

    await until(holds, within=90, what="the proof holds")
    await desk.picture("reconciliation-desktop-en")


async def a_balance_is_explained(desk: Window) -> None:
    await desk.go("/finance#ledger")
    await expect(desk.at("balanced", even="true")).to_be_visible()
    await (
        desk.at("account-line")
        .filter(has_text="merchant_pending")
        .first.locator('[data-testid="explain"]')
        .click()
    )
    await expect(desk.at("movements")).to_contain_text("sale")
