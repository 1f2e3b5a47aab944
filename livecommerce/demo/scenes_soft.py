"""More products as they are shown: quilts, blankets, curtains, cushions, a laid table."""

import math
import random
from collections.abc import Sequence
from itertools import pairwise

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
from livecommerce.demo.scenes import WOOD, Fold, Scene, room, sprig, table_top


def quilt(colour: Rgb, pattern: Pattern | None, dice: random.Random) -> Sheet:
    """A thick quilt, folded in four, on a bench."""
    sheet = room(colour, floor=600)
    for foot in (150, 620):
        leg = [(foot, 660), (foot + 30, 660), (foot + 24, 770), (foot + 6, 770)]
        sheet.shape(leg, darker(WOOD, 0.1), below=darker(WOOD, 0.3))
    bench = rounded(90, 622, 620, 50, 16)
    sheet.shadow(rounded(110, 740, 580, 30, 15), dy=10, blur=18, depth=0.4)
    sheet.shape(bench, lighter(WOOD, 0.15), below=darker(WOOD, 0.12))
    for i, (y, inset) in enumerate(((486, 0), (362, 10), (236, 4))):
        layer = plump(104 + inset, y, 592 - 2 * inset, 166, power=5.0, pinch=0.0)
        sheet.shadow(layer, dy=10, blur=16, depth=0.32)
        puffs: list[Fold] = []
        for share in (0.17, 0.34, 0.5, 0.66, 0.83):
            x = 104 + 592 * share + dice.uniform(-8, 8)
            puffs.append(([(x, y + 14), (x + dice.uniform(-10, 10), y + 150)], 12, 0.22))
            puffs.append(([(x + 34, y + 26), (x + 34, y + 92)], 26, -0.4))
        shade = lighter(colour, 0.12 * i)
        sheet.shape(
            layer,
            lighter(shade, 0.25),
            below=darker(shade, 0.1),
            pattern=pattern,
            folds=puffs,
            volume=0.7,
            soft=22,
        )
    ribbon = mix(darker(colour, 0.3), (160, 122, 92), 0.6)
    for x in (252, 522):
        strap = rounded(x, 236, 26, 416, 10)
        sheet.shadow(strap, dx=4, dy=0, blur=5, depth=0.25)
        sheet.shape(
            strap, lighter(ribbon, 0.25), below=darker(ribbon, 0.12), volume=0.4, soft=5
        )
    return sheet


def blanket(colour: Rgb, pattern: Pattern | None, dice: random.Random) -> Sheet:
    """A throw over an armchair."""
    sheet = room(colour, floor=620)
    cover = mix((222, 214, 204), colour, 0.1)
    sheet.shadow(oval(120, 690, 560, 70), dy=8, blur=20, depth=0.5)
    for x in (190, 586):
        sheet.line([(x, 690), (x - 6, 742)], darker(WOOD, 0.25), 14)
    back = smooth(
        [(196, 300), (230, 210), (400, 188), (570, 210), (604, 300), (612, 560), (188, 560)]
    )
    sheet.shadow(back, dy=10, blur=24, depth=0.25)
    sheet.shape(back, lighter(cover, 0.3), below=darker(cover, 0.08), volume=0.5, soft=22)
    seat = rounded(170, 520, 460, 120, 38)
    sheet.shape(seat, lighter(cover, 0.42), below=darker(cover, 0.1), volume=0.5, soft=16)
    base = rounded(160, 610, 480, 92, 26)
    sheet.shape(base, lighter(cover, 0.12), below=darker(cover, 0.18), volume=0.3)
    for x in (126, 568):
        arm = rounded(x, 428, 106, 270, 48)
        sheet.shadow(arm, dy=6, blur=14, depth=0.22)
        sheet.shape(arm, lighter(cover, 0.36), below=darker(cover, 0.14), volume=0.5, soft=16)
    _throw(sheet, colour, pattern, dice)
    return sheet


