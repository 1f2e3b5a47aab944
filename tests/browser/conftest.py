"""One product for all browser tests, with the centre's pictures, and Chromium to look at it."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from livecommerce.demo import pictures
from tests import media_tools, people, product
from tests.browser import story, windows
from tests.browser.camera import Camera
from tests.browser.story import Aired
from tests.browser.windows import Opened, Window
from tests.database import in_a_loop_of_its_own
from tests.people import Centre, Show
from tests.product import Product

NEEDED = 31  # the pictures that pages show; what follows is other colours of the same
DRAWN_WITHIN = 90.0
DRAW = "import sys, pathlib; from livecommerce.demo.pictures import draw_missing as draw;"
DRAW += "draw(pathlib.Path(sys.argv[1]))"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The one place that knows whether there is a Chromium."""
    return windows.chromium()


@pytest.fixture(scope="session")
def ffmpeg(chromium: str) -> Path:
    """The encoder's program; without a media server these tests are skipped."""
    return media_tools.found().ffmpeg.binary


@pytest.fixture(scope="session")
def shared(ffmpeg: Path) -> Iterator[Product]:
    """The product that all windows look at, with pictures of what it sells."""
    with product.place("lc-browser-") as folder:
        running = Product(folder)
        drawing = subprocess.Popen([sys.executable, "-c", DRAW, str(folder)])
        try:
            running.start()
            _until_drawn(folder / pictures.FOLDER)
            drawing.kill()
            yield running
            code, _ = running.stop()
            assert code == 0
        finally:
            drawing.kill()
            drawing.wait()
            running.clear()


def _until_drawn(folder: Path) -> None:
    deadline = time.monotonic() + DRAWN_WITHIN
    needed = [folder / name for name in pictures.names()[:NEEDED]]
    while not all(path.exists() for path in needed):
        assert time.monotonic() < deadline, "the pictures were not drawn"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def centre(shared: Product) -> Centre:
    """The demo centre."""
    return Centre(shared.url, product.seeded(shared))


@pytest.fixture(scope="session")
def camera(ffmpeg: Path, centre: Centre, shared: Product) -> Camera:
    """One that nobody has switched on; each test that needs one takes a copy."""
    return Camera(ffmpeg, shared.folder / pictures.FOLDER / "studios/morning-bedroom.webp")


@pytest.fixture(scope="session")
def on_air(centre: Centre, camera: Camera) -> Iterator[Show]:
    """A session that is live all the while."""
    made: list[Show] = []

    async def prepare() -> None:
        async with centre.person("host") as host:
            made.append(await story.prepared(host, centre))
            camera.publish(made[0].key_url)
            await story.seen_on_air(host, made[0].live)

    try:
        in_a_loop_of_its_own(prepare())
        yield made[0]
    finally:
        camera.drop()


@pytest.fixture(scope="session")
def waiting(centre: Centre) -> Show:
    """A session that is ready, and not on air yet."""
    made: list[Show] = []

    async def prepare() -> None:
        async with centre.person("host") as host:
            made.append(await people.prepare(host, centre))

    in_a_loop_of_its_own(prepare())
    return made[0]


@pytest.fixture(scope="session")
def aired(centre: Centre, ffmpeg: Path, camera: Camera) -> Aired:
    """A session that is over: explained, bought from, and to be watched again."""
    made: list[Aired] = []

    async def run() -> None:
        made.append(await story.aired(centre, Camera(ffmpeg, camera.set_)))

    in_a_loop_of_its_own(run())
    return made[0]


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Chromium, fresh for every test."""
    async with windows.launched(chromium) as launched:
        yield launched


@pytest.fixture
async def window(browser: Browser, centre: Centre) -> AsyncIterator[Opened]:
    """Opens windows; at the end, nothing may have gone wrong in any of them."""
    all_of_them: list[Window] = []

    async def opened(**how: object) -> Window:
        one = await windows.opened(browser, centre.url, **how)  # type: ignore[arg-type]
        all_of_them.append(one)
        return one

    yield opened
    await asyncio.gather(*(one.page.close() for one in all_of_them))
    assert [said for one in all_of_them for said in one.wrong] == []


@pytest.fixture(autouse=True)
def told_by_the_product(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the product logged during a test is shown where the test failed."""
    if "shared" not in request.fixturenames:
        yield
        return
    running: Product = request.getfixturevalue("shared")
    before = len(running.said())
    yield
    request.node.add_report_section("call", "product", running.said()[before:][-4000:])
