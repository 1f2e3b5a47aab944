"""Windows of Chromium: each complains of what goes wrong in it, and reaches nobody but us."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.people import Centre

ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--autoplay-policy=no-user-gesture-required", "--mute-audio"),
    # Nobody else is reached. Not by a route: those switch the browser's cache off.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}
SCREENSHOTS = Path(__file__).parents[2] / "livecommerce/pages/screenshots"
expect.set_options(timeout=30_000)  # machines do other things as well
HEAVIEST = 120_000  # bytes of a screenshot
TOO_SMALL = """() => [...document.querySelectorAll('main a, main button')]
  .filter(node => node.offsetParent && node.getBoundingClientRect().height < 43.5)
  .map(node => node.textContent)"""  # for a thumb; the text of each
STARTING = re.compile(r"404 .*/hls/")  # asked for a picture before there was one


def chromium() -> str:
    """Where it is; where it is missing the test is skipped, in CI it fails."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "no Chromium on this machine (Debian: chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@dataclass
class Window:
    """Somebody's page, in a context of its own."""

    page: Page
    url: str
    wrong: list[str] = field(default_factory=list)
    _allowed: list[re.Pattern[str]] = field(default_factory=list)

    def may_say(self, *patterns: str | re.Pattern[str]) -> None:
        """Errors in the console that belong to the story, such as a refusal's 409."""
        self._allowed += [re.compile(pattern) for pattern in patterns]

    def complain(self, said: str) -> None:
        """Remember what went wrong, unless it may."""
        if not any(pattern.search(said) for pattern in self._allowed):
            self.wrong.append(said)

    async def go(self, path: str) -> None:
        """Open a page of ours."""
        await self.page.goto(self.url + path)

    def at(self, testid: str, **facts: str) -> Locator:
        """What carries this test id, and these ``data-`` facts."""
        more = "".join(f'[data-{name}="{value}"]' for name, value in facts.items())
        return self.page.locator(f'[data-testid="{testid}"]{more}')

    async def fill(self, form: str, **fields: str) -> None:
        """Type into a form's fields, or choose."""
        for name, value in fields.items():
            at = self.at(form).locator(f'[name="{name}"]')
            if await at.evaluate("node => node.tagName") == "SELECT":
                await at.select_option(value)
            else:
                await at.fill(value)

    async def sign_in(self, centre: Centre, who: str) -> None:
        """Carry the session of somebody who has signed in before."""
        async with centre.person(who) as person:
            await self.carry({c.key: c.value for c in person._http.cookie_jar})

    async def carry(self, cookies: dict[str, str]) -> None:
        """Be who carries these."""
        await self.page.context.add_cookies(
            [{"name": name, "value": told, "url": self.url} for name, told in cookies.items()]
        )

    async def picture(self, name: str) -> None:
        """Keep a screenshot for the README; only where one asked for that."""
        if not _pictured():
            return
        raw = await self.page.screenshot(animations="disabled")
        await asyncio.to_thread(_keep, raw, SCREENSHOTS / f"{name}.webp")


def _keep(raw: bytes, path: Path) -> None:
    from io import BytesIO

    path.parent.mkdir(exist_ok=True)
    Image.open(BytesIO(raw)).save(path, "WEBP", quality=80, method=6)
    assert path.stat().st_size <= HEAVIEST, f"{path.name}: {path.stat().st_size} bytes"


Opened = Callable[..., Awaitable[Window]]


@asynccontextmanager
async def launched(binary: str) -> AsyncIterator[Browser]:
    """Chromium, for one test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


async def opened(
    browser: Browser,
    url: str,
    *,
    size: ViewportSize = DESK,
    lang: str = "en",
    touch: bool | None = None,
    scale: float = 1,
    zone: str = "Europe/Berlin",
    moving: bool = False,
) -> Window:
    """A new window with a cookie jar of its own; phones are touched. ``moving`` shows what
    moves to those who do not mind, which costs a machine without a graphics card dear."""
    context: BrowserContext = await browser.new_context(
        viewport=size,
        locale=lang,
        has_touch=size["width"] < 500 if touch is None else touch,
        device_scale_factor=scale if _pictured() else 1,
        timezone_id=zone,
        reduced_motion="no-preference" if moving else "reduce",
    )
    context.set_default_timeout(20_000)
    window = Window(await context.new_page(), url)
    window.page.on("pageerror", lambda error: window.complain(f"page: {error}"))
    window.page.on("console", lambda told: _heard(window, told))
    return window


def _pictured() -> bool:
    """Whether pictures are kept: only then is it worth painting four pixels for one."""
    return os.environ.get("LC_SCREENSHOTS") == "1"


def _heard(window: Window, told: ConsoleMessage) -> None:
    if told.type == "error":
        window.complain(f"{told.text} {told.location.get('url', '')}")


async def until(
    look: Callable[[], Awaitable[Any]], *, within: float = 20.0, what: str = "it"
) -> Any:
    """The first true thing that ``look`` gives."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while not (found := await look()):
        assert loop.time() < deadline, f"waited {within:g} s, and still not: {what}"
        await asyncio.sleep(0.1)
    return found


async def playing(window: Window, *, seconds: float = 2.0) -> dict[str, Any]:
    """The picture has moved on by so much in about as long; what the player says of it."""
    video = window.at("video")

    async def seen() -> dict[str, Any]:
        told: dict[str, Any] = await video.evaluate(
            """node => ({
                 at: node.currentTime, width: node.videoWidth,
                 dropped: node.getVideoPlaybackQuality().droppedVideoFrames,
                 frames: node.getVideoPlaybackQuality().totalVideoFrames })"""
        )
        return told

    async def begun() -> bool:
        told = await seen()
        return bool(told["at"] > 0.3 and told["width"] > 0)

    await until(begun, within=30, what="a first picture")
    first = await seen()

    async def moved() -> bool:
        return bool((await seen())["at"] - first["at"] > seconds)

    await until(moved, within=seconds + 6, what="a moving picture")
    return await seen()
