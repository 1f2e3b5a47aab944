"""Products as they are shown: a made bed, folded towels, curtains at a window."""

import math
import random
from collections.abc import Callable, Sequence

from livecommerce.demo.brush import (
    Pattern,
    Point,
    Rgb,
    Sheet,
    darker,
    lighter,
    mix,
    oval,
    pillow,
    plump,
    rounded,
    smooth,
    turned,
)

WOOD: Rgb = (196, 160, 122)
LEAF: Rgb = (122, 148, 116)
LINEN: Rgb = (247, 244, 238)

Fold = tuple[Sequence[Point], float, float]
Scene = Callable[[Rgb, Pattern | None, random.Random], Sheet]


def wall_for(colour: Rgb) -> Rgb:
    """A quiet wall that suits the colour; pale goods stand before a deeper tone."""
    pale = min(1.0, max(0.0, (sum(colour) / 3 - 190) / 45))
    deep = (216, 205, 192) if colour[0] - colour[2] < 10 else (196, 204, 196)
    return mix(mix((243, 238, 230), colour, 0.18), deep, pale)


def room(colour: Rgb, *, floor: float = 640) -> Sheet:
    """A wall, a floor, and light from the left."""
    wall = wall_for(colour)
    sheet = Sheet(lighter(wall, 0.45), darker(wall, 0.04))
    light: list[Point] = [(40, -40), (330, -40), (560, floor), (180, floor)]
    sheet.glow(light, (255, 250, 238), blur=34, depth=0.5)
    ground = mix((214, 190, 164), colour, 0.1)
    sheet.shape(
        [(0, floor), (800, floor), (800, 800), (0, 800)],
        lighter(ground, 0.22),
        below=darker(ground, 0.08),
    )
    skirting: list[Point] = [(0, floor - 16), (800, floor - 16), (800, floor), (0, floor)]
    sheet.shape(skirting, lighter(wall, 0.6), below=lighter(wall, 0.3))
    return sheet


def table_top(colour: Rgb, *, edge: float = 620) -> Sheet:
    """A wall and a wooden board in front of it."""
    wall = wall_for(colour)
    sheet = Sheet(lighter(wall, 0.5), darker(wall, 0.06))
    sheet.glow(oval(60, -120, 680, 560), (255, 251, 242), blur=70, depth=0.55)
    sheet.shape(
        [(0, edge), (800, edge), (800, 800), (0, 800)],
        lighter(WOOD, 0.25),
        below=darker(WOOD, 0.06),
    )
    sheet.shape([(0, edge), (800, edge), (800, edge + 5), (0, edge + 5)], lighter(WOOD, 0.5))
    return sheet


def sprig(sheet: Sheet, x: float, y: float, *, size: float = 1.0, lean: float = 0.0) -> None:
    """A vase with a branch, so that things have a size."""
    body = smooth(
        [
            (x - 26 * size, y - 70 * size),
            (x - 15 * size, y - 92 * size),
            (x + 15 * size, y - 92 * size),
            (x + 26 * size, y - 70 * size),
            (x + 36 * size, y - 24 * size),
            (x + 20 * size, y),
            (x - 20 * size, y),
            (x - 36 * size, y - 24 * size),
        ]
    )
    for turn, reach in ((-0.5, 150), (0.05, 190), (0.55, 140)):
        bend = turn + lean
        stem = [
            (x + bend * t * t * reach * size, y - 90 * size - t * reach * size)
            for t in (i / 12 for i in range(13))
        ]
        sheet.line(stem, darker(LEAF, 0.15), 2.4 * size)
        for i in range(3, 13, 2):
            px, py = stem[i]
            for side in (-1, 1):
                leaf = oval(px - 17 * size, py - 7 * size, 34 * size, 14 * size)
                spread = turned(leaf, 38 * side + 30 * bend, (px, py))
                moved = [(a + side * 15 * size, b - 5 * size) for a, b in spread]
                sheet.shape(moved, mix(LEAF, (168, 188, 158), i / 14))
    sheet.shadow(oval(x - 40 * size, y - 10 * size, 90 * size, 16 * size), dy=4, blur=9)
    sheet.shape(body, (236, 230, 222), below=(203, 192, 182), volume=0.35, soft=8)


