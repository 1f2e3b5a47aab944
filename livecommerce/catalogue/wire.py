"""Products, variants, stock and holds as clients see them."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from livecommerce.catalogue.rules import HoldState, Reason, options_fit
from livecommerce.kernel.clock import Instant
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Both, Wire

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
Sku = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


def _not_negative(price: Money) -> Money:
    if price.minor < 0:
        raise ValueError("a price is not negative")
    return price


Price = Annotated[Money, AfterValidator(_not_negative)]


class Value(Wire):
    """One value of a dimension: ``{"key": "200x230", "label": …}``."""

    key: Key
    label: Both


class Dimension(Wire):
    """One way in which a product's variants differ."""

    key: Key
    label: Both
    values: list[Value] = Field(min_length=1, max_length=100)

    @property
    def value_keys(self) -> list[str]:
        """The keys of its values."""
        return [value.key for value in self.values]


class Fibre(Wire):
    """One fibre and its share of the weight."""

    fibre: Key
    percent: int = Field(ge=1, le=100)


class NewVariant(Wire):
    """A variant to be created with its product."""

    sku: Sku
    options: dict[Key, Key]
    weight_g: int = Field(gt=0, le=100_000)
    price: Price
    prices: list[Price] = Field(default=[], max_length=30)
    on_hand: int = Field(default=0, ge=0, le=10_000_000)


class NewProduct(Wire):
    """A product to be created, with its variants."""

    merchant: str
    title: Both
    description: Both
    category: Key
    hs_code: str = Field(pattern=r"^[0-9]{10}$")
    origin: str = Field(default="CN", pattern=r"^[A-Z]{2}$")
    fibre: list[Fibre] = Field(default=[], max_length=10)
    customs_name: str = Field(min_length=1, max_length=250)
    customs_unit: str = Field(pattern=r"^[0-9]{3}$")
    gmodel: dict[str, str] = Field(default={})
    pictures: list[str] = Field(default=[], max_length=20)
    options: list[Dimension] = Field(default=[], max_length=8)
    variants: list[NewVariant] = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.fibre and sum(f.percent for f in self.fibre) != 100:
            raise ValueError("the fibres add up to 100 percent")
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
    left: int


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
    options: list[Dimension]
    variants: list[VariantOut]
    archived: bool


class MoveStock(Wire):
    """Goods came in (``received``), or somebody counted (``counted``)."""

    change: int = Field(ge=-10_000_000, le=10_000_000)
    reason: Reason
    reference: str = Field(default="", max_length=100)

    @model_validator(mode="after")
    def _by_hand(self) -> Self:
        if self.change == 0 or self.reason not in {Reason.RECEIVED, Reason.COUNTED}:
            raise ValueError("stock is moved by hand when it is received or counted")
        if self.reason is Reason.RECEIVED and self.change < 0:
            raise ValueError("what is received is more, not less")
        return self


class StockOut(Wire):
    """How many there are."""

    variant: str
    on_hand: int
    held: int
    left: int
    version: int


class HoldOut(Wire):
    """Goods set aside for you until a moment."""

    id: str
    variant: str
    merchant: str
    live: str | None
    card: str | None
    count: int
    price: Money
    state: HoldState
    hold_until: Instant