def _throw(sheet: Sheet, colour: Rgb, pattern: Pattern | None, dice: random.Random) -> None:
    cloth = smooth(
        [
            (262, 214),
            (340, 186),
            (440, 184),
            (492, 204),
            (506, 330),
            (528, 470),
            (572, 560),
            (584, 640),
            (470, 668),
            (352, 662),
            (250, 640),
            (268, 540),
            (250, 400),
        ]
    )
    foot = [(584, 640), (470, 668), (352, 662), (250, 640)]
    for (x0, y0), (x1, y1) in pairwise(foot):
        for step in range(11):
            share = step / 11
            x, y = x0 + (x1 - x0) * share, y0 + (y1 - y0) * share - 6
            tip = (x + dice.uniform(-6, 6), y + dice.uniform(30, 40))
            sheet.line(
                [(x, y), tip], mix(darker(colour, 0.12), lighter(colour, 0.3), step % 2), 4
            )
    sheet.shadow(cloth, dx=8, dy=12, blur=16, depth=0.35)
    folds: list[Fold] = [
        ([(300, 220), (290, 420), (316, 650)], 20, 0.34),
        ([(336, 216), (330, 420), (356, 650)], 22, -0.36),
        ([(392, 212), (386, 430), (420, 660)], 20, 0.32),
        ([(432, 210), (436, 430), (470, 660)], 22, -0.34),
        ([(476, 240), (490, 430), (540, 640)], 16, 0.3),
        ([(262, 536), (400, 552), (560, 540)], 20, 0.3),
        ([(262, 566), (400, 584), (570, 572)], 18, -0.4),
    ]
    sheet.shape(
        cloth,
        lighter(colour, 0.12),
        below=darker(colour, 0.08),
        pattern=pattern,
        folds=folds,
        volume=0.4,
        soft=18,
    )


def pillows(colour: Rgb, pattern: Pattern | None, dice: random.Random) -> Sheet:
    """Two pillows leaning on each other."""
    sheet = table_top(colour, edge=600)
    back = turned(pillow(170, 186, 520, 340), -6, (400, 380))
    front = turned(pillow(84, 310, 560, 350), 4, (400, 480))
    sprig(sheet, 696, 640, size=1.0)
    sheet.shadow(oval(100, 610, 580, 66), dy=10, blur=22, depth=0.45)
    sheet.shadow(back, dy=14, blur=22, depth=0.25)
    sheet.shape(
        back,
        lighter(colour, 0.5),
        below=lighter(colour, 0.2),
        pattern=pattern,
        folds=_creases(190, 196, 470, 330),
        volume=0.75,
        soft=30,
    )
    sheet.shadow(front, dy=-8, blur=22, depth=0.3)
    sheet.shape(
        front,
        lighter(colour, 0.16),
        below=darker(colour, 0.08),
        pattern=pattern,
        folds=_creases(110, 330, 520, 330),
        volume=0.75,
        soft=30,
    )
    return sheet


def _creases(x: float, y: float, w: float, h: float) -> list[Fold]:
    return [
        ([(x + w * a, y + h * b), (x + w * c, y + h * d)], 13, depth)
        for a, b, c, d, depth in (
            (0.08, 0.1, 0.3, 0.34, 0.3),
            (0.1, 0.16, 0.3, 0.42, -0.35),
            (0.92, 0.12, 0.7, 0.36, 0.3),
            (0.08, 0.9, 0.32, 0.66, 0.28),
            (0.93, 0.9, 0.68, 0.64, 0.3),
            (0.9, 0.84, 0.68, 0.58, -0.35),
            (0.5, 0.06, 0.52, 0.22, 0.16),
        )
    ]


def curtain(colour: Rgb, pattern: Pattern | None, dice: random.Random) -> Sheet:
    """Two panels at a window with hills."""
    sheet = room(colour, floor=690)
    _window(sheet, 190, 130, 420, 470)
    sheer: list[Point] = [(300, 110), (500, 110), (506, 690), (294, 690)]
    sheet.glow(sheer, (255, 252, 246), blur=8, depth=0.3)
    for left, right in ((62, 318), (482, 738)):
        _panel(sheet, colour, pattern, dice, left, right)
    rod: list[Point] = [(36, 92), (764, 92)]
    sheet.line([(x, y + 6) for x, y in rod], darker(WOOD, 0.45), 13)
    sheet.line(rod, darker(WOOD, 0.2), 13)
    sheet.line([(x, y - 3) for x, y in rod], lighter(WOOD, 0.3), 3)
    for x in (30, 770):
        sheet.shape(oval(x - 17, 75, 34, 34), darker(WOOD, 0.1), below=darker(WOOD, 0.4))
    return sheet


