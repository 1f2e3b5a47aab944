"""The pictures are drawn once, the same every time, and show the colour they are named for."""

from pathlib import Path

import pytest
from PIL import Image, ImageStat

from livecommerce.demo import pictures
from livecommerce.demo.brush import rgb
from livecommerce.demo.goods import Good
from livecommerce.demo.wares import GOODS


def test_every_product_colour_studio_and_merchant_has_one() -> None:
    names = pictures.names()
    assert len(set(names)) == len(names)
    wanted = {good.picture(colour) for good in GOODS for colour in good.colours}
    assert wanted <= set(names)
    assert sum(name.startswith("studios/") for name in names) == 4
    assert sum(name.startswith("merchants/") for name in names) == 3


def test_the_same_is_drawn_again_and_colours_differ() -> None:
    good = next(g for g in GOODS if g.slug == "watercolour-set")
    rose, mist, _ = good.colours
    once = pictures.product(good, rose)
    assert once.size == (800, 800)
    assert once.tobytes() == pictures.product(good, rose).tobytes()
    cloth = (250, 640, 550, 690)
    seen = ImageStat.Stat(once.crop(cloth)).mean
    other = ImageStat.Stat(pictures.product(good, mist).crop(cloth)).mean
    assert seen[0] > seen[2], "rose is warm"
    assert other[0] < other[2], "mist blue is cool"
    assert rgb(rose.hex) != rgb(mist.hex)


@pytest.mark.parametrize("good", {g.scene: g for g in GOODS}.values(), ids=lambda g: g.scene)
def test_every_scene_shows_something(good: Good) -> None:
    drawn = pictures.product(good, good.colours[0])
    assert min(ImageStat.Stat(drawn).stddev) > 8


async def test_what_is_there_is_not_drawn_again(tmp_path: Path) -> None:
    folder = tmp_path / pictures.FOLDER
    for name in pictures.names()[1:]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"kept")
    (folder / ".drawn-by").write_text(pictures.VERSION)
    assert pictures.draw_missing(tmp_path) == 1
    assert pictures.draw_missing(tmp_path) == 0
    (folder / pictures.names()[0]).unlink()
    await pictures.draw_aside(tmp_path)
    with Image.open(folder / pictures.names()[0]) as drawn:
        assert drawn.format == "WEBP"
    assert not list(folder.rglob("*.part"))
