"""The finance desk in Chromium: the books are changed by two people who see what they do,
terms are agreed with all their limits, and nothing on a phone is out of sight or too small."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, Route, expect

from livecommerce.kernel.clock import utcnow
from tests.browser.windows import DESK, PHONE, TOO_SMALL, Opened, Window
from tests.people import Centre

BOTH = pytest.mark.parametrize("lang", ["zh-CN", "en"])
WORDS = {
    "zh-CN": {
        "off": "不平：借方多",
        "own": "须由另一人批准",
        "approved": "已批准",
        "proposed by": "提议于",
        "approved by": "批准于",
        "correction": "更正",
        "minimum": "每单最低",
        "cap": "每单最高",
        "to come": "起：",
    },
    "en": {
        "off": "Does not balance",
        "own": "Somebody else has to approve it",
        "approved": "approved",
        "proposed by": "proposed by",
        "approved by": "approved by",
        "correction": "correction",
        "minimum": "at least",
        "cap": "at most",
        "to come": "From ",
    },
}
IN_SIGHT = """node => {
  const {left, right} = node.getBoundingClientRect();
  return left >= 0 && right <= document.documentElement.clientWidth;
}"""
TABS = ("payments", "refunds", "disputes", "payouts", "reconciliation")
TABS += ("adjustments", "ledger", "statements")


async def fits(page: Page) -> None:
    """Nothing sticks out at the side."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wide) == 0


@pytest.mark.timeout(180)
@BOTH
async def test_two_people_change_the_books_and_see_what_they_do(
    window: Opened, centre: Centre, lang: str
) -> None:
    said = WORDS[lang]
    async with centre.person("finance") as finance:
        merchants = await finance.get("/v1/merchants")
    found = next(each for each in merchants if each["id"] == centre.seeded.rival)
    name = found["name"]["zh" if lang == "zh-CN" else "en"]
    reason = f"a cent in {lang}"

    desk = await window(size=DESK, lang=lang)
    await desk.sign_in(centre, "finance")
    await desk.go("/finance#adjustments")
    await a_correction_is_proposed(desk, centre, reason, said)
    row = desk.at("adjustment").filter(has_text=reason)
    await expect(row).to_contain_text(said["own"])
    await expect(row).to_contain_text(name)
    await expect(row.locator('[data-testid="approve"]')).to_have_count(0)

    phone = await window(size=PHONE, lang=lang, scale=2)
    await phone.sign_in(centre, "admin")
    await phone.go("/finance#adjustments")
    row = phone.at("adjustment").filter(has_text=reason)
    proposer = centre.seeded.principal("finance").name
    await expect(row.locator('[data-testid="who"]')).to_contain_text(proposer)
    await row.locator('[data-testid="approve"]').click()
    sheet = phone.at("approve-sheet")
    await expect(sheet).to_contain_text(reason)
    await expect(sheet).to_contain_text(said["proposed by"])
    await expect(sheet.locator('[data-testid="entries"]')).to_contain_text(name)
    await phone.at("approve-surely").click()
    await expect(row).to_contain_text(said["approved"])
    approver = centre.seeded.principal("admin").name
    await expect(row.locator('[data-testid="who"]')).to_contain_text(approver)
    await fits(phone.page)

    await the_correction_is_reversed(desk, reason, said)
    row = phone.at("adjustment").filter(has_text=f"{reason}, undone")
    await phone.page.reload()
    await row.locator('[data-testid="approve"]').click()
    await phone.at("approve-surely").click()
    await expect(row).to_contain_text(said["approved"])


async def a_correction_is_proposed(
    desk: Window, centre: Centre, reason: str, said: dict[str, str]
) -> None:
    await desk.at("correct").click()
    first, second = desk.at("line").nth(0), desk.at("line").nth(1)
    await first.locator('[name="account"]').select_option("rounding")
    await first.locator('[name="amount"]').fill("0.06")
    await second.locator('[name="account"]').select_option("merchant_available")
    await second.locator('[name="amount"]').fill("0.05")
    await desk.at("correction-sheet").locator('[name="reason"]').fill(reason)
    await expect(desk.at("propose")).to_be_disabled()  # whose is it?
    await second.locator('[name="owner"]').select_option(centre.seeded.rival)
    await expect(desk.at("off")).to_contain_text(said["off"])
    await expect(desk.at("propose")).to_be_disabled()
    await first.locator('[name="amount"]').fill("0.05")
    await desk.at("propose").click()
    await expect(desk.at("correction-sheet")).to_have_count(0)


async def the_correction_is_reversed(desk: Window, reason: str, said: dict[str, str]) -> None:
    """From the balance down to the posting, and its mirror image proposed."""
    await desk.go("/finance#ledger")
    line = desk.at("account-line").filter(has_text="rounding")
    await line.locator('[data-testid="explain"]').click()
    movement = desk.at("movement").filter(has_text=reason)
    await expect(movement).to_contain_text(said["correction"])
    await movement.locator('[data-testid="reverse"]').click()
    await desk.at("reversal-sheet").locator('[name="reason"]').fill(f"{reason}, undone")
    await desk.at("propose").click()
    await expect(desk.at("reversal-sheet")).to_have_count(0)


