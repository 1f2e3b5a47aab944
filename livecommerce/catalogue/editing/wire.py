"""Changes of products as clients ask for them."""

from typing import Self

from pydantic import ConfigDict, Field, model_validator

from livecommerce.catalogue.rules import MOST_DIMENSIONS, MOST_VARIANTS, keys_differ
from livecommerce.catalogue.textiles import PRODUCT, Measures
from livecommerce.catalogue.wire import (
    Dimension,
    Key,
    Price,
    ProductWords,
    VariantWords,
)
from livecommerce.web.wire import Both, Wire

_WORDS = {k: v for k, v in PRODUCT.items() if k not in {"merchant", "options", "variants"}}
_VARIANT = "var_01jz8r5c0tqf3x7y9a1b2c3d4e"


class EditProduct(ProductWords):
    """All that a product says of itself. ``version`` is the one that was read: a product
    that somebody has changed since is not overwritten."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_WORDS, "version": 3}]})

    version: int


class EditDimension(Dimension):
    """A dimension; a new one says which of its values existing variants have."""

    existing: Key | None = None


class Fill(Wire):
    """What new variants begin with. Their SKUs are the stem and a number."""

    sku: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,15}$")
    weight_g: int = Field(gt=0, le=100_000)
    price: Price
    prices: list[Price] = Field(default=[], max_length=30)
    measures: Measures = Measures()


class EditOptions(Wire):
    """The dimensions that are to be offered, in their order. Variants whose value is missing
    are archived; combinations that are new become variants, if ``fill`` says of what kind."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 3,
                    "options": [
                        {
                            "key": "colour",
                            "label": {"zh": "颜色", "en": "Colour"},
                            "values": [
                                {"key": "white", "label": {"zh": "白", "en": "White"}},
                                {"key": "sage", "label": {"zh": "豆绿", "en": "Sage"}},
                            ],
                            "existing": "white",
                        }
                    ],
                    "fill": {
                        "sku": "SET",
                        "weight_g": 2100,
                        "price": {"minor": 39900, "currency": "CNY"},
                    },
                }
            ]
        }
    )

    version: int
    options: list[EditDimension] = Field(max_length=MOST_DIMENSIONS)
    fill: Fill | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not keys_differ(self.options):
            raise ValueError("two dimensions or values have the same key")
        if any(d.retired or any(v.retired for v in d.values) for d in self.options):
            raise ValueError("leave out what is not offered any more")
        return self


class EditVariant(VariantWords):
    """A variant as it is to be from now on."""

    id: str
    archived: bool = False


class EditVariants(Wire):
    """Variants of one product; those not named stay as they are."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 3,
                    "variants": [
                        {
                            "id": _VARIANT,
                            "sku": "SET-200",
                            "weight_g": 2100,
                            "price": {"minor": 36900, "currency": "CNY"},
                            "was": [
                                {
                                    "price": {"minor": 39900, "currency": "CNY"},
                                    "basis": "lowest_30_days",
                                    "since": "2026-11-01",
                                }
                            ],
                        }
                    ],
                }
            ]
        }
    )

    version: int
    variants: list[EditVariant] = Field(min_length=1, max_length=MOST_VARIANTS)

    @model_validator(mode="after")
    def _once(self) -> Self:
        ids = {one.id for one in self.variants}
        if len(ids) < len(self.variants) or len({v.sku for v in self.variants}) < len(ids):
            raise ValueError("two variants are the same")
        return self


class NoteOut(Wire):
    """Something that should be looked at before the product is sold."""

    field: str
    code: str
    text: Both
