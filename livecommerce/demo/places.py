"""The studios as one finds them, and the merchants' marks."""

import math
from collections.abc import Callable

from livecommerce.demo.brush import (
    Point,
    Rgb,
    Sheet,
    darker,
    lighter,
    mix,
    oval,
    pillow,
    rounded,
    smooth,
)
from livecommerce.demo.scenes import LINEN, WOOD, sprig

WIDE, HIGH = 960, 600


def _stage(wall: Rgb, floor: Rgb, line: float) -> Sheet:
    sheet = Sheet(lighter(wall, 0.3), darker(wall, 0.08), width=WIDE, height=HIGH)
    ground: list[Point] = [(0, line), (WIDE, line), (WIDE, HIGH), (0, HIGH)]
    sheet.shape(ground, lighter(floor, 0.2), below=darker(floor, 0.14))
    return sheet


def _lamp(sheet: Sheet, x: float, y: float, *, foot: float, flip: bool = False) -> None:
    """A soft light on a stand, and what it throws."""
    way = -1 if flip else 1
    beam = [(x, y), (x + way * 330, y - 60), (x + way * 400, y + 330), (x, y + 60)]
    sheet.glow(beam, (255, 249, 232), blur=40, depth=0.32)
    sheet.line([(x, y + 50), (x, foot)], (70, 70, 78), 6)
    for dx in (-46, 46):
        sheet.line([(x, foot - 70), (x + dx, foot)], (70, 70, 78), 5)
    head = smooth(
        [
            (x - 54, y - 58),
            (x + 54, y - 58),
            (x + 62, y),
            (x + 54, y + 62),
            (x - 54, y + 62),
            (x - 62, y),
        ]
    )
    sheet.shadow(head, dy=8, blur=12, depth=0.25)
    sheet.shape(head, (56, 58, 66), below=(40, 41, 48))
    sheet.shape(rounded(x - 46, y - 48, 92, 98, 16), (255, 252, 240), below=(248, 236, 208))


def _camera(sheet: Sheet, x: float, y: float, *, foot: float) -> None:
    """A camera on a tripod, its red light on."""
    for dx in (-64, 0, 64):
        sheet.line([(x, y + 42), (x + dx, foot)], (62, 64, 72), 8)
    body = rounded(x - 62, y - 38, 118, 78, 12)
    sheet.shadow(body, dy=10, blur=12, depth=0.3)
    sheet.shape(body, (74, 77, 88), below=(44, 46, 54))
    lens = rounded(x - 106, y - 24, 52, 50, 8)
    sheet.shape(lens, (52, 54, 62), below=(34, 35, 42))
    sheet.shape(oval(x - 112, y - 22, 18, 46), (126, 158, 190), below=(60, 82, 110))
    sheet.shape(rounded(x - 30, y - 70, 74, 26, 8), (58, 60, 68))
    sheet.shape(oval(x + 30, y - 24, 13, 13), (224, 74, 66))


