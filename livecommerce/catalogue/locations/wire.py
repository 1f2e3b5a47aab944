"""Locations, what lies at them, and the journal, as clients see them."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from livecommerce.catalogue.rules import LocationKind, Reason
from livecommerce.kernel.clock import Instant
from livecommerce.web.wire import Both, Wire

Count = Annotated[int, Field(ge=0, le=10_000_000)]


class NewLocation(Wire):
    """A place where a merchant's goods lie. Sales are taken from the lowest priority first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "merchant": "mer_01jz8r5c0tqf3x7y9a1b2c3d4e",
                    "name": {"zh": "一号演播间", "en": "Studio 1"},
                    "kind": "studio",
                    "priority": 10,
                }
            ]
        }
    )

    merchant: str
    name: Both
    kind: LocationKind
    priority: int = Field(default=10, ge=0, le=1000)


class EditLocation(Wire):
    """A location's new name and priority."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": {"zh": "二号演播间", "en": "Studio 2"},
                    "kind": "studio",
                    "priority": 20,
                }
            ]
        }
    )

    name: Both
    kind: LocationKind
    priority: int = Field(ge=0, le=1000)


class LocationOut(Wire):
    """A place where goods lie."""

    id: str
    merchant: str
    name: Both
    kind: LocationKind
    priority: int


class TransferStock(Wire):
    """Goods are carried from one location to another; the total stays."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "loc_01jz8r5c0tqf3x7y9a1b2c3d4e",
                    "target": "loc_01jz8r5c0tqf3x7y9a1b2c3d4f",
                    "count": 5,
                    "reference": "for tonight's show",
                }
            ]
        }
    )

    source: str
    target: str
    count: int = Field(ge=1, le=10_000_000)
    reference: str = Field(default="", max_length=100)

    @model_validator(mode="after")
    def _elsewhere(self) -> Self:
        if self.source == self.target:
            raise ValueError("goods are carried somewhere else")
        return self


class Counted(Wire):
    """How many of a variant somebody counted."""

    variant: str
    counted: Count


class TakeStock(Wire):
    """What was counted at one location; variants not named keep their number."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "counts": [{"variant": "var_01jz8r5c0tqf3x7y9a1b2c3d4e", "counted": 41}],
                    "reference": "November count",
                }
            ]
        }
    )

    counts: list[Counted] = Field(min_length=1, max_length=1000)
    reference: str = Field(default="", max_length=100)

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({one.variant for one in self.counts}) < len(self.counts):
            raise ValueError("each variant is counted once")
        return self


class CountOut(Wire):
    """What the books said and what was there."""

    variant: str
    expected: int
    counted: int
    change: int


class StocktakeOut(Wire):
    """A stocktake, booked."""

    reference: str
    differences: list[CountOut]


class AtOut(Wire):
    """How many lie at one location."""

    location: str
    on_hand: int


class VariantStockOut(Wire):
    """A variant's stock, in all and by location."""

    variant: str
    product: str
    title: Both
    sku: str
    options: dict[str, str]
    archived: bool
    on_hand: int
    held: int
    left: int
    at: list[AtOut]


class MovementOut(Wire):
    """One movement in the journal; newest first."""

    id: int
    variant: str
    sku: str
    on_hand: int
    held: int
    reason: Reason
    reference: str
    location: str | None
    at: Instant