def bed(colour: Rgb, pattern: Pattern | None, dice: random.Random) -> Sheet:
    """A made bed, seen from its foot."""
    sheet = room(colour, floor=610)
    board = mix((206, 186, 164), colour, 0.25)
    head = rounded(96, 188, 608, 380, 46)
    sheet.shadow(head, dy=10, blur=26, depth=0.22)
    seams: list[Fold] = [
        ([(96 + 608 * i / 5, 200), (96 + 608 * i / 5, 560)], 7, 0.35) for i in range(1, 5)
    ]
    sheet.shape(head, lighter(board, 0.14), below=darker(board, 0.1), folds=seams, volume=0.35)
    base = rounded(64, 560, 672, 160, 22)
    sheet.shadow(base, dy=26, blur=26, depth=0.4)
    sheet.shape(base, darker(board, 0.12), below=darker(board, 0.3))
    mattress = rounded(72, 430, 656, 250, 44)
    sheet.shape(mattress, LINEN, below=(222, 216, 208), volume=0.2)
    for x, y, w, h in ((112, 276, 280, 172), (408, 276, 280, 172)):
        back = pillow(x, y, w, h)
        sheet.shadow(back, dy=8, blur=14)
        sheet.shape(back, lighter(colour, 0.62), below=lighter(colour, 0.42), volume=0.5)
    for x, y, w, h in ((146, 332, 252, 148), (402, 332, 252, 148)):
        front = pillow(x, y, w, h)
        sheet.shadow(front, dy=8, blur=14)
        crease: list[Fold] = [
            ([(x + w * 0.28, y + h * 0.3), (x + w * 0.48, y + h * 0.52)], 9, 0.22),
            ([(x + w * 0.72, y + h * 0.3), (x + w * 0.55, y + h * 0.5)], 9, 0.2),
        ]
        sheet.shape(
            front,
            lighter(colour, 0.1),
            below=darker(colour, 0.06),
            pattern=pattern,
            folds=crease,
            volume=0.6,
            soft=16,
        )
    _duvet(sheet, colour, pattern, dice)
    return sheet


def _duvet(sheet: Sheet, colour: Rgb, pattern: Pattern | None, dice: random.Random) -> None:
    hem = [
        (x, 716 + 9 * math.sin(x / 47 + 1) + dice.uniform(-3, 3)) for x in range(708, 80, -44)
    ]
    body = smooth(
        [
            (62, 478),
            (180, 458),
            (400, 450),
            (620, 458),
            (738, 478),
            (756, 600),
            (748, 706),
            *hem,
            (52, 706),
            (44, 600),
        ]
    )
    sheet.shadow(body, dy=10, blur=20, depth=0.3)
    folds: list[Fold] = []
    for x in range(110, 740, 74):
        top = x + dice.uniform(-26, 26)
        foot = 400 + (top - 400) * 1.12 + dice.uniform(-14, 14)
        start = dice.uniform(520, 600)
        folds.append(([(top, start), (foot, 730)], dice.uniform(12, 24), 0.3))
        folds.append(([(top + 26, start + 8), (foot + 30, 730)], dice.uniform(10, 20), -0.32))
    sheet.shape(
        body,
        lighter(colour, 0.12),
        below=darker(colour, 0.1),
        pattern=pattern,
        folds=folds,
        volume=0.5,
        soft=18,
    )
    turn = smooth(
        [
            (54, 482),
            (180, 452),
            (400, 440),
            (620, 452),
            (746, 482),
            (752, 536),
            (620, 520),
            (400, 512),
            (180, 520),
            (48, 536),
        ]
    )
    sheet.shadow(turn, dy=8, blur=11, depth=0.26)
    sheet.shape(turn, lighter(colour, 0.72), below=lighter(colour, 0.5), volume=0.4, soft=12)