def _window(sheet: Sheet, x: float, y: float, w: float, h: float) -> None:
    frame = rounded(x - 16, y - 16, w + 32, h + 32, 8)
    sheet.shadow(frame, dy=4, blur=10, depth=0.18)
    sheet.shape(frame, (250, 247, 241), below=(232, 226, 216))
    sheet.shape(
        [(x, y), (x + w, y), (x + w, y + h), (x, y + h)], (196, 221, 236), below=(247, 240, 224)
    )
    sheet.shape(oval(x + w * 0.6, y + h * 0.16, 74, 74), (255, 244, 212))
    for base, rise, shade in (
        (0.62, 46, (170, 194, 184)),
        (0.76, 34, (140, 172, 146)),
        (0.88, 20, (114, 150, 118)),
    ):
        hill: list[Point] = [(x + w, y + h), (x, y + h)]
        for i in range(25):
            px = x + w * i / 24
            hill.append((px, y + h * base - rise * math.sin(i / 4.2 + base * 9)))
        sheet.shape(hill, shade, below=lighter(shade, 0.3))
    bar: Rgb = (250, 247, 241)
    sheet.shape(
        [
            (x + w / 2 - 6, y),
            (x + w / 2 + 6, y),
            (x + w / 2 + 6, y + h),
            (x + w / 2 - 6, y + h),
        ],
        bar,
    )
    sheet.shape(
        [
            (x, y + h * 0.4),
            (x + w, y + h * 0.4),
            (x + w, y + h * 0.4 + 10),
            (x, y + h * 0.4 + 10),
        ],
        bar,
    )
    sheet.shape(
        rounded(x - 30, y + h + 8, w + 60, 22, 6), (252, 249, 244), below=(224, 216, 206)
    )


def _panel(
    sheet: Sheet,
    colour: Rgb,
    pattern: Pattern | None,
    dice: random.Random,
    left: float,
    right: float,
) -> None:
    wide, pleats = right - left, 6
    hem: list[Point] = []
    for i in range(pleats * 4, -1, -1):
        x = left - 8 + (wide + 16) * i / (pleats * 4)
        hem.append((x, 716 + 7 * math.sin(i * math.pi / 2)))
    outline = [(left, 90), (right, 90), *hem]
    sheet.shadow(outline, dx=6, dy=10, blur=18, depth=0.35)
    folds: list[Fold] = []
    for i in range(pleats + 1):
        x = left + wide * i / pleats
        sway = dice.uniform(-5, 5)
        folds.append(([(x, 88), (x + sway, 420), (x + sway * 1.6, 730)], 17, 0.62))
        middle = x + wide / pleats / 2
        folds.append(
            ([(middle - 4, 88), (middle + sway, 420), (middle + sway, 730)], 13, -0.55)
        )
    sheet.shape(
        outline,
        lighter(colour, 0.1),
        below=darker(colour, 0.1),
        pattern=pattern,
        folds=folds,
        soft=13,
    )
    heading = [(left, 84), (right, 84), (right, 116), (left, 116)]
    sheet.shape(
        heading,
        darker(colour, 0.08),
        below=darker(colour, 0.16),
        folds=[
            ([(left + wide * i / pleats, 84), (left + wide * i / pleats, 118)], 10, 0.6)
            for i in range(pleats + 1)
        ],
        soft=8,
    )


