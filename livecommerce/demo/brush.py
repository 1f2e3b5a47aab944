"""A small brush over Pillow: soft shapes with gradients, patterns, folds and shadows.

Everything is drawn twice as large as it is shown and scaled down at the end, so that edges
are smooth; blurred parts are drawn four times smaller, because nobody sees the difference.
"""

import math
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

Point = tuple[float, float]
Rgb = tuple[int, int, int]
Draw = ImageDraw.ImageDraw
Pattern = Callable[[Draw, int, int, Rgb], None]

SHOWN = 800
SCALE = 2
COARSE = 4


def rgb(text: str) -> Rgb:
    """``#rrggbb`` as numbers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """Between two colours; ``share`` of the other."""
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )


def lighter(colour: Rgb, share: float) -> Rgb:
    """Towards warm white."""
    return mix(colour, (255, 253, 248), share)


def darker(colour: Rgb, share: float) -> Rgb:
    """Towards a warm dark, never black."""
    return mix(colour, (44, 38, 48), share)


def smooth(points: Sequence[Point], *, steps: int = 14) -> list[Point]:
    """A closed curve through the points (Catmull-Rom)."""
    count = len(points)
    curve: list[Point] = []
    for i in range(count):
        a, b, c, d = (points[(i + k - 1) % count] for k in range(4))
        for step in range(steps):
            t = step / steps
            curve.append(
                (_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t))
            )
    return curve


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b
        + (c - a) * t
        + (2 * a - 5 * b + 4 * c - d) * t * t
        + (3 * b - a - 3 * c + d) * t * t * t
    )


def rounded(x: float, y: float, w: float, h: float, r: float) -> list[Point]:
    """A rectangle with round corners."""
    corners = [
        (x + w - r, y + r, -90),
        (x + w - r, y + h - r, 0),
        (x + r, y + h - r, 90),
        (x + r, y + r, 180),
    ]
    return [
        (cx + r * math.cos(math.radians(a0 + a)), cy + r * math.sin(math.radians(a0 + a)))
        for cx, cy, a0 in corners
        for a in range(0, 91, 9)
    ]


def plump(
    x: float, y: float, w: float, h: float, *, power: float = 3.4, pinch: float = 0.06
) -> list[Point]:
    """A stuffed rectangle: full sides, corners drawn out a little, like a pillow's."""
    points = []
    for i in range(120):
        angle = 2 * math.pi * i / 120
        c, s = math.cos(angle), math.sin(angle)
        ear = 1 + pinch * math.sin(2 * angle) ** 8
        px = math.copysign(abs(c) ** (2 / power), c) * ear
        py = math.copysign(abs(s) ** (2 / power), s) * ear
        points.append((x + w / 2 * (1 + px), y + h / 2 * (1 + py)))
    return points


def pillow(x: float, y: float, w: float, h: float) -> list[Point]:
    """A stuffed square: sides that bow out between corners that stick out."""
    side = [(0.0, 0.0), (0.06, 0.035), (0.2, 0.035), (0.5, 0.0), (0.8, 0.035), (0.94, 0.035)]
    points = [(x + w * a, y + h * b) for a, b in side]
    points += [(x + w * (1 - b * h / w), y + h * a) for a, b in side]
    points += [(x + w * (1 - a), y + h * (1 - b)) for a, b in side]
    points += [(x + w * b * h / w, y + h * (1 - a)) for a, b in side]
    return smooth(points)


def oval(x: float, y: float, w: float, h: float) -> list[Point]:
    """An ellipse in a box."""
    return [
        (
            x + w / 2 * (1 + math.cos(2 * math.pi * i / 90)),
            y + h / 2 * (1 + math.sin(2 * math.pi * i / 90)),
        )
        for i in range(90)
    ]