def bedroom() -> Sheet:
    """A bedroom with morning light."""
    wall = (222, 213, 202)
    sheet = _stage(wall, (196, 164, 130), 430)
    window: list[Point] = [(70, 60), (250, 60), (250, 330), (70, 330)]
    sheet.shape(rounded(58, 48, 204, 294, 6), (250, 247, 240))
    sheet.shape(window, (206, 228, 240), below=(252, 240, 216))
    sheet.shape([(155, 60), (165, 60), (165, 330), (155, 330)], (250, 247, 240))
    sheet.glow(
        [(250, 60), (560, 200), (700, 560), (330, 560), (250, 330)],
        (255, 246, 222),
        blur=40,
        depth=0.5,
    )
    for x in (26, 262):
        drape: list[Point] = [(x, 36), (x + 60, 36), (x + 56, 440), (x - 4, 440)]
        sheet.shape(
            drape,
            (214, 226, 220),
            below=(180, 198, 190),
            folds=[([(x + d, 36), (x + d, 440)], 10, 0.5) for d in (14, 34, 52)],
            soft=9,
        )
    head = rounded(366, 150, 430, 240, 34)
    sheet.shadow(head, dy=10, blur=22, depth=0.25)
    sheet.shape(
        head,
        (196, 182, 164),
        below=(170, 154, 136),
        volume=0.4,
        folds=[
            ([(366 + 430 * i / 5, 160), (366 + 430 * i / 5, 380)], 6, 0.35) for i in range(1, 5)
        ],
    )
    sheet.shadow(rounded(340, 520, 490, 40, 20), dy=10, blur=20, depth=0.4)
    sheet.shape(rounded(346, 330, 476, 210, 34), LINEN, below=(214, 206, 196), volume=0.25)
    for x in (392, 590):
        case = pillow(x, 250, 190, 112)
        sheet.shadow(case, dy=6, blur=10)
        sheet.shape(case, (252, 250, 245), below=(226, 218, 208), volume=0.5)
    cloth: Rgb = (157, 179, 154)
    cover = smooth(
        [
            (334, 392),
            (580, 378),
            (834, 392),
            (846, 480),
            (840, 552),
            (700, 560),
            (580, 552),
            (460, 562),
            (330, 552),
            (324, 480),
        ]
    )
    sheet.shadow(cover, dy=6, blur=14)
    sheet.shape(
        cover,
        lighter(cloth, 0.2),
        below=darker(cloth, 0.1),
        volume=0.5,
        folds=[
            ([(x, 430), (x + (x - 580) * 0.12, 570)], 14, d)
            for x, d in (
                (400, 0.3),
                (440, -0.3),
                (560, 0.3),
                (600, -0.3),
                (720, 0.3),
                (760, -0.3),
            )
        ],
    )
    sprig(sheet, 300, 470, size=0.8)
    _lamp(sheet, 900, 150, foot=560, flip=True)
    return sheet


def standard() -> Sheet:
    """A studio with a rolled backdrop, two lights and a camera."""
    sheet = _stage((150, 160, 172), (120, 118, 124), 430)
    sheet.line([(40, 28), (920, 28)], (70, 74, 84), 10)
    for x in (180, 480, 780):
        sheet.line([(x, 28), (x, 58)], (70, 74, 84), 6)
        sheet.shape(rounded(x - 30, 56, 60, 34, 8), (52, 54, 62), below=(36, 38, 44))
        sheet.glow(
            [(x - 24, 90), (x + 24, 90), (x + 130, 420), (x - 130, 420)],
            (255, 250, 236),
            blur=30,
            depth=0.2,
        )
    paper: Rgb = (206, 158, 140)
    roll: list[Point] = [(230, 92), (730, 92), (740, 430), (800, 560), (160, 560), (220, 430)]
    sheet.shadow(roll, dy=8, blur=20, depth=0.25)
    sheet.shape(roll, lighter(paper, 0.4), below=darker(paper, 0.02))
    sheet.glow(oval(300, 140, 360, 300), (255, 250, 242), blur=50, depth=0.4)
    desk = rounded(330, 400, 300, 26, 10)
    sheet.shadow(rounded(330, 520, 300, 24, 12), dy=6, blur=14, depth=0.4)
    for x in (356, 596):
        sheet.line([(x, 424), (x, 528)], darker(WOOD, 0.2), 12)
    sheet.shape(desk, lighter(WOOD, 0.3), below=darker(WOOD, 0.08))
    for i, shade in enumerate(((143, 169, 192), (239, 230, 214), (157, 179, 154))):
        folded = rounded(366, 368 - 34 * i, 130, 34, 14)
        sheet.shadow(folded, dy=3, blur=5)
        sheet.shape(folded, lighter(shade, 0.15), below=darker(shade, 0.12), volume=0.5, soft=6)
    sprig(sheet, 572, 400, size=0.62)
    _lamp(sheet, 110, 210, foot=560)
    _lamp(sheet, 850, 210, foot=560, flip=True)
    _camera(sheet, 700, 380, foot=580)
    return sheet