def cushions(colour: Rgb, pattern: Pattern | None, dice: random.Random) -> Sheet:
    """Two cushions on a sofa."""
    sheet = room(colour, floor=660)
    cover = mix((214, 206, 196), colour, 0.08)
    back = rounded(30, 250, 740, 330, 60)
    sheet.shadow(back, dy=8, blur=24, depth=0.25)
    sheet.shape(
        back,
        lighter(cover, 0.35),
        below=darker(cover, 0.06),
        volume=0.4,
        soft=22,
        folds=[([(400, 262), (400, 570)], 8, 0.4)],
    )
    seat = rounded(10, 540, 780, 150, 44)
    sheet.shadow(seat, dy=18, blur=22, depth=0.4)
    sheet.shape(
        seat,
        lighter(cover, 0.45),
        below=darker(cover, 0.14),
        volume=0.4,
        soft=18,
        folds=[([(400, 548), (400, 640)], 7, 0.35)],
    )
    for x, y, size, turn, shade in (
        (362, 252, 318, 9, lighter(colour, 0.42)),
        (130, 246, 350, -7, colour),
    ):
        about = x + size / 2, y + size / 2
        case = turned(pillow(x, y, size, size * 0.97), turn, about)
        rim = turned(pillow(x - 4, y - 4, size + 8, size * 0.97 + 8), turn, about)
        sheet.shadow(case, dx=8, dy=14, blur=20, depth=0.38)
        sheet.shape(rim, darker(shade, 0.3))
        sheet.shape(
            case,
            lighter(shade, 0.08),
            below=darker(shade, 0.1),
            pattern=pattern,
            folds=_dimples(x, y, size),
            volume=0.65,
            soft=28,
        )
    return sheet


def _dimples(x: float, y: float, size: float) -> Sequence[Fold]:
    return [
        ([(x + size * a, y + size * b), (x + size * c, y + size * d)], 14, depth)
        for a, b, c, d, depth in (
            (0.08, 0.08, 0.28, 0.3, 0.24),
            (0.92, 0.1, 0.72, 0.3, 0.24),
            (0.1, 0.9, 0.3, 0.7, 0.22),
            (0.9, 0.9, 0.7, 0.7, 0.26),
            (0.4, 0.36, 0.62, 0.34, -0.3),
        )
    ]


def table(colour: Rgb, pattern: Pattern | None, dice: random.Random) -> Sheet:
    """A laid table."""
    sheet = room(colour, floor=600)
    sheet.shadow(oval(110, 700, 580, 60), dy=6, blur=20, depth=0.45)
    for leg in (150, 630):
        sheet.line([(leg, 600), (leg - 4, 738)], darker(WOOD, 0.2), 18)
    drop_hem = [
        (74 + 652 * i / 32, 646 + 13 * math.sin(i * math.pi / 4) + dice.uniform(-2, 2))
        for i in range(32, -1, -1)
    ]
    drop = [(92, 424), (708, 424), (726, 520), *drop_hem, (74, 520)]
    sheet.shadow(drop, dy=14, blur=20, depth=0.32)
    folds: list[Fold] = []
    for i in range(0, 33, 4):
        x = 74 + 652 * i / 32
        folds.append(([(400 + (x - 400) * 0.94, 440), (x, 660)], 17, 0.4))
        folds.append(([(400 + (x + 38 - 400) * 0.94, 452), (x + 38, 660)], 15, -0.4))
    sheet.shape(
        drop,
        lighter(colour, 0.12),
        below=darker(colour, 0.12),
        pattern=pattern,
        folds=folds,
        soft=15,
    )
    top: list[Point] = [(168, 330), (632, 330), (712, 430), (88, 430)]
    sheet.shape(top, lighter(colour, 0.55), below=lighter(colour, 0.3), pattern=pattern)
    sheet.line([(90, 430), (710, 430)], lighter(colour, 0.8), 3)
    for x in (250, 470):
        sheet.shadow(oval(x, 366, 130, 34), dy=4, blur=6, depth=0.25)
        sheet.shape(oval(x, 362, 130, 34), (252, 250, 246), below=(226, 220, 212))
        sheet.shape(oval(x + 26, 368, 78, 19), (240, 235, 228), below=(250, 247, 242))
    sprig(sheet, 400, 376, size=1.15)
    for x in (330, 492):
        glass = [(x, 312), (x + 34, 312), (x + 29, 372), (x + 5, 372)]
        sheet.shadow(glass, dy=5, blur=5, depth=0.15)
        sheet.shape(glass, (226, 238, 240), below=(198, 216, 220), volume=0.3, soft=4)
    return sheet


SOFT_SCENES: dict[str, Scene] = {
    "quilt": quilt,
    "blanket": blanket,
    "pillows": pillows,
    "curtain": curtain,
    "cushions": cushions,
    "table": table,
}
