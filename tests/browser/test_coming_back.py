"""A screen that was away shows what the room is now; one that may not come back says so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import WebSocketRoute, expect

from livecommerce.demo.client import Browser
from tests import people
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


@pytest.mark.parametrize(("size", "lang"), [(PHONE, "zh-CN"), (DESK, "en")])
async def test_what_was_deleted_meanwhile_is_gone_when_the_gap_cannot_be_closed(
    window: Opened, centre: Centre, size: Any, lang: str
) -> None:
    viewer, road = await window(size=size, lang=lang), Road()
    viewer.may_say("WebSocket")
    await road.lead(viewer)
    async with centre.person("host") as host:
        show = await people.prepare(host, centre)
        try:
            await viewer.go(f"/live/{show.live}")
            stays = await says(viewer, "这条留下")
            number = await says(viewer, "违规消息")
            async with voice(host, centre, show.live) as team:
                await road.close()
                await team.call("chat.delete", live=show.live, id=number)
                for n in range(KEPT // 2 + 3):
                    told = await team.call("chat.say", live=show.live, text=f"host {n}")
                    await team.call("chat.delete", live=show.live, id=told["id"])
                await team.call("chat.say", live=show.live, text="the last one")
                road.open()
                last = viewer.at("chat-line").filter(has_text="the last one")
                await expect(last).to_be_visible()
                await expect(viewer.at("chat-line", id=number)).to_have_count(0)
                await expect(viewer.at("chat-line", id=stays)).to_be_visible()
                await team.call("chat.say", live=show.live, text="goes on")
                await expect(viewer.at("chat-line").filter(has_text="goes on")).to_be_visible()
        finally:
            await host.post(f"/v1/live/{show.live}/cancel")


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
