"""Products, variants, stock and holds as clients see them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from livecommerce.catalogue.rules import (
    BY_HAND,
    MOST_DIMENSIONS,
    MOST_VARIANTS,
    Basis,
    HoldState,
    Reason,
    keys_differ,
    options_fit,
)
from livecommerce.catalogue.textiles import PRODUCT, Measures, Textile
from livecommerce.identity.addresses.forms import is_country
from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Both, Wire

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$")]


_BELOW_MEDIA = r"^/media/[a-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9_-]+)*\.[a-z]{3,4}$"
Address = Annotated[str, Field(pattern=_BELOW_MEDIA, max_length=200)]
"""Of a picture, under our own origin."""


def _not_negative(price: Money) -> Money:
    if price.minor < 0:
        raise ValueError("a price is not negative")
    return price


def _known(country: str) -> str:
    if not is_country(country):
        raise ValueError("there is no country with this code")
    return country


Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$"), AfterValidator(_known)]
"""Two letters of ISO 3166."""

Price = Annotated[Money, AfterValidator(_not_negative)]


class Value(Wire):
    """One value of a dimension: ``{"key": "200x230", "label": …}``."""

    key: Key
    label: Both
    retired: bool = False
    """No longer offered; variants that had it are archived and keep their words."""


class Dimension(Wire):
    """One way in which a product's variants differ."""

    key: Key
    label: Both
    values: list[Value] = Field(min_length=1, max_length=100)
    retired: bool = False

    @property
    def value_keys(self) -> list[str]:
        """The keys of the values that are offered."""
        return [value.key for value in self.values if not value.retired]


def offered(options: Sequence[Dimension]) -> list[Dimension]:
    """Without what is retired."""
    return [
        one.model_copy(update={"values": [v for v in one.values if not v.retired]})
        for one in options
        if not one.retired
    ]


class Fibre(Wire):
    """One fibre and its share of the weight."""

    fibre: Key
    percent: int = Field(ge=1, le=100)


class Was(Wire):
    """What a price is compared with, which is shown only with its basis and date.

    Order 117 (Measures for live e-commerce), Art. 32: a promotion states the basis of the
    price that it compares with.
    """

    price: Price
    basis: Basis
    since: date


class VariantWords(Wire):
    """What a variant is sold by, beside its place among the dimensions."""

    sku: Sku
    weight_g: int = Field(gt=0, le=100_000)
    price: Price
    prices: list[Price] = Field(default=[], max_length=30)
    was: list[Was] = Field(default=[], max_length=30)
    measures: Measures = Measures()

    @model_validator(mode="after")
    def _priced_once(self) -> Self:
        listed = {one.currency: one.minor for one in (self.price, *self.prices)}
        if len(listed) < 1 + len(self.prices):
            raise ValueError("a variant has one price per currency")
        compared = [one.price.currency for one in self.was]
        if len(set(compared)) < len(compared) or not set(compared) <= set(listed):
            raise ValueError("a was-price stands beside a price in its currency")
        if any(one.price.minor <= listed[one.price.currency] for one in self.was):
            raise ValueError("a was-price is higher than the price")
        return self


class NewVariant(VariantWords):
    """A variant to be created with its product."""

    options: dict[Key, Key]
    on_hand: int = Field(default=0, ge=0, le=10_000_000)