def turned(points: Sequence[Point], degrees: float, about: Point) -> list[Point]:
    """The points turned about one."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [
        (
            about[0] + (x - about[0]) * c - (y - about[1]) * s,
            about[1] + (x - about[0]) * s + (y - about[1]) * c,
        )
        for x, y in points
    ]


class Sheet:
    """A picture being drawn, in coordinates of 0 to 800 (or the width and height given)."""

    def __init__(
        self, top: Rgb, bottom: Rgb, *, width: int = SHOWN, height: int = SHOWN
    ) -> None:
        self.width, self.height = width, height
        self._image = _gradient((width * SCALE, height * SCALE), top, bottom)

    def shape(
        self,
        points: Sequence[Point],
        colour: Rgb,
        *,
        below: Rgb | None = None,
        pattern: Pattern | None = None,
        folds: Sequence[tuple[Sequence[Point], float, float]] = (),
        volume: float = 0.0,
        soft: float = 14,
    ) -> None:
        """Fill a shape.

        Args:
            below: the colour at its lower edge, if it runs from one to another.
            pattern: drawn on the cloth, within the shape.
            folds: lines with their width and depth; dark where positive, light where negative.
            volume: how much darker it gets towards its edge, as full things do.
            soft: how far folds and edges are blurred.
        """
        box = self._box(points)
        if box is None:
            return
        left, top, right, bottom = box
        size = right - left, bottom - top
        local = [(x * SCALE - left, y * SCALE - top) for x, y in points]
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon(local, fill=255)
        layer = _gradient(size, colour, colour if below is None else below)
        if pattern is not None:
            pattern(ImageDraw.Draw(layer), size[0], size[1], colour)
        if folds:
            layer = _fold(layer, folds, colour, (left, top), soft)
        if volume:
            layer = _fill_out(layer, mask, colour, volume, soft)
        self._image.paste(layer, (left, top), mask)

    def shadow(
        self,
        points: Sequence[Point],
        *,
        dx: float = 0,
        dy: float = 14,
        blur: float = 22,
        depth: float = 0.28,
    ) -> None:
        """What the shape would cast on what is there already."""
        small = self._image.width // COARSE, self._image.height // COARSE
        cast = Image.new("L", small)
        local = [((x + dx) * SCALE / COARSE, (y + dy) * SCALE / COARSE) for x, y in points]
        ImageDraw.Draw(cast).polygon(local, fill=round(255 * depth))
        cast = cast.filter(ImageFilter.GaussianBlur(blur * SCALE / COARSE))
        dark = Image.new("RGB", self._image.size, (52, 42, 52))
        self._image.paste(
            dark, (0, 0), cast.resize(self._image.size, Image.Resampling.BILINEAR)
        )

    def glow(self, points: Sequence[Point], colour: Rgb, *, blur: float, depth: float) -> None:
        """Soft light of a colour, such as what a window or a lamp throws."""
        small = self._image.width // COARSE, self._image.height // COARSE
        light = Image.new("L", small)
        local = [(x * SCALE / COARSE, y * SCALE / COARSE) for x, y in points]
        ImageDraw.Draw(light).polygon(local, fill=round(255 * depth))
        light = light.filter(ImageFilter.GaussianBlur(blur * SCALE / COARSE))
        tint = Image.new("RGB", self._image.size, colour)
        self._image.paste(
            tint, (0, 0), light.resize(self._image.size, Image.Resampling.BILINEAR)
        )

    def line(self, points: Sequence[Point], colour: Rgb, width: float) -> None:
        """A line with round ends and joints."""
        draw = ImageDraw.Draw(self._image)
        local = [(x * SCALE, y * SCALE) for x, y in points]
        draw.line(local, fill=colour, width=round(width * SCALE), joint="curve")
        r = width * SCALE / 2
        for x, y in (local[0], local[-1]):
            draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def finished(self) -> Image.Image:
        """The picture at its shown size."""
        return self._image.resize((self.width, self.height), Image.Resampling.BOX)

    def _box(self, points: Sequence[Point]) -> tuple[int, int, int, int] | None:
        xs, ys = [x * SCALE for x, _ in points], [y * SCALE for _, y in points]
        left, top = max(0, math.floor(min(xs))), max(0, math.floor(min(ys)))
        right = min(self._image.width, math.ceil(max(xs)) + 1)
        bottom = min(self._image.height, math.ceil(max(ys)) + 1)
        return None if right <= left or bottom <= top else (left, top, right, bottom)


def _gradient(size: tuple[int, int], top: Rgb, bottom: Rgb) -> Image.Image:
    if top == bottom:
        return Image.new("RGB", size, top)
    ramp = Image.linear_gradient("L").resize(size, Image.Resampling.BILINEAR)
    return ImageOps.colorize(ramp, top, bottom)


def _small(size: tuple[int, int]) -> tuple[int, int]:
    return max(1, size[0] // COARSE), max(1, size[1] // COARSE)


def _fold(
    layer: Image.Image,
    folds: Sequence[tuple[Sequence[Point], float, float]],
    colour: Rgb,
    origin: tuple[int, int],
    soft: float,
) -> Image.Image:
    """Valleys darken the cloth, ridges lighten it."""
    for dark in (True, False):
        lines = [(p, w, abs(depth)) for p, w, depth in folds if (depth > 0) is dark]
        if not lines:
            continue
        relief = Image.new("L", _small(layer.size))
        draw = ImageDraw.Draw(relief)
        for points, width, depth in lines:
            local = [
                ((x * SCALE - origin[0]) / COARSE, (y * SCALE - origin[1]) / COARSE)
                for x, y in points
            ]
            thick = max(1, round(width * SCALE / COARSE))
            draw.line(local, fill=round(255 * depth), width=thick, joint="curve")
        relief = relief.filter(ImageFilter.GaussianBlur(soft * SCALE / COARSE / 2))
        relief = relief.resize(layer.size, Image.Resampling.BILINEAR)
        tint = darker(colour, 0.55) if dark else lighter(colour, 0.8)
        layer = Image.composite(Image.new("RGB", layer.size, tint), layer, relief)
    return layer


def _fill_out(
    layer: Image.Image, mask: Image.Image, colour: Rgb, volume: float, soft: float
) -> Image.Image:
    """Darker at the rim, above all below; lighter where light falls, above."""
    small = mask.resize(_small(mask.size), Image.Resampling.BILINEAR)
    radius = soft * SCALE / COARSE
    pad = round(radius * 2)
    wide = ImageOps.expand(small, pad).filter(ImageFilter.GaussianBlur(radius))
    inner = wide.crop((pad, pad, pad + small.width, pad + small.height))
    rim = ImageChops.invert(inner).point(lambda v: min(255, round(v * 1.7 * volume)))
    down = ImageChops.offset(wide, 0, round(radius * 0.9)).crop(
        (pad, pad, pad + small.width, pad + small.height)
    )
    top = ImageChops.subtract(inner, down).point(lambda v: min(255, round(v * 1.5 * volume)))
    for relief, tint in ((rim, darker(colour, 0.5)), (top, lighter(colour, 0.85))):
        full = relief.resize(layer.size, Image.Resampling.BILINEAR)
        layer = Image.composite(Image.new("RGB", layer.size, tint), layer, full)
    return layer