@pytest.mark.timeout(180)
@BOTH
async def test_the_trial_balance_is_added_up_on_the_page(
    window: Opened, centre: Centre, lang: str
) -> None:
    """What it says follows from the accounts: with one of them left out it says otherwise."""
    phone = await window(size=PHONE, lang=lang)
    await phone.sign_in(centre, "finance")
    sums = [("bank", 123_456_789_012, "IDR"), ("suspense", -123_456_789_012, "IDR")]
    accounts = [
        {"account": name, "owner": None, "amount": {"minor": minor, "currency": currency}}
        for name, minor, currency in [*sums, ("bank", 0, "JPY")]
    ]

    async def answer(route: Route) -> None:
        await route.fulfill(json=accounts)

    await phone.page.route("**/v1/ledger/trial-balance", answer)
    await phone.go("/finance#ledger")
    await expect(phone.at("balanced", even="true")).to_be_visible()
    await expect(phone.at("trial", currency="IDR", even="true")).to_be_visible()
    await expect(phone.at("account-line")).to_have_count(3)
    await expect(phone.at("at-zero").locator('[data-testid="account-line"]')).to_be_hidden()
    await phone.at("currencies").get_by_role("button", name="JPY").click()
    await expect(phone.at("trial")).to_have_count(1)
    await fits(phone.page)
    del accounts[1]
    await phone.page.reload()
    await expect(phone.at("balanced", even="false")).to_contain_text("IDR")
    await expect(phone.at("trial", currency="IDR", even="false")).to_contain_text("567,890.12")
    await expect(phone.at("trial", currency="JPY", even="true")).to_be_visible()


@pytest.mark.timeout(180)
@BOTH
async def test_terms_in_force_stand_beside_those_to_come(
    window: Opened, centre: Centre, lang: str
) -> None:
    said = WORDS[lang]
    rival = centre.seeded.rival
    async with centre.person("finance") as finance:
        begins = (utcnow() + timedelta(days=60)).isoformat()
        later = {"bps": 5000, "valid_from": begins}
        await finance.post(
            f"/v1/merchants/{rival}/plans", later, key=f"half-{lang}", expect=201
        )
    desk = await window(size=DESK, lang=lang)
    await desk.sign_in(centre, "finance")
    await desk.go("/finance#statements")
    at = await desk.at("terms-open").evaluate_all(
        "(nodes, link) => nodes.findIndex(node => node.parentNode.querySelector(link))",
        f'a[href="/money/{rival}"]',
    )
    await desk.at("terms-open").nth(at).click()
    sheet = desk.at("terms-sheet")
    await expect(sheet.locator('[data-testid="terms-coming"]')).to_contain_text("50 %")
    await expect(sheet.locator('[name="bps"]')).not_to_have_value("50")
    await sheet.locator('[name="bps"]').fill("6")
    await sheet.locator('[name="currency-0"]').fill("EUR")
    await sheet.locator('[name="minimum-0"]').fill("0.50")
    await sheet.locator('[name="cap-0"]').fill("0.40")
    await expect(desk.at("agree")).to_be_disabled()  # the least is more than the most
    await sheet.locator('[name="cap-0"]').fill("50")
    await desk.at("agree").click()
    await expect(sheet).to_have_count(0)

    phone = await window(size=PHONE, lang=lang, scale=2)
    await phone.sign_in(centre, "rival-owner")
    await phone.go(f"/money/{rival}")
    now, coming = phone.at("terms-now"), phone.at("terms-coming")
    await expect(now).to_contain_text("6 %")
    for word, figure in (("minimum", "0.50"), ("cap", "50.00")):
        await expect(now).to_contain_text(f"{said[word]} €{figure}")
    await expect(coming).to_contain_text(said["to come"])
    await expect(coming).to_contain_text("50 %")
    await expect(phone.at("statements").locator("li")).to_have_count(12)
    await fits(phone.page)
    assert await phone.page.evaluate(TOO_SMALL) == []


@pytest.mark.timeout(180)
@BOTH
async def test_on_a_phone_the_chosen_tab_is_in_sight(
    window: Opened, centre: Centre, lang: str
) -> None:
    phone = await window(size=PHONE, lang=lang, scale=2)
    await phone.sign_in(centre, "finance")
    await phone.go("/finance")
    for tab in TABS:
        await phone.go(f"/finance#{tab}")
        chosen = phone.at("finance-tabs").locator('[aria-current="page"]')
        await expect(chosen).to_have_attribute("href", f"#{tab}")
        await phone.page.wait_for_load_state("networkidle")
        assert await chosen.evaluate(IN_SIGHT), tab
        await fits(phone.page)
        assert await phone.page.evaluate(TOO_SMALL) == [], tab
