"""The demo's twenty-four products. Sizes, colours and fabrics make the variants.

Codes are rows of the customs table, and each product's facts lead to its code by the
classification tree: knitted or woven, main fibre, printed or not, filled with what.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product as every

from livecommerce.demo.centre import Texts, both

SETS, PIECES, PAIRS, PANELS = "006", "015", "026", "020"


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of the range, as it is called, ordered and drawn."""

    key: str
    code: str
    label: Texts
    hex: str


@dataclass(frozen=True, slots=True)
class Size:
    """A size with its part of the SKU, its weight in grams and its price in yuan."""

    key: str
    code: str
    label: Texts
    weight_g: int
    yuan: int


@dataclass(frozen=True, slots=True)
class Cloth:
    """A fabric with its part of the SKU, and what it adds to the price, in percent."""

    key: str
    code: str
    label: Texts
    percent: int = 0


@dataclass(frozen=True, slots=True)
class Good:
    """One product. ``scene`` and ``pattern`` say how it is drawn."""

    slug: str
    sku: str
    merchant: str
    category: str
    title: Texts
    description: Texts
    hs_code: str
    customs_name: str
    unit: str
    fibre: dict[str, int]
    weave: str
    purpose: str
    sizes: Sequence[Size]
    colours: Sequence[Colour]
    cloths: Sequence[Cloth]
    scene: str
    pattern: str
    filling: str = ""

    def variants(self) -> list[tuple[Size, Colour, Cloth]]:
        """Every combination, the way the centre lists them."""
        return list(every(self.sizes, self.colours, self.cloths))

    def sku_of(self, size: Size, colour: Colour, cloth: Cloth) -> str:
        """At most twenty characters: it is also customs' item number."""
        return f"{self.sku}-{size.code}-{colour.code}-{cloth.code}"

    def picture(self, colour: Colour) -> str:
        """The picture's name below ``/media/``."""
        return f"products/{self.slug}-{colour.key}.webp"


def _c(key: str, code: str, zh: str, en: str, hex_: str) -> Colour:
    return Colour(key, code, both(zh, en), hex_)


IVORY = _c("ivory", "IVR", "象牙白", "Ivory", "#efe6d6")
WHITE = _c("cloud", "WHT", "云朵白", "Cloud white", "#f3f3f0")
SAGE = _c("sage", "SGE", "鼠尾草绿", "Sage", "#9db39a")
MIST = _c("mist-blue", "MST", "雾霾蓝", "Mist blue", "#8fa9c0")
INDIGO = _c("indigo", "IND", "靛青", "Indigo", "#3f5a86")
ROSE = _c("dusty-rose", "RSE", "豆沙粉", "Dusty rose", "#d3a09b")
TERRA = _c("terracotta", "TER", "陶土橘", "Terracotta", "#c4795a")
OAT = _c("oat", "OAT", "燕麦", "Oat", "#d6c3a5")
GREY = _c("stone", "STN", "岩灰", "Stone grey", "#9a9a98")
SUN = _c("honey", "HNY", "蜜糖黄", "Honey", "#e0b45c")
PLUM = _c("plum", "PLM", "梅子紫", "Plum", "#86617f")
PINE = _c("pine", "PNE", "松针绿", "Pine", "#4f6f62")


def size(key: str, code: str, zh: str, en: str, weight_g: int, yuan: int) -> Size:
    return Size(key, code, both(zh, en), weight_g, yuan)


def bed_sizes(weight_g: int, yuan: int) -> list[Size]:
    """Sets and quilts by the duvet: single, double, king."""
    return [
        size("150x200", "150", "1.2 米床", "Single, duvet 150×200 cm", weight_g, yuan),
        size(
            "200x230",
            "200",
            "1.5–1.8 米床",
            "Double, duvet 200×230 cm",
            weight_g * 13 // 10,
            yuan * 6 // 5,
        ),
        size(
            "220x240",
            "220",
            "2.0 米床",
            "King, duvet 220×240 cm",
            weight_g * 3 // 2,
            yuan * 7 // 5,
        ),
    ]


def cloth(key: str, code: str, zh: str, en: str, percent: int = 0) -> Cloth:
    return Cloth(key, code, both(zh, en), percent)


S60 = cloth("sateen-60", "S60", "60 支缎纹", "60s sateen")
S80 = cloth("sateen-80", "S80", "80 支长绒棉缎纹", "80s long-staple sateen", 25)
P40 = cloth("percale-40", "P40", "40 支平纹", "40s percale")
P60 = cloth("percale-60", "P60", "60 支平纹", "60s percale", 18)
