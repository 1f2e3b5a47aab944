"""A merchant books a studio, stages a session on air, and viewers watch it again afterwards."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.async_api import expect

from livecommerce.kernel.clock import BEIJING, utcnow
from tests.browser import story, windows
from tests.browser.camera import Camera
from tests.browser.windows import DESK, PHONE, STARTING, Opened, Window
from tests.people import Centre

AFTERNOON = {"from": str(14 * 60), "to": str(16 * 60)}


@pytest.mark.timeout(240)
async def test_from_the_roster_to_the_replay(
    window: Opened, centre: Centre, camera: Camera
) -> None:
    host = await window(size=DESK, lang="en")
    host.may_say("401 .*/v1/roster", "409 .*/v1/bookings", STARTING)
    await they_sign_in_on_the_way_to_the_roster(host, centre)
    await refused_there_is_a_way_out_by_one_click(host, centre)
    live = await a_slot_becomes_a_session(host, centre)
    url = await it_is_prepared_until_every_light_is_green(host)

    viewer = await window(size=PHONE, lang="en")
    viewer.may_say(STARTING)
    await viewer.go(f"/live/{live}")
    await expect(viewer.at("curtain", state="ready")).to_be_visible()
    camera = Camera(camera.ffmpeg, camera.set_)
    try:
        camera.publish(url)
        await it_goes_on_air_and_the_curtain_follows(host, viewer, camera)
        await a_lost_encoder_ends_nothing(host, viewer, camera, url)
        await a_card_is_explained(host, viewer, 1)
        await ended_it_is_over_for_all(host, viewer)
    finally:
        camera.drop()
    await the_replay_sells(viewer)


async def they_sign_in_on_the_way_to_the_roster(host: Window, centre: Centre) -> None:
    email, password = centre.seeded.login("host")
    await host.go("/roster")
    await host.page.locator('main a[href^="/sign-in"]').click()
    await host.fill("sign-in-form", email=email, password="not this one")
    host.may_say("401 .*/v1/sign-in")
    await host.at("sign-in").click()
    await expect(host.at("sign-in-problem")).to_be_visible()
    await host.fill("sign-in-form", password=password)
    await host.at("sign-in").click()
    await host.page.wait_for_url("**/roster*")
    await expect(host.at("roster-row").first).to_be_visible()


async def refused_there_is_a_way_out_by_one_click(host: Window, centre: Centre) -> None:
    # Given a rival's slot tomorrow, and some others around it
    studio = centre.seeded.studio
    await story.taken_tomorrow(centre, "morning-bedroom", 13, 2)
    await story.taken_tomorrow(centre, "kitchen-talk", 10, 3)
    await story.taken_tomorrow(centre, "indigo-hall", 18, 2)
    await story.taken_tomorrow(centre, "spruce-studio", 9, 2, who="host")
    await story.taken_tomorrow(centre, "spruce-studio", 19, 2, who="host")
    await host.at("next-day").click()
    lane = host.at("roster-row", resource=studio)
    await expect(lane.get_by_title(re.compile("12:30|13:00"))).to_be_visible()

    # When the same studio is wanted with a camera, then it says what is in the way
    await host.fill("booking-form", studio=studio, zh="冬被新品首发", en="Winter quilts, first")
    await host.fill("booking-form", **AFTERNOON)
    for wanted in ("camera", "light", "microphone"):
        await host.at(f"more-{wanted}").click()
    await host.at("book").click()
    await expect(host.at("refused")).to_be_visible()
    await expect(host.at("blocker").first).to_contain_text("Morning Bedroom")

    # And what is free instead is theirs by one click.
    await host.at("alternative").first.click()
    await expect(host.at("booked")).to_be_visible()
    booking = await host.at("booked").get_attribute("data-booking")
    bar = host.page.locator(f'[data-testid="booking-bar"][data-booking="{booking}"]')
    await expect(bar.first).to_be_visible()
    await expect(host.at("book")).to_be_enabled()
    await host.at("booked").locator("a").scroll_into_view_if_needed()
    await host.page.evaluate("scrollTo(0, 0)")
    await host.picture("roster-desktop-en")


async def a_slot_becomes_a_session(host: Window, centre: Centre) -> str:
    # The next half hour's slot; the studio may be entered and the key used before it.
    starts = _next_half_hour()
    begins = starts.hour * 60 + starts.minute
    await host.fill(
        "booking-form",
        studio=centre.seeded.resources["indigo-hall"],
        day=str(starts.date()),
    )
    await host.fill("booking-form", **{"from": str(begins)})
    await host.fill("booking-form", to=str(min(begins + 60, 24 * 60)))
    await host.at("book").click()
    await expect(host.at("booked")).to_be_visible()
    await host.at("booked").locator('[data-testid="make-live"]').click()
    await host.page.wait_for_url("**/console?booking=*")
    await host.fill("make-sheet", zh="冬被新品首发", en="Winter quilts, first night")
    await host.at("create-live").click()
    await host.page.wait_for_url("**/console/liv_*")
    await expect(host.at("console-title")).to_have_text("Winter quilts, first night")
    return host.page.url.rpartition("/")[2]


def _next_half_hour() -> datetime:
    now = utcnow().astimezone(BEIJING)
    half = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
    return half + timedelta(minutes=30)


async def it_is_prepared_until_every_light_is_green(host: Window) -> str:
    for light in ("shelf", "ingest"):
        await expect(host.at(f"light-{light}", ok="false")).to_be_visible()
    await expect(host.at("do-ready")).to_be_disabled()
    await host.at("add-product").click()
    offered = host.at("offered").filter(has_not_text="Cotton bedding set")  # maybe sold out
    for _ in range(2):
        await offered.first.click()
        await host.at("discount").fill("10")
        await host.at("save-prices").click()
        await expect(offered.first).to_be_visible()
    await host.at("sheet-close").click()
    await expect(host.at("console-card")).to_have_count(2)
    await host.at("issue-key").click()
    key = await host.at("ingest-key").inner_text()
    server = await host.at("ingest-server").inner_text()
    await expect(host.page.locator('[data-testid^="light-"][data-ok="false"]')).to_have_count(0)
    await host.at("do-ready").click()
    await expect(host.at("state-pill", state="ready")).to_be_visible()
    return f"{server}/{key}"


async def it_goes_on_air_and_the_curtain_follows(
    host: Window, viewer: Window, camera: Camera
) -> None:
    await expect(host.at("state-pill", state="live")).to_be_visible(timeout=30_000)
    await expect(host.at("signal", state="live")).to_be_attached(timeout=15_000)
    await expect(viewer.at("live-tag", state="live")).to_be_visible()
    await windows.playing(viewer)
    await a_card_is_explained(host, viewer, 0)
    await host.at("do-pause").click()
    await expect(viewer.at("curtain", state="paused")).to_be_visible()
    await host.at("do-resume").click()
    await expect(viewer.at("curtain")).to_have_count(0)
    await expect(host.at("state-pill", state="live")).to_be_visible()


async def a_card_is_explained(host: Window, viewer: Window, nth: int) -> None:
    card = host.at("console-card").nth(nth)
    number = await card.get_attribute("data-card")
    assert number is not None
    await card.locator('[data-testid="explain"]').click()
    await expect(viewer.at("explain-card", card=number)).to_be_visible(timeout=30_000)


async def a_lost_encoder_ends_nothing(
    host: Window, viewer: Window, camera: Camera, url: str
) -> None:
    camera.drop()
    await expect(viewer.at("curtain", state="interrupted")).to_be_visible(timeout=30_000)
    await expect(host.at("state-pill", state="interrupted")).to_be_visible()
    camera.publish(url)
    await expect(host.at("state-pill", state="live")).to_be_visible(timeout=30_000)
    await expect(viewer.at("curtain")).to_have_count(0)
    await windows.playing(viewer)


async def ended_it_is_over_for_all(host: Window, viewer: Window) -> None:
    await host.at("do-end").click()
    await host.at("confirm").click()
    await expect(host.at("state-pill", state="ended")).to_be_visible()
    await expect(viewer.at("live-tag")).to_have_count(0)


async def the_replay_sells(viewer: Window) -> None:
    chapters = viewer.at("chapters").locator("button")
    await expect(chapters).to_have_count(2, timeout=60_000)
    # How many watch is a live session's matter.
    await expect(viewer.at("viewers")).to_have_count(0)
    await windows.playing(viewer, seconds=1)
    await chapters.nth(1).click()

    async def there() -> bool:
        here = await chapters.nth(1).get_attribute("aria-current")
        return here == "true" and await viewer.at("video").evaluate("v => v.currentTime") > 2

    await windows.until(there, what="the second chapter")
    await viewer.at("card-buy").click()
    await expect(viewer.at("picker")).to_be_visible()
