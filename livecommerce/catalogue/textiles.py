"""What textiles are told by: weave, counts, filling, weight and size, each with its unit."""

from enum import StrEnum
from typing import Any, Final, Self

from pydantic import Field, model_validator

from livecommerce.web.wire import Wire


class Weave(StrEnum):
    """How the cloth is made."""

    PLAIN = "plain"
    TWILL = "twill"
    SATEEN = "sateen"
    JACQUARD = "jacquard"
    DOBBY = "dobby"
    PERCALE = "percale"
    GAUZE = "gauze"
    TERRY = "terry"
    VELVET = "velvet"
    FLEECE = "fleece"
    JERSEY = "jersey"
    WARP_KNIT = "warp_knit"
    NONWOVEN = "nonwoven"


class Filling(StrEnum):
    """What is inside."""

    GOOSE_DOWN = "goose_down"
    DUCK_DOWN = "duck_down"
    FEATHER = "feather"
    SILK = "silk"
    WOOL = "wool"
    COTTON = "cotton"
    POLYESTER = "polyester"
    LYOCELL = "lyocell"
    LATEX = "latex"
    MEMORY_FOAM = "memory_foam"
    BUCKWHEAT = "buckwheat"


class Textile(Wire):
    """What all variants of a product have in common."""

    weave: Weave | None = None
    thread_count: int | None = Field(default=None, ge=40, le=2000)
    """Warp and weft threads in a square inch."""
    yarn_count: int | None = Field(default=None, ge=4, le=300)
    """English cotton count (Ne, 支): hanks of 840 yards in a pound."""
    gsm: int | None = Field(default=None, ge=10, le=3000)
    """Grams of cloth in a square metre."""
    filling: Filling | None = None


class Measures(Wire):
    """What may differ between variants: the size laid flat, in centimetres, and the weight
    of the filling, in grams."""

    width_cm: int | None = Field(default=None, ge=1, le=2000)
    length_cm: int | None = Field(default=None, ge=1, le=2000)
    height_cm: int | None = Field(default=None, ge=1, le=500)
    fill_weight_g: int | None = Field(default=None, ge=1, le=50_000)

    @model_validator(mode="after")
    def _both_sides(self) -> Self:
        sides = (self.width_cm, self.length_cm)
        if (sides[0] is None) != (sides[1] is None):
            raise ValueError("a size has a width and a length")
        if self.height_cm is not None and sides[0] is None:
            raise ValueError("a size has a width and a length")
        return self


PRODUCT: Final[dict[str, Any]] = {
    "merchant": "mer_01jz8r5c0tqf3x7y9a1b2c3d4e",
    "title": {"zh": "长绒棉缎纹四件套", "en": "Long-staple cotton sateen bedding set"},
    "description": {"zh": "60 支缎纹，可机洗。", "en": "60s sateen, machine washable."},
    "category": "bedding-sets",
    "hs_code": "6302319900",
    "origin": "CN",
    "fibre": [{"fibre": "cotton", "percent": 100}],
    "textile": {"weave": "sateen", "thread_count": 300, "yarn_count": 60, "gsm": 125},
    "customs_name": "棉制机织四件套（未印花）",
    "customs_unit": "006",
    "options": [
        {
            "key": "size",
            "label": {"zh": "尺寸", "en": "Size"},
            "values": [{"key": "200x230", "label": {"zh": "200×230 厘米", "en": "200×230 cm"}}],
        }
    ],
    "variants": [
        {
            "sku": "SET-200",
            "options": {"size": "200x230"},
            "weight_g": 2100,
            "price": {"minor": 39900, "currency": "CNY"},
            "prices": [{"minor": 5900, "currency": "EUR"}],
            "was": [
                {
                    "price": {"minor": 49900, "currency": "CNY"},
                    "basis": "lowest_7_days",
                    "since": "2026-11-01",
                }
            ],
            "measures": {"width_cm": 200, "length_cm": 230},
            "on_hand": 40,
        }
    ],
}
"""A product as its merchant sends it: the API description's example."""
