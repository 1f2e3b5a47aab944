"""Bulk edits as clients ask for them, and what they come to."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from livecommerce.catalogue.rules import BY_HAND, Reason
from livecommerce.catalogue.wire import Key
from livecommerce.kernel.money import Money
from livecommerce.web.wire import Both, Currency, Wire


class ByPercent(Wire):
    """Prices go up or down by so many percent, in one currency or in all; rounded half up."""

    kind: Literal["price_percent"]
    percent: int = Field(ge=-95, le=900)
    currency: Currency | None = None


class ByAmount(Wire):
    """Prices in the amount's currency go up or, if it is negative, down by it."""

    kind: Literal["price_amount"]
    amount: Money


class ToCategory(Wire):
    """The products are in this category from now on."""

    kind: Literal["category"]
    category: Key


class Archiving(Wire):
    """The products are taken out of the catalogue, or put back."""

    kind: Literal["archive", "unarchive"]


class Moving(Wire):
    """So many pieces of every variant came in, broke, or were counted more or fewer."""

    kind: Literal["stock"]
    change: int = Field(ge=-1_000_000, le=1_000_000)
    reason: Reason
    location: str | None = None

    @model_validator(mode="after")
    def _by_hand(self) -> Self:
        if self.change == 0 or self.reason not in BY_HAND:
            raise ValueError("stock is moved by hand when received, counted or damaged")
        wrong = Reason.DAMAGED if self.change > 0 else Reason.RECEIVED
        if self.reason is wrong:
            raise ValueError("what is received is more, what is damaged is less")
        return self


Edit = Annotated[
    ByPercent | ByAmount | ToCategory | Archiving | Moving, Field(discriminator="kind")
]


class BulkEdit(Wire):
    """The same change to many products. Without ``seen`` nothing is changed and the answer
    is the preview; with the preview's ``seen`` exactly that is done, or nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "products": ["prd_01jz8r5c0tqf3x7y9a1b2c3d4e"],
                    "edit": {"kind": "price_percent", "percent": -10},
                    "seen": None,
                }
            ]
        }
    )

    products: list[str] = Field(min_length=1, max_length=200)
    edit: Edit
    seen: str | None = None


class EditLineOut(Wire):
    """One value that changes, or cannot."""

    product: str
    title: Both
    variant: str | None = None
    sku: str | None = None
    field: str
    before: str
    after: str
    problem: Both | None = None


class BulkOut(Wire):
    """What changes, line by line. Nothing is done while a line has a problem."""

    lines: list[EditLineOut]
    problems: int
    seen: str
    applied: bool
