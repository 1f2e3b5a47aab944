"""How much may be said is told where one types, and nothing that is said covers the picture."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests import people
from tests.browser.windows import DESK, PHONE, Opened
from tests.people import Centre

LONG = "今晚八点整点开抢，前一百名下单加赠枕套一对；\N{BED} " * 12
PILE = "a" + "\u0301" * 150


@pytest.mark.parametrize(
    ("size", "lang", "room_for", "too_long", "read_on"),
    [
        (PHONE, "zh-CN", "还可输入 10 字", "超出 5 字（最多 170）", "展开"),
        (DESK, "en", "10 of 170 characters left", "5 too many (at most 170)", "Read on"),
    ],
)
async def test_lengths(
    window: Opened,
    centre: Centre,
    size: Any,
    lang: str,
    room_for: str,
    too_long: str,
    read_on: str,
) -> None:
    viewer = await window(size=size, lang=lang)
    async with centre.person("host") as host:
        show = await people.prepare(host, centre)
        try:
            path = f"/v1/live/{show.live}/announcement"
            await host._ask("PUT", path, {"text": LONG[:300]}, 200, {})
            await viewer.go(f"/live/{show.live}")
            field, told = viewer.at("chat-input"), viewer.at("chat-left")
            await field.fill("这" * 100)
            await expect(told).to_have_count(0)
            await field.fill("\N{BED}" * 160)  # two units of JavaScript each, one character
            await expect(told).to_contain_text(room_for)
            await field.fill("这" * 175)
            await expect(told).to_contain_text(too_long)
            await expect(viewer.at("chat-send")).to_be_disabled()
            await field.fill("W" * 170)
            await viewer.at("chat-send").click()
            await expect(viewer.at("chat-line")).to_have_count(1)
            await field.fill(PILE)
            await viewer.at("chat-send").click()
            await expect(viewer.at("chat-line")).to_have_count(2)
            for line in await viewer.at("chat-line").all():
                inside = await line.evaluate("n => n.scrollWidth <= n.clientWidth + 1")
                assert inside, "it runs out of its column"
            pinned = viewer.at("announcement")
            box = await pinned.bounding_box()
            assert box is not None
            assert box["height"] < size["height"] / 7
            more = viewer.at("announcement-more")
            await expect(more).to_have_text(read_on)
            await more.click()
            await expect(more).to_have_attribute("aria-expanded", "true")
            opened = await pinned.bounding_box()
            assert opened is not None
            assert box["height"] < opened["height"] < size["height"] / 3
            await more.click()
            closed = await pinned.bounding_box()
            assert closed is not None
            assert closed["height"] == box["height"]
            await host._ask("PUT", path, {"text": "short"}, 200, {})
            await expect(pinned).to_contain_text("short")
            await expect(more).to_have_count(0)
        finally:
            await host.post(f"/v1/live/{show.live}/cancel")