def kitchen() -> Sheet:
    """An open kitchen with a laid table."""
    sheet = _stage((226, 222, 208), (202, 172, 140), 440)
    tile: Rgb = (206, 220, 212)
    for row in range(4):
        for column in range(17):
            x, y = column * 60 - (30 if row % 2 else 0), 150 + row * 38
            sheet.shape(
                rounded(x, y, 57, 35, 4), lighter(tile, 0.25 + 0.06 * ((row + column) % 3))
            )
    shelf: list[Point] = [(90, 120), (560, 120), (560, 134), (90, 134)]
    sheet.shadow(shelf, dy=8, blur=8)
    sheet.shape(shelf, lighter(WOOD, 0.1), below=darker(WOOD, 0.15))
    for x, w, h, shade in (
        (120, 46, 64, (196, 121, 90)),
        (186, 40, 44, (239, 230, 214)),
        (250, 60, 30, (143, 169, 192)),
        (336, 44, 74, (79, 111, 98)),
        (404, 54, 40, (224, 180, 92)),
        (486, 44, 58, (236, 230, 222)),
    ):
        pot = rounded(x, 120 - h, w, h, 12)
        sheet.shape(pot, lighter(shade, 0.25), below=darker(shade, 0.1), volume=0.3, soft=6)
    hood: list[Point] = [(690, 0), (830, 0), (830, 70), (890, 150), (630, 150), (690, 70)]
    sheet.shape(hood, (212, 214, 214), below=(170, 174, 176))
    counter = rounded(-20, 300, 1000, 24, 4)
    sheet.shadow(counter, dy=8, blur=10)
    sheet.shape(
        [(0, 320), (WIDE, 320), (WIDE, 470), (0, 470)], (108, 136, 124), below=(82, 108, 98)
    )
    for x in range(20, WIDE, 156):
        sheet.shape(rounded(x, 338, 140, 118, 6), (122, 150, 138), below=(98, 124, 114))
        sheet.line([(x + 54, 352), (x + 86, 352)], (224, 200, 150), 5)
    sheet.shape(counter, (246, 242, 234), below=(218, 210, 198))
    sheet.shadow(rounded(190, 560, 560, 24, 12), dy=6, blur=16, depth=0.45)
    top: list[Point] = [(240, 430), (700, 430), (770, 490), (170, 490)]
    drop: list[Point] = [
        (170, 490),
        (770, 490),
        (776, 566),
        *[(776 - 612 * i / 24, 566 + 8 * math.sin(i * math.pi / 3)) for i in range(25)],
    ]
    cloth: Rgb = (157, 179, 154)
    sheet.shape(
        drop,
        lighter(cloth, 0.15),
        below=darker(cloth, 0.12),
        folds=[
            ([(170 + 600 * i / 10, 494), (166 + 610 * i / 10, 570)], 12, 0.35)
            for i in range(11)
        ],
    )
    sheet.shape(top, lighter(cloth, 0.55), below=lighter(cloth, 0.3))
    for x in (290, 540):
        sheet.shape(oval(x, 446, 110, 28), (252, 250, 246), below=(226, 220, 212))
    sprig(sheet, 470, 462, size=0.8)
    _lamp(sheet, 900, 180, foot=580, flip=True)
    return sheet