class ProductWords(Wire):
    """What a product says of itself, to buyers and to customs."""

    title: Both
    description: Both
    category: Key
    hs_code: str = Field(pattern=r"^[0-9]{10}$")
    origin: Country = "CN"
    fibre: list[Fibre] = Field(default=[], max_length=10)
    textile: Textile = Textile()
    customs_name: str = Field(min_length=1, max_length=250)
    customs_unit: str = Field(pattern=r"^[0-9]{3}$")
    gmodel: dict[str, str] = Field(default={})
    pictures: list[Address] = Field(default=[], max_length=20)
    alts: dict[str, Both] = Field(default={}, max_length=20)
    """For who cannot see a picture: what it shows, by the picture's address."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.fibre and sum(f.percent for f in self.fibre) != 100:
            raise ValueError("the fibres add up to 100 percent")
        if len({f.fibre for f in self.fibre}) < len(self.fibre):
            raise ValueError("each fibre is named once")
        if len(set(self.pictures)) < len(self.pictures):
            raise ValueError("each picture is shown once")
        if not set(self.alts) <= set(self.pictures):
            raise ValueError("a text describes a picture of the product")
        return self


class NewProduct(ProductWords):
    """A product to be created, with its variants."""

    model_config = ConfigDict(json_schema_extra={"examples": [PRODUCT]})

    merchant: str
    options: list[Dimension] = Field(default=[], max_length=MOST_DIMENSIONS)
    variants: list[NewVariant] = Field(min_length=1, max_length=MOST_VARIANTS)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not keys_differ(self.options):
            raise ValueError("two dimensions or values have the same key")
        if any(d.retired or len(d.value_keys) < len(d.values) for d in self.options):
            raise ValueError("nothing of a new product is retired")
        if not all(options_fit(self.options, v.options) for v in self.variants):
            raise ValueError("each variant names one value of every option")
        combinations = {tuple(sorted(v.options.items())) for v in self.variants}
        skus = {v.sku for v in self.variants}
        if len(combinations) < len(self.variants) or len(skus) < len(self.variants):
            raise ValueError("two variants are the same")
        return self


class VariantOut(Wire):
    """A variant with what is left of it."""

    id: str
    sku: str
    options: dict[str, str]
    weight_g: int
    price: Money
    prices: list[Money]
    was: list[Was] = Field(default=[])
    measures: Measures = Measures()
    left: int
    archived: bool = False


class ProductOut(Wire):
    """A product with its variants."""

    id: str
    merchant: str
    title: Both
    description: Both
    category: str
    hs_code: str
    origin: str
    fibre: list[Fibre]
    customs_name: str
    customs_unit: str
    gmodel: dict[str, str]
    pictures: list[str]
    alts: dict[str, Both] = Field(default={})
    textile: Textile = Textile()
    options: list[Dimension]
    variants: list[VariantOut]
    archived: bool
    version: int = 1

    @property
    def offered(self) -> list[Dimension]:
        """The dimensions and values that buyers may choose from."""
        return offered(self.options)


class CategoriesOut(Wire):
    """What a merchant's products are sorted into."""

    categories: list[str] = Field(examples=[["bedding-sets", "duvets"]])


class MoveStock(Wire):
    """Goods came in (``received``), broke (``damaged``), or a count showed more or fewer
    (``counted``). Without a location, they come to the first and go from it on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"change": -2, "reason": "damaged", "reference": "wet carton"}]
        }
    )

    change: int = Field(ge=-10_000_000, le=10_000_000)
    reason: Reason
    location: str | None = None
    reference: str = Field(default="", max_length=100)

    @model_validator(mode="after")
    def _by_hand(self) -> Self:
        if self.change == 0 or self.reason not in BY_HAND:
            raise ValueError("stock is moved by hand when received, counted or damaged")
        if self.reason is Reason.RECEIVED and self.change < 0:
            raise ValueError("what is received is more, not less")
        if self.reason is Reason.DAMAGED and self.change > 0:
            raise ValueError("what is damaged is less, not more")
        return self


class StockOut(Wire):
    """How many there are."""

    variant: str
    on_hand: int
    held: int
    left: int
    version: int


class HoldOut(Wire):
    """Goods set aside for you until a moment. ``offer``: the special price they were given,
    and ``normal`` what a piece costs without it."""

    id: str
    variant: str
    merchant: str
    live: str | None
    card: str | None
    count: int
    price: Money
    state: HoldState
    hold_until: Instant
    offer: str | None = None
    normal: Money | None = None