def stack(colour: Rgb, pattern: Pattern | None, dice: random.Random) -> Sheet:
    """Folded pieces with a paper band, on a table."""
    sheet = table_top(colour, edge=600)
    sprig(sheet, 668, 668, size=1.5, lean=0.1)
    shades = [darker(colour, 0.12), colour, lighter(colour, 0.3), lighter(colour, 0.08)]
    _pile(sheet, shades, pattern, dice, left=70, width=500, height=112, foot=690)
    _band(sheet, 262, 690 - 112 * 4 + 4, 84, 112 * 4)
    return sheet


def _pile(
    sheet: Sheet,
    shades: Sequence[Rgb],
    pattern: Pattern | None,
    dice: random.Random,
    *,
    left: float,
    width: float,
    height: float,
    foot: float,
) -> None:
    floor = oval(left - 10, foot - 16, width + 30, 40)
    sheet.shadow(floor, dy=8, blur=18, depth=0.45)
    for i, shade in enumerate(shades):
        x = left + dice.uniform(-7, 7)
        y = foot - height * (i + 1)
        piece = rounded(x, y + 3, width, height - 3, height * 0.42)
        sheet.shadow(piece, dy=4, blur=7, depth=0.3)
        edges: list[Fold] = []
        for share in (0.36, 0.66):
            level = y + height * share
            edges.append(([(x + 22, level), (x + width - 8, level + 2)], 4.5, 0.34))
            edges.append(([(x + 22, level + 8), (x + width - 8, level + 10)], 4, -0.3))
        sheet.shape(
            piece,
            lighter(shade, 0.14),
            below=darker(shade, 0.14),
            pattern=pattern,
            folds=edges,
            volume=0.55,
            soft=9,
        )