def hall() -> Sheet:
    """A high hall with hung lengths of cloth and a row of lamps."""
    sheet = _stage((58, 76, 110), (84, 84, 98), 450)
    for i, shade in enumerate(
        (
            (63, 90, 134),
            (98, 126, 168),
            (143, 169, 192),
            (196, 208, 220),
            (239, 230, 214),
            (196, 208, 220),
            (143, 169, 192),
            (98, 126, 168),
            (63, 90, 134),
        )
    ):
        x, foot = 100 + i * 86, 380 + 40 * math.sin((i + 0.5) / 9 * math.pi)
        length: list[Point] = [(x, 60), (x + 74, 60), (x + 78, foot), (x - 4, foot)]
        sheet.shadow(length, dx=4, dy=8, blur=12, depth=0.3)
        sheet.shape(
            length,
            lighter(shade, 0.12),
            below=darker(shade, 0.15),
            soft=8,
            folds=[
                ([(x + d, 60), (x + d, foot)], 9, k)
                for d, k in ((10, 0.5), (26, -0.3), (44, 0.5), (60, -0.3))
            ],
        )
    sheet.line([(60, 54), (900, 54)], (36, 44, 62), 12)
    for x in (150, 315, 480, 645, 810):
        sheet.shape(rounded(x - 26, 16, 52, 34, 8), (34, 38, 50))
        sheet.glow(
            [(x - 20, 50), (x + 20, 50), (x + 150, 500), (x - 150, 500)],
            (255, 244, 214),
            blur=34,
            depth=0.16,
        )
    floor = oval(150, 452, 660, 110)
    sheet.shadow(floor, dy=10, blur=16, depth=0.5)
    sheet.shape(floor, (214, 206, 198), below=(176, 168, 162))
    sheet.shape(oval(150, 442, 660, 104), (236, 230, 222), below=(206, 198, 190))
    for x, shade in ((380, (224, 180, 92)), (476, (239, 230, 214))):
        case = pillow(x, 388, 108, 104)
        sheet.shadow(case, dy=8, blur=10, depth=0.35)
        sheet.shape(case, lighter(shade, 0.1), below=darker(shade, 0.1), volume=0.5)
    for i in range(9):
        x = 70 + i * 104
        sheet.shape(oval(x - 27, 538, 54, 54), (34, 36, 48))
        sheet.shape(rounded(x - 46, 580, 92, 60, 30), (34, 36, 48))
    _camera(sheet, 830, 400, foot=560)
    return sheet


STUDIO_PICTURES: dict[str, Callable[[], Sheet]] = {
    "morning-bedroom": bedroom,
    "spruce-studio": standard,
    "kitchen-talk": kitchen,
    "indigo-hall": hall,
}


def mark(merchant: str, colour: Rgb) -> Sheet:
    """A merchant's mark: water for Luxi, a cloud for Yunmian, a leaf for Qinghe."""
    sheet = Sheet(lighter(colour, 0.24), darker(colour, 0.2), width=320, height=320)
    pale = mix((255, 252, 246), colour, 0.06)
    if merchant == "luxi":
        body = [
            (66, 214),
            (112, 172),
            (160, 158),
            (206, 172),
            (196, 206),
            (150, 226),
            (104, 224),
        ]
        neck = [(188, 182), (206, 150), (198, 120), (176, 98), (180, 72), (204, 62)]
        sheet.shape(smooth(body), pale)
        sheet.line(smooth([*neck, *reversed(neck)])[: 14 * 5], pale, 11)
        sheet.shape(oval(190, 50, 30, 24), pale)
        sheet.line([(214, 62), (256, 74)], pale, 6)
        for x in (140, 162):
            sheet.line([(x, 218), (x - 4, 262)], pale, 6)
        for y in (258, 280):
            wave = [(60 + 4 * i, y + 6 * math.sin(i / 4)) for i in range(51)]
            sheet.line(wave, pale, 7)
    elif merchant == "yunmian":
        for x, y, r in ((116, 178, 44), (166, 144, 60), (214, 180, 42)):
            sheet.shape(oval(x - r, y - r, 2 * r, 2 * r), pale)
        sheet.shape(rounded(76, 176, 178, 48, 24), pale)
        moon = oval(206, 62, 62, 62)
        sheet.shape(moon, (252, 232, 180))
        sheet.line([(98, 252), (222, 252)], pale, 8)
    else:
        sheet.line([(160, 272), (160, 120)], pale, 9)
        for side in (-1, 1):
            for y, reach in ((216, 78), (164, 62)):
                blade = smooth(
                    [
                        (160, y),
                        (160 + side * reach * 0.45, y - 50),
                        (160 + side * reach, y - 62),
                        (160 + side * reach * 0.72, y - 14),
                    ]
                )
                sheet.shape(blade, pale)
        sheet.shape(smooth([(160, 128), (136, 92), (160, 44), (184, 92)]), pale)
    return sheet
