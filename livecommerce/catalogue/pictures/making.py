"""A picture as it came becomes three of ours: upright, in sRGB, small, without metadata."""

import hashlib
import io
import os
import secrets
import struct
import threading
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageCms, ImageOps

from livecommerce.catalogue.errors import NotAPicture, PictureTooLarge

MOST_BYTES: Final = 15 << 20
MOST_DOTS: Final = 64_000_000
WIDTHS: Final = (320, 800, 1600)
SHOWN: Final = 800
FOLDER: Final = "goods"
"""Below the data folder's ``pictures``, which is served under ``/media/``."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP")
_TALLEST: Final = 4  # times its width: a strip of detail pictures is tall
_UNREADABLE: Final = (
    *(OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error),
    *(IndexError, TypeError, OverflowError, MemoryError),
)
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each may take a quarter of a gigabyte while it is open."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a picture is known by, and the size of its largest."""

    digest: str
    width: int
    height: int

    @property
    def address(self) -> str:
        """Where browsers find it; the other widths have their number instead of 800."""
        return f"/media/{FOLDER}/{self.digest}-{SHOWN}.webp"


def digest_of(content: bytes) -> str:
    """The name that these bytes have, whoever sends them."""
    return hashlib.sha256(content).hexdigest()[:40]


def make(content: bytes, folder: Path) -> Made:
    """Keep the picture in every width below ``folder``. The same bytes make the same files,
    so making them twice is harmless. Computes for up to some seconds: not on a loop.

    Raises:
        NotAPicture: by its content; names and types are not believed.
        PictureTooLarge: more than 15 MiB or 64 million dots, which are counted before
            anything is unpacked.
    """
    if len(content) > MOST_BYTES:
        raise PictureTooLarge(most=MOST_BYTES)
    digest = digest_of(content)
    with _AT_ONCE:
        image = _opened(content)
        place = folder / FOLDER
        place.mkdir(parents=True, exist_ok=True)
        size = image.size
        for width in sorted(WIDTHS, reverse=True):
            image.thumbnail((width, width * _TALLEST), Image.Resampling.LANCZOS)
            if width == max(WIDTHS):
                size = image.size
            _keep(image, place / f"{digest}-{width}.webp")
    return Made(digest, *size)


def _opened(content: bytes) -> Image.Image:
    """The picture upright, in RGB or RGBA, and nothing that came with it."""
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as found:
            if found.width * found.height > MOST_DOTS:
                raise PictureTooLarge(most=MOST_DOTS)
            widest = max(WIDTHS)
            found.draft("RGB", (widest, widest * _TALLEST))
            upright = ImageOps.exif_transpose(found)
            profile = found.info.get("icc_profile")
            return _bare(upright, profile)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge(most=MOST_DOTS) from None
    except _UNREADABLE as unreadable:
        raise NotAPicture() from unreadable


def _bare(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB, as a new picture that has taken over the dots alone."""
    if profile and image.mode in {"RGB", "RGBA", "CMYK", "L"}:
        image = _in_srgb(image, profile)
    clear = "A" in image.getbands() or "transparency" in image.info
    image = image.convert("RGBA" if clear else "RGB")
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours as the camera meant them; with a broken profile, as they are."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    flat = image.convert("RGB") if image.mode == "RGBA" else image
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        turned = ImageCms.profileToProfile(flat, meant, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    if turned is None:
        return image
    if alpha is not None:
        turned.putalpha(alpha)
    return turned


def _keep(image: Image.Image, path: Path) -> None:
    """In its place when it is whole."""
    if path.exists():
        return
    aside = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    try:
        image.save(aside, "WEBP", quality=82, method=4)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
