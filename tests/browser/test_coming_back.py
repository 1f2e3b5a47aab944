"""A screen that was away shows what the room is now; one that may not come back says so."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from playwright.async_api import WebSocketRoute, expect

from livecommerce.demo.client import Browser
from tests.browser.windows import DESK, PHONE, Opened, Window
from tests.people import Centre, Show
from tests.rooms import Raw

KEPT = 100  # publications that a room can replay
AWAY = "正在重新连接"


class Road:
    """A window's way to the room: it can be closed, and opened again."""

    def __init__(self) -> None:
        self._open = True
        self._there: list[WebSocketRoute] = []
        self.taken = 0.0

    def tell(self, live: str, **frame: Any) -> None:
        """The room's figures, as if it had told them."""
        data = {"t": "stats", "peak": 0, **frame}
        push = {"push": {"channel": f"stats:{live}", "pub": {"data": data}}}
        self._there[-1].send(orjson.dumps(push).decode())

    async def lead(self, window: Window) -> None:
        await window.page.route_web_socket("**/connection/websocket*", self._take)

    async def close(self) -> None:
        self._open = False
        for socket in self._there:
            await socket.close(code=3001, reason="shutdown")
        self._there.clear()

    def open(self) -> None:
        self._open = True

    async def _take(self, socket: WebSocketRoute) -> None:
        if not self._open:
            await socket.close(code=3001, reason="shutdown")
            return
        self.taken = time.monotonic()
        socket.connect_to_server()
        self._there.append(socket)


class Voice(Raw):
    """Somebody in the room who needs no screen."""

    async def call(self, method: str, **body: Any) -> Any:
        told = await self.ask(rpc={"method": method, "data": body})
        assert "rpc" in told, told
        return told["rpc"]["data"]


@asynccontextmanager
async def voice(who: Browser, centre: Centre, live: str) -> AsyncIterator[Voice]:
    given = await who.get(f"/v1/live/{live}/token")
    url = centre.url.replace("http:", "ws:") + "/connection/websocket"
    async with Voice.to(url) as there:
        await there.ask(connect={"token": given["token"]})
        yield there


async def says(window: Window, text: str) -> str:
    """Said in the room; the message's number."""
    await window.at("chat-input").fill(text)
    await window.at("chat-send").click()
    line = window.at("chat-line").filter(has_text=text)
    await expect(line).to_be_visible()
    number = await line.get_attribute("data-id")
    assert number is not None
    return number


async def much_is_told(team: Voice, live: str) -> None:
    """More than a room can replay, and none of it stays."""
    for n in range(KEPT // 2 + 3):
        told = await team.call("chat.say", live=live, text=f"host {n}")
        await team.call("chat.delete", live=live, id=told["id"])


@pytest.mark.parametrize(("size", "lang"), [(PHONE, "zh-CN"), (DESK, "en")])
async def test_what_was_deleted_meanwhile_is_gone_when_the_gap_cannot_be_closed(
    window: Opened, centre: Centre, waiting: Show, size: Any, lang: str
) -> None:
    viewer, road, live = await window(size=size, lang=lang), Road(), waiting.live
    viewer.may_say("WebSocket")
    await road.lead(viewer)
    await viewer.go(f"/live/{live}")
    stays = await says(viewer, f"这条留下 {lang}")
    number = await says(viewer, f"违规消息 {lang}")
    async with centre.person("host") as host, voice(host, centre, live) as team:
        await road.close()
        await team.call("chat.delete", live=live, id=number)
        await much_is_told(team, live)
        await team.call("chat.say", live=live, text=f"the last one {lang}")
        road.open()
        last = viewer.at("chat-line").filter(has_text=f"the last one {lang}")
        await expect(last).to_be_visible()
        await expect(viewer.at("chat-line", id=number)).to_have_count(0)
        await expect(viewer.at("chat-line", id=stays)).to_be_visible()
        await team.call("chat.say", live=live, text=f"goes on {lang}")
        await expect(viewer.at("chat-line").filter(has_text=f"goes on {lang}")).to_be_visible()


async def test_a_full_room_does_not_read_itself_again_all_at_once(
    window: Opened, centre: Centre, waiting: Show
) -> None:
    """Every screen waits for a part of its own of the time that so many need: here, nine
    tenths of five seconds."""
    viewer, road, live = await window(size=PHONE), Road(), waiting.live
    viewer.may_say("WebSocket")
    await viewer.page.add_init_script("Math.random = () => 0.9")
    await road.lead(viewer)
    await viewer.go(f"/live/{live}")
    await says(viewer, "hello of a full room")
    async with centre.person("host") as host, voice(host, centre, live) as team:
        road.tell(live, viewers=5000)
        await expect(viewer.at("viewers")).to_have_attribute("data-count", "5000")
        await road.close()
        await much_is_told(team, live)
    async with viewer.page.expect_request("**/room?**", timeout=30_000):
        road.open()
    assert time.monotonic() - road.taken > 3


async def test_whoever_is_banned_everywhere_is_told_and_not_left_to_wait(
    window: Opened, centre: Centre, on_air: Show
) -> None:
    phone, desk = await window(size=PHONE, lang="zh-CN"), await window(size=DESK)
    for viewer in (phone, desk):
        viewer.may_say("403")
        await viewer.go(f"/live/{on_air.live}")
        await says(viewer, "bye" if viewer is desk else "再见")
    async with centre.person("operator") as operator:
        for viewer, where in ((phone, {"anywhere": True}), (desk, {})):
            me = await viewer.page.evaluate("fetch('/v1/me').then(told => told.json())")
            async with voice(operator, centre, on_air.live) as staff:
                ban = {"user": me["id"], "ban": True, "minutes": 1}
                await staff.call("chat.mute", live=on_air.live, **ban, **where)
    for viewer, words in ((phone, "您已被移出本直播间"), (desk, "You have been removed")):
        await expect(viewer.at("cut-off", why="sent")).to_contain_text(words)
        await expect(viewer.at("chat-input")).to_be_disabled()
        await expect(viewer.page.get_by_text(AWAY)).to_have_count(0)
        await viewer.page.screenshot()


async def test_one_window_too_many_says_so(window: Opened, on_air: Show) -> None:
    guest = await window(size=PHONE, lang="zh-CN")
    guest.may_say("WebSocket", "429", "503")

    async def full(socket: WebSocketRoute) -> None:
        await socket.close(code=3504, reason="connection limit")

    await guest.page.route_web_socket("**/connection/websocket*", full)
    await guest.go(f"/live/{on_air.live}")
    await expect(guest.at("cut-off", why="windows")).to_contain_text("窗口过多")
    await expect(guest.at("chat-input")).to_be_disabled()
