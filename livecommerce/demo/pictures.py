"""The demo's pictures, drawn by the program itself and kept in the data folder.

The same version draws the same pictures. Each is drawn once: a file that is there is not
drawn again, and one is put in its place only when it is whole.
"""

import asyncio
import os
import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from PIL import Image

from livecommerce.demo import patterns
from livecommerce.demo.brush import rgb
from livecommerce.demo.centre import HOUSES, STUDIOS, House
from livecommerce.demo.goods import Colour, Good
from livecommerce.demo.places import STUDIO_PICTURES, mark
from livecommerce.demo.scenes import SCENES
from livecommerce.demo.scenes_soft import SOFT_SCENES
from livecommerce.demo.wares import GOODS

FOLDER = "pictures"  # below the data folder; served under /media/
_STAMP = ".drawn-by"
VERSION = "1"  # another number draws everything again
_SCENES = {**SCENES, **SOFT_SCENES}


async def draw_aside(data_dir: Path) -> None:
    """Draw what is missing in a process of its own, so that the caller's loop stays quick.

    Raises:
        RuntimeError: the drawing process failed; its words went to standard error.
    """
    words = [sys.executable, "-m", "livecommerce.demo.pictures", str(data_dir)]
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the server, who ends it
    )
    try:
        if await process.wait():
            raise RuntimeError(f"drawing the pictures ended with {process.returncode}")
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def draw_missing(data_dir: Path) -> int:
    """Draw what is not there yet, the first picture of each product first; how many it was.

    Takes a third of a second a picture; :func:`draw_aside` does it beside a server.
    """
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / _STAMP
    current = stamp.exists() and stamp.read_text() == VERSION
    drawn = 0
    for name, draw in _all():
        path = folder / name
        if current and path.exists():
            continue
        _keep(draw(), path)
        drawn += 1
    stamp.write_text(VERSION)
    return drawn


def names() -> list[str]:
    """Every picture's path below the folder, in the order they are drawn."""
    return [name for name, _ in _all()]


def product(good: Good, colour: Colour) -> Image.Image:
    """A product in one of its colours, 800 by 800."""
    dice = random.Random(good.slug)  # noqa: S311
    pattern = patterns.of(good.pattern, good.slug)
    return _SCENES[good.scene](rgb(colour.hex), pattern, dice).finished()


def _all() -> Iterator[tuple[str, Callable[[], Image.Image]]]:
    for house in HOUSES:
        yield f"merchants/{house.slug}.webp", partial(_mark, house)
    for place in range(max(len(good.colours) for good in GOODS)):
        for good in GOODS:
            if place < len(good.colours):
                colour = good.colours[place]
                yield good.picture(colour), partial(product, good, colour)
        if place == 0:
            for studio in STUDIOS:
                yield f"studios/{studio.slug}.webp", partial(_studio, studio.slug)


def _mark(house: House) -> Image.Image:
    return mark(house.slug, rgb(house.colour)).finished()


def _studio(slug: str) -> Image.Image:
    return STUDIO_PICTURES[slug]().finished()


def _keep(image: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    image.save(part, "WEBP", quality=86, method=4)
    part.replace(path)


if __name__ == "__main__":
    os.nice(10)
    draw_missing(Path(sys.argv[1]))
