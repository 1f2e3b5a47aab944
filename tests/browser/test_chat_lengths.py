"""How much may be said is told where one types, and nothing that is said covers the picture."""

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.browser.windows import DESK, PHONE, Opened
from tests.people import Centre, Show

LONG = "今晚八点整点开抢，前一百名下单加赠枕套一对；\N{BED} " * 12
PILE = "b" + "\u0301" * 150


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
    waiting: Show,
    size: Any,
    lang: str,
    room_for: str,
    too_long: str,
    read_on: str,
) -> None:
    viewer = await window(size=size, lang=lang)
    path = f"/v1/live/{waiting.live}/announcement"
    async with centre.person("host") as host:
        await host._ask("PUT", path, {"text": LONG[:300]}, 200, {})
        await viewer.go(f"/live/{waiting.live}")
        field, told = viewer.at("chat-input"), viewer.at("chat-left")
        await field.fill("这" * 100)
        await expect(told).to_have_count(0)
        await field.fill("\N{BED}" * 160)  # two units of JavaScript each, one character
        await expect(told).to_contain_text(room_for)
        await field.fill("这" * 175)
        await expect(told).to_contain_text(too_long)
        await expect(viewer.at("chat-send")).to_be_disabled()
        for text in (f"{lang}{'W' * 165}", f"{lang}{PILE}"):
            await field.fill(text)
            await viewer.at("chat-send").click()
            said = viewer.at("chat-line").filter(has_text=text[: len(lang) + 1])
            await expect(said).to_be_visible()
            inside = await said.evaluate("node => node.scrollWidth <= node.clientWidth + 1")
            assert inside, "it runs out of its column"
        pinned, more = viewer.at("announcement"), viewer.at("announcement-more")
        await expect(more).to_have_text(read_on)
        closed = await height(pinned)
        assert closed < size["height"] / 7
        await more.click()
        await expect(more).to_have_attribute("aria-expanded", "true")
        assert closed < await height(pinned) < size["height"] / 3
        await more.click()
        assert await height(pinned) == closed
        await host._ask("PUT", path, {"text": "short"}, 200, {})
        await expect(pinned).to_contain_text("short")
        await expect(more).to_have_count(0)


async def height(of: Locator) -> float:
    box = await of.bounding_box()
    assert box is not None
    return box["height"]
