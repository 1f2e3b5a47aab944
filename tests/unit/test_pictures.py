"""Pictures as they are taken in: by content, upright, small, and nothing of the camera."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from livecommerce.catalogue.errors import NotAPicture, PictureTooLarge
from livecommerce.catalogue.pictures import making


def saved(image: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def halves(width: int, height: int) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), (220, 20, 20))
    image.paste((20, 20, 220), (width // 2, 0, width, height))
    return image


def made(content: bytes, folder: Path, width: int = 800) -> Image.Image:
    picture = making.make(content, folder)
    image = Image.open(folder / making.FOLDER / f"{picture.digest}-{width}.webp")
    image.load()
    return image


def test_one_picture_becomes_three_widths(tmp_path: Path) -> None:
    picture = making.make(saved(halves(2000, 1000), "JPEG"), tmp_path)
    assert picture.address == f"/media/goods/{picture.digest}-800.webp"
    assert (picture.width, picture.height) == (1600, 800)
    sizes = {}
    for path in (tmp_path / "goods").iterdir():
        with Image.open(path) as image:
            assert image.format == "WEBP"
            sizes[path.stem.rpartition("-")[2]] = image.size
    assert sizes == {"320": (320, 160), "800": (800, 400), "1600": (1600, 800)}


def test_small_pictures_are_not_blown_up(tmp_path: Path) -> None:
    assert made(saved(halves(90, 60), "PNG"), tmp_path, 1600).size == (90, 60)


def test_it_stands_upright_and_tells_nothing_of_the_camera(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by a quarter
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[2] = (31.0, 58.0, 0.0)  # where it was taken
    content = saved(halves(400, 200), "JPEG", exif=exif, comment=b"Secret words")
    assert b"Secret Camera" in content
    image = made(content, tmp_path)
    assert image.size == (200, 400)
    top, bottom = image.getpixel((100, 40)), image.getpixel((100, 360))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 150 > top[2]
    assert bottom[2] > 150 > bottom[0]
    assert not image.getexif()
    for path in (tmp_path / "goods").iterdir():
        assert b"Secret" not in path.read_bytes()
        assert b"EXIF" not in path.read_bytes()


def test_colours_are_turned_into_srgb(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = made(saved(halves(100, 100), "PNG", icc_profile=profile), tmp_path)
    assert "icc_profile" not in image.info
    broken = made(saved(halves(100, 100), "PNG", icc_profile=b"no profile"), tmp_path)
    assert broken.size == (100, 100)


def test_what_is_clear_stays_clear(tmp_path: Path) -> None:
    image = made(saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"), tmp_path)
    assert image.mode == "RGBA"


def test_the_same_bytes_are_the_same_files(tmp_path: Path) -> None:
    content = saved(halves(50, 50), "PNG")
    assert making.make(content, tmp_path) == making.make(content, tmp_path)
    assert len(list((tmp_path / "goods").iterdir())) == len(making.WIDTHS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"\xff\xd8\xff\xe0 not really",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        saved(halves(300, 300), "JPEG")[:2000],
        saved(halves(300, 300), "PNG")[:200],
    ],
)
def test_what_is_no_picture_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(NotAPicture):
        making.make(content, tmp_path)
    assert not list(tmp_path.rglob("*.webp"))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A few kilobytes that would be hundreds of megabytes."""
    bomb = saved(Image.new("1", (9000, 9000)), "PNG")
    assert len(bomb) < 20_000
    for content in (bomb, saved(Image.new("1", (15_000, 15_000)), "PNG")):
        with pytest.raises(PictureTooLarge):
            making.make(content, tmp_path)


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureTooLarge):
        making.make(b"\0" * (making.MOST_BYTES + 1), tmp_path)