def _band(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    paper: Rgb = (226, 206, 176)
    strip = rounded(x, y, width, height, 5)
    sheet.shadow(strip, dx=3, dy=3, blur=5, depth=0.2)
    sheet.shape(strip, lighter(paper, 0.25), below=darker(paper, 0.06))
    label = rounded(x + 12, y + height * 0.36, width - 24, 62, 4)
    sheet.shape(label, (252, 249, 243))
    for row, share in ((18, 0.8), (31, 0.5), (43, 0.65)):
        wide = (width - 40) * share
        middle = x + width / 2
        at = y + height * 0.36 + row
        sheet.line([(middle - wide / 2, at), (middle + wide / 2, at)], (176, 164, 148), 2.2)


def towels(colour: Rgb, pattern: Pattern | None, dice: random.Random) -> Sheet:
    """A towel on a rail and more of them, folded."""
    sheet = room(colour, floor=660)
    sheet.line([(70, 150), (560, 150)], (178, 150, 112), 9)
    for x in (90, 540):
        sheet.line([(x, 150), (x, 118)], (178, 150, 112), 9)
    _hung(sheet, colour, pattern, left=130, right=400, top=146, foot=600, stripe=0.8)
    shades = [darker(colour, 0.16), lighter(colour, 0.35), colour]
    _pile(sheet, shades, pattern, dice, left=390, width=330, height=84, foot=728)
    sprig(sheet, 655, 476, size=0.7)
    return sheet


def _hung(
    sheet: Sheet,
    colour: Rgb,
    pattern: Pattern | None,
    *,
    left: float,
    right: float,
    top: float,
    foot: float,
    stripe: float,
) -> None:
    wide = right - left
    outline = smooth(
        [
            (left + 4, top),
            (left + wide / 2, top - 3),
            (right - 4, top),
            (right + 3, top + 160),
            (right - 4, foot),
            (left + wide * 0.6, foot + 7),
            (left + wide * 0.3, foot - 4),
            (left + 4, foot + 3),
            (left - 4, top + 200),
        ]
    )
    sheet.shadow(outline, dx=10, dy=16, blur=20, depth=0.28)
    folds: list[Fold] = []
    for share, depth in ((0.2, 0.26), (0.29, -0.4), (0.52, 0.22), (0.6, -0.38), (0.84, 0.28)):
        x = left + wide * share
        folds.append(([(x, top + 14), (x + 6, foot)], 15, depth))
    folds.append(([(left, top + 10), (right, top + 10)], 12, -0.5))
    sheet.shape(
        outline,
        lighter(colour, 0.16),
        below=darker(colour, 0.08),
        pattern=pattern,
        folds=folds,
        volume=0.32,
        soft=14,
    )
    for offset, thick, shade in ((0, 13, 0.55), (22, 4, 0.55), (-18, 4, 0.55)):
        y = top + (foot - top) * stripe + offset
        border = [
            (left + 1, y),
            (right - 1, y + 2),
            (right - 1, y + thick + 2),
            (left + 1, y + thick),
        ]
        sheet.shape(border, lighter(colour, shade), below=lighter(colour, shade - 0.1))


def hanging(colour: Rgb, pattern: Pattern | None, dice: random.Random) -> Sheet:
    """Two tea towels on hooks before kitchen tiles."""
    sheet = table_top(colour, edge=690)
    tile = mix((240, 236, 228), colour, 0.08)
    for row in range(9):
        for column in range(-1, 8):
            x, y = column * 116 + (58 if row % 2 else 0), row * 76 + 4
            shade = lighter(tile, dice.uniform(0.05, 0.5))
            sheet.shape(rounded(x, y, 112, 72, 5), shade, below=darker(shade, 0.03))
    sheet.shadow(rounded(80, 96, 640, 26, 8), dy=10, blur=10)
    sheet.shape(rounded(80, 96, 640, 26, 8), lighter(WOOD, 0.2), below=darker(WOOD, 0.1))
    for left, right, foot, shade in (
        (150, 370, 560, colour),
        (430, 650, 530, lighter(colour, 0.55)),
    ):
        hook = (left + right) / 2
        sheet.line([(hook, 112), (hook, 150)], (120, 110, 100), 6)
        _hung(sheet, shade, pattern, left=left, right=right, top=148, foot=foot, stripe=0.86)
    sheet.shape(
        [(0, 690), (800, 690), (800, 800), (0, 800)],
        lighter(WOOD, 0.25),
        below=darker(WOOD, 0.1),
    )
    sprig(sheet, 690, 760, size=0.95)
    return sheet


def rolls(colour: Rgb, pattern: Pattern | None, dice: random.Random) -> Sheet:
    """Three rolled towels on a tray, seen from their ends."""
    sheet = table_top(colour)
    sprig(sheet, 660, 640, size=1.1)
    tray = rounded(76, 652, 520, 34, 17)
    sheet.shadow(tray, dy=12, blur=16, depth=0.4)
    sheet.shape(tray, lighter(WOOD, 0.1), below=darker(WOOD, 0.25))
    for x, y, shade in (
        (100, 430, darker(colour, 0.06)),
        (340, 430, lighter(colour, 0.4)),
        (220, 226, lighter(colour, 0.12)),
    ):
        _roll(sheet, x, y, 226, shade, pattern)
    return sheet


def _roll(
    sheet: Sheet, x: float, y: float, size: float, colour: Rgb, pattern: Pattern | None
) -> None:
    end = plump(x, y, size, size, power=2.15, pinch=0)
    sheet.shadow(end, dx=6, dy=10, blur=14, depth=0.32)
    sheet.shape(
        end, lighter(colour, 0.16), below=darker(colour, 0.12), pattern=pattern, volume=0.55
    )
    cx, cy = x + size / 2, y + size / 2
    spiral = []
    for i in range(150):
        turn = i / 150 * 3.4 * 2 * math.pi
        r = size * 0.055 + (size * 0.43 - size * 0.055) * i / 150
        spiral.append((cx + r * math.cos(turn), cy + r * math.sin(turn)))
    sheet.line(spiral, darker(colour, 0.3), 5)
    sheet.line([(a - 1.5, b - 3.5) for a, b in spiral], lighter(colour, 0.45), 2.5)


SCENES: dict[str, Scene] = {
    "bed": bed,
    "stack": stack,
    "towels": towels,
    "hanging": hanging,
    "rolls": rolls,
}
