"""What is woven into, printed or stitched on the cloth. Each returns a :data:`Pattern`."""

import math
import random

from livecommerce.demo.brush import SCALE, Draw, Pattern, Rgb, darker, lighter, mix

_U = SCALE  # one unit of the shown picture


def of(name: str, seed: str) -> Pattern | None:
    """The pattern with this name; ``plain`` is none. The same seed draws the same."""
    maker = _MAKERS.get(name)
    if maker is None:
        return None

    def drawn(draw: Draw, width: int, height: int, colour: Rgb) -> None:
        maker(draw, width, height, colour, random.Random(seed))  # noqa: S311

    return drawn


def _contrast(colour: Rgb, share: float) -> Rgb:
    """Seen on the cloth: darker on light cloth, lighter on dark."""
    bright = sum(colour) / 3 > 150
    return darker(colour, share * 0.8) if bright else lighter(colour, share * 1.1)


def _stripes(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    wide, thin = lighter(colour, 0.28), darker(colour, 0.12)
    for x in range(0, width, 44 * _U):
        draw.rectangle((x, 0, x + 14 * _U, height), fill=wide)
        draw.rectangle((x + 28 * _U, 0, x + 30 * _U, height), fill=thin)


def _melange(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    shades = [lighter(colour, 0.22), darker(colour, 0.1), lighter(colour, 0.1)]
    for _ in range(width * height // (160 * _U * _U)):
        x, y = dice.randrange(width), dice.randrange(height)
        length = dice.randrange(8, 34) * _U
        draw.line((x, y, x + length, y), fill=dice.choice(shades), width=_U)


def _linen(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    for y in range(0, height, 4 * _U):
        shade = dice.choice([lighter(colour, 0.1), darker(colour, 0.04), colour])
        draw.line((0, y, width, y), fill=shade, width=_U)
    for x in range(0, width, 5 * _U):
        if dice.random() < 0.4:
            draw.line((x, 0, x, height), fill=lighter(colour, 0.08), width=1)


def _terry(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    shades = [lighter(colour, 0.3), darker(colour, 0.09), lighter(colour, 0.15)]
    r = 1.6 * _U
    for y in range(0, height, 5 * _U):
        for x in range(0, width, 6 * _U):
            px, py = x + dice.uniform(-3, 3) * _U, y + dice.uniform(-2, 2) * _U
            draw.ellipse((px - r, py - r, px + r, py + r), fill=dice.choice(shades))


def _waffle(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    step = 15 * _U
    for y in range(0, height, step):
        for x in range(0, width, step):
            draw.rectangle(
                (x + 2 * _U, y + 2 * _U, x + step - 2 * _U, y + step - 2 * _U),
                fill=darker(colour, 0.1),
            )
            draw.rectangle(
                (x + 4 * _U, y + 5 * _U, x + step - 3 * _U, y + step - 2 * _U),
                fill=lighter(colour, 0.07),
            )


def _diamonds(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    step, dark, light = 62 * _U, darker(colour, 0.16), lighter(colour, 0.3)
    for offset in range(-height, width + height, step):
        for shade, shift in ((dark, 0), (light, 2 * _U)):
            draw.line(
                (offset, shift, offset + height, height + shift), fill=shade, width=_U + 1
            )
            draw.line(
                (offset, height + shift, offset + height, shift), fill=shade, width=_U + 1
            )


def _boxes(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    step, dark, light = 84 * _U, darker(colour, 0.13), lighter(colour, 0.5)
    for x in range(step // 2, width, step):
        draw.line((x, 0, x, height), fill=dark, width=2 * _U)
        draw.line((x + 2 * _U, 0, x + 2 * _U, height), fill=light, width=_U)
    for y in range(step // 2, height, step):
        draw.line((0, y, width, y), fill=dark, width=2 * _U)
        draw.line((0, y + 2 * _U, width, y + 2 * _U), fill=light, width=_U)


def _channels(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    for x in range(20 * _U, width, 46 * _U):
        draw.line((x, 0, x, height), fill=darker(colour, 0.14), width=2 * _U)
        draw.line((x + 2 * _U, 0, x + 2 * _U, height), fill=lighter(colour, 0.45), width=_U)


def _waves(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    for row, y in enumerate(range(-20 * _U, height + 40 * _U, 26 * _U)):
        shade = lighter(colour, 0.3) if row % 2 else darker(colour, 0.1)
        points = [
            (x, y + 9 * _U * math.sin(x / (34 * _U) + row * 0.8))
            for x in range(0, width + 8 * _U, 8 * _U)
        ]
        draw.line(points, fill=shade, width=3 * _U, joint="curve")


def _checks(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    step = 92 * _U
    light, dark, accent = lighter(colour, 0.42), darker(colour, 0.22), lighter(colour, 0.75)
    for x in range(0, width, step):
        draw.rectangle((x, 0, x + 34 * _U, height), fill=light)
    for y in range(0, height, step):
        for x in range(-step, width + step, step):
            draw.rectangle((x, y, x + 34 * _U, y + 34 * _U), fill=dark)
            draw.rectangle(
                (x + 34 * _U, y, x + step, y + 34 * _U), fill=mix(colour, light, 0.6)
            )
    for x in range(62 * _U, width, step):
        draw.line((x, 0, x, height), fill=accent, width=2 * _U)
    for y in range(62 * _U, height, step):
        draw.line((0, y, width, y), fill=accent, width=2 * _U)


def _geometry(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    step = 76 * _U
    light, pale = lighter(colour, 0.35), lighter(colour, 0.78)
    for row, y in enumerate(range(-step, height + step, step // 2)):
        for x in range(-step, width + step, step):
            left = x + (step // 2 if row % 2 else 0)
            middle, r = left + step // 2, step // 2
            rhomb = [(middle, y), (left + step, y + r), (middle, y + step), (left, y + r)]
            draw.polygon(rhomb, fill=light if row % 2 else colour, outline=pale, width=2 * _U)
            draw.ellipse(
                (middle - 6 * _U, y + r - 6 * _U, middle + 6 * _U, y + r + 6 * _U), fill=pale
            )


def _stars(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    pale, gold = lighter(colour, 0.72), mix(lighter(colour, 0.4), (250, 214, 120), 0.7)
    for row, y in enumerate(range(10 * _U, height + 40 * _U, 58 * _U)):
        for x in range(10 * _U, width + 60 * _U, 92 * _U):
            px = x + (46 * _U if row % 2 else 0) + dice.randrange(-7, 8) * _U
            py = y + dice.randrange(-6, 7) * _U
            if dice.random() < 0.5:
                _star(draw, px, py, dice.uniform(9, 14) * _U, gold, dice.uniform(0, 1))
            else:
                _cloud(draw, px, py, dice.uniform(0.7, 1.0) * _U, pale)


def _star(draw: Draw, x: float, y: float, r: float, colour: Rgb, turn: float) -> None:
    points = []
    for i in range(10):
        reach = r if i % 2 == 0 else r * 0.5
        angle = math.pi * i / 5 + turn
        points.append((x + reach * math.sin(angle), y - reach * math.cos(angle)))
    draw.polygon(points, fill=colour)


def _cloud(draw: Draw, x: float, y: float, s: float, colour: Rgb) -> None:
    for dx, dy, r in ((-14, 3, 9), (0, -3, 13), (14, 3, 9)):
        draw.ellipse(
            (x + (dx - r) * s, y + (dy - r) * s, x + (dx + r) * s, y + (dy + r) * s),
            fill=colour,
        )
    draw.rounded_rectangle((x - 22 * s, y + 3 * s, x + 22 * s, y + 12 * s), 5 * s, fill=colour)


def _flowers(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    leaf = mix(_contrast(colour, 0.3), (104, 138, 104), 0.55)
    petals = [
        _contrast(colour, 0.42),
        mix(_contrast(colour, 0.25), (206, 124, 120), 0.5),
        mix(lighter(colour, 0.5), (236, 204, 150), 0.35),
    ]
    for row, y in enumerate(range(0, height + 50 * _U, 66 * _U)):
        for x in range(0, width + 80 * _U, 84 * _U):
            px = x + (42 * _U if row % 2 else 0) + dice.randrange(-14, 15) * _U
            py = y + dice.randrange(-12, 13) * _U
            size = dice.uniform(0.7, 1.25) * _U
            for _ in range(3):
                _leaf(draw, px, py, dice.uniform(0, 2 * math.pi), 30 * size, leaf)
            _flower(draw, px, py, 13 * size, dice.choice(petals), dice.uniform(0, 1))


def _flower(draw: Draw, x: float, y: float, r: float, colour: Rgb, turn: float) -> None:
    for i in range(5):
        angle = 2 * math.pi * i / 5 + turn
        cx, cy = x + r * 0.75 * math.cos(angle), y + r * 0.75 * math.sin(angle)
        shade = colour if i % 2 else lighter(colour, 0.18)
        draw.ellipse((cx - r * 0.62, cy - r * 0.62, cx + r * 0.62, cy + r * 0.62), fill=shade)
    heart = (238, 206, 128)
    draw.ellipse((x - r * 0.34, y - r * 0.34, x + r * 0.34, y + r * 0.34), fill=heart)


def _leaf(
    draw: Draw, x: float, y: float, angle: float, length: float, colour: Rgb, slim: float = 0.17
) -> None:
    c, s = math.cos(angle), math.sin(angle)
    side: list[tuple[float, float]] = []
    for sign in (1, -1):
        half = []
        for i in range(9):
            along, across = length * i / 8, sign * length * slim * math.sin(math.pi * i / 8)
            half.append((x + along * c - across * s, y + along * s + across * c))
        side.extend(half if sign == 1 else reversed(half))
    draw.polygon(side, fill=colour)


def _bamboo(draw: Draw, width: int, height: int, colour: Rgb, dice: random.Random) -> None:
    stem = mix(_contrast(colour, 0.3), (134, 158, 128), 0.55)
    leaf = mix(_contrast(colour, 0.4), (112, 144, 112), 0.55)
    for x in range(40 * _U, width + 60 * _U, 150 * _U):
        top = dice.randrange(0, 40) * _U
        px = x + dice.randrange(-20, 21) * _U
        lean = dice.uniform(-0.12, 0.12)
        for y in range(top, height, 54 * _U):
            bend = px + lean * (y - top)
            draw.line((bend, y, bend + lean * 50 * _U, y + 50 * _U), fill=stem, width=3 * _U)
            for side in (-1, 1):
                if dice.random() < 0.75:
                    for spread in (0.2, 0.75, 1.3):
                        angle = math.pi / 2 - side * spread
                        long = dice.uniform(34, 50) * _U
                        _leaf(draw, bend, y, angle, long, leaf, slim=0.1)


_MAKERS = {
    "stripes": _stripes,
    "melange": _melange,
    "linen": _linen,
    "terry": _terry,
    "waffle": _waffle,
    "diamonds": _diamonds,
    "boxes": _boxes,
    "channels": _channels,
    "waves": _waves,
    "checks": _checks,
    "geometry": _geometry,
    "stars": _stars,
    "flowers": _flowers,
    "bamboo": _bamboo,
}
