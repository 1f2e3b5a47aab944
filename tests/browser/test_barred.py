"""What people see of pages that are not for them: where to sign in, or that they are not."""

import re
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from tests.browser.windows import DESK, PHONE, Opened
from tests.people import Centre, Show


@pytest.mark.parametrize("page", ["/console/{live}", "/live/{live}/chain", "/peers/mail"])
async def test_a_guest_is_led_to_the_sign_in_and_back(
    window: Opened, on_air: Show, page: str
) -> None:
    path = page.format(live=on_air.live)
    guest = await window(size=PHONE)
    guest.may_say(r"40[13] ")
    await guest.go(path)
    await expect(guest.at("sign-in-first")).to_be_visible()
    await expect(guest.at("console-title")).to_have_count(0)
    await guest.at("sign-in-here").click()
    await expect(guest.at("sign-in-form")).to_be_visible()
    assert guest.page.url.endswith(f"next={path.replace('/', '%2F')}")


ELSEWHERE = ["//evil.example/x", "/\\evil.example", "/\t/evil.example/x", "/\n\\evil.example"]


async def test_a_sign_in_leads_to_no_other_site(window: Opened, centre: Centre) -> None:
    host = await window(size=PHONE)
    host.may_say(r"40[134] ")
    email, password = centre.seeded.login("rival-host")
    leads = {"/orders?page=1": "/orders?page=1", **dict.fromkeys(ELSEWHERE, "/console")}
    for asked, where in leads.items():
        await host.page.context.clear_cookies()
        await host.go(f"/sign-in?next={quote(asked, safe='')}")
        await host.fill("sign-in-form", email=email, password=password)
        await host.at("sign-in").click()
        await host.page.wait_for_url(re.compile(re.escape(host.url + where) + "$"))


async def test_a_stranger_is_told_that_the_console_is_not_theirs(
    window: Opened, centre: Centre, on_air: Show
) -> None:
    stranger = await window(size=PHONE)
    await stranger.sign_in(centre, "rival-host")
    await stranger.go(f"/console/{on_air.live}")
    await expect(stranger.at("not-yours")).to_be_visible()
    await expect(stranger.at("console-title")).to_have_count(0)


async def test_an_address_that_leads_nowhere_says_so(window: Opened) -> None:
    guest = await window(size=PHONE)
    guest.may_say(r"404 ")
    await guest.go("/no/such/page")
    await expect(guest.at("not-found")).to_be_visible()


async def test_the_title_has_room_on_a_phone(
    window: Opened, centre: Centre, on_air: Show
) -> None:
    host = await window(size=PHONE)
    await host.sign_in(centre, "host")
    await host.go(f"/console/{on_air.live}")
    box = await host.at("console-title").bounding_box()
    assert box is not None
    assert box["width"] > 180
    await expect(host.at("console-title")).to_have_text(re.compile(r"\w"))


async def test_somebody_is_put_out_of_all_rooms_and_let_in_again(
    window: Opened, centre: Centre, on_air: Show
) -> None:
    viewer, host = await window(size=PHONE), await window(size=DESK, lang="zh-CN")
    await viewer.go(f"/live/{on_air.live}")
    await host.sign_in(centre, "host")
    await host.go(f"/console/{on_air.live}")
    await viewer.at("chat-input").fill("买别家的吧")
    await viewer.at("chat-send").click()
    line = host.at("console-line").filter(has_text="买别家的吧")
    await line.hover()
    await line.locator('[data-testid="person"]').click()
    await host.at("person-what").select_option("ban")
    await host.at("person-where").select_option("merchant")
    await host.at("person-confirm").click()
    await expect(host.at("person-sheet")).to_have_count(0)
    await host.at("chat-rules").click()
    silenced = host.at("silenced").filter(has_text="移出 · 本店所有直播间")
    await expect(silenced).to_have_count(1)
    await silenced.locator('[data-testid="lift"]').click()
    await expect(silenced).to_have_count(0)


async def test_a_guest_is_silenced_with_the_network_for_an_hour_at_most(
    window: Opened, centre: Centre, on_air: Show
) -> None:
    """Unless the moderator says otherwise, who is told what that may do to others."""
    viewer = await window(size=PHONE)
    await viewer.go(f"/live/{on_air.live}")
    await viewer.at("chat-input").fill("加我看看")
    await viewer.at("chat-send").click()
    for size, lang, risk in ((DESK, "zh-CN", "手机运营商"), (PHONE, "en", "mobile carrier")):
        host = await window(size=size, lang=lang)
        await host.sign_in(centre, "host")
        await host.go(f"/console/{on_air.live}")
        if size is PHONE:
            await host.at("view-chat").click()
        line = host.at("console-line").filter(has_text="加我看看")
        await line.locator('[data-testid="person"]').click()
        network = host.at("person-address")
        await expect(network).to_be_checked()
        await expect(host.at("person-sheet")).to_contain_text(risk)
        await host.at("person-long").select_option("1440")
        await expect(network).not_to_be_checked()
        await network.check()
        await host.at("person-long").select_option("")
        await expect(network).to_be_checked()
