"""Money: an integer of minor units and the currency they are units of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, Self

import iso4217
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

MOST = 10**15 - 1
"""More minor units than anybody has, and no more than JavaScript and a column can count."""


@cache
def exponent(currency: str) -> int:
    """How many decimal digits the currency has by ISO 4217 (never by CLDR).

    Raises:
        ValueError: no such currency, or one without minor units (``XAU``).
    """
    try:
        digits = iso4217.Currency(currency).exponent
    except ValueError:
        raise ValueError(f"not an ISO 4217 code: {currency!r}") from None
    if digits is None:
        raise ValueError(f"{currency} has no minor unit")
    return int(digits)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in the smallest unit of its currency: ``Money(1999, "EUR")``.

    On the wire and in JSON columns it is ``{"minor": 1999, "currency": "EUR"}``.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("money is counted in whole minor units")
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in that currency."""
        return cls(0, currency)

    @classmethod
    def of(cls, amount: Decimal | str, currency: str) -> Self:
        """From major units, rounded half up to the currency's minor unit."""
        scaled = Decimal(amount).scaleb(exponent(currency))
        return cls(int(scaled.quantize(Decimal(1), ROUND_HALF_UP)), currency)

    @classmethod
    def sum(cls, amounts: Iterable["Money"], currency: str) -> Self:
        """All of them together; ``currency`` says what an empty sum is counted in."""
        total = cls(0, currency)
        for amount in amounts:
            total = cls(total.minor + total._same(amount).minor, currency)
        return total

    @property
    def amount(self) -> Decimal:
        """In major units, exactly: ``Decimal("19.99")``."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def times(self, factor: Decimal) -> "Money":
        """Scaled by a rate, rounded half up."""
        return Money.of(self.amount * factor, self.currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Share out by weight without losing a unit: largest remainder first."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must be non-negative and not all zero")
        floors = [self.minor * w // total for w in weights]
        rests = [self.minor * w % total for w in weights]
        left = self.minor - sum(floors)
        for i in sorted(range(len(weights)), key=lambda i: (-rests[i], i))[:left]:
            floors[i] += 1
        return [Money(m, self.currency) for m in floors]

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.minor * count, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def __str__(self) -> str:
        return f"{self.amount:.{exponent(self.currency)}f} {self.currency}"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        fields = core_schema.typed_dict_schema(
            {
                "minor": core_schema.typed_dict_field(
                    core_schema.int_schema(strict=True, ge=-MOST, le=MOST)
                ),
                "currency": core_schema.typed_dict_field(
                    core_schema.str_schema(pattern="^[A-Z]{3}$")
                ),
            },
            total=True,
            extra_behavior="forbid",
            ref="Money",
        )
        parsed = core_schema.no_info_after_validator_function(lambda d: cls(**d), fields)
        return core_schema.json_or_python_schema(
            json_schema=parsed,
            python_schema=core_schema.union_schema(
                [core_schema.is_instance_schema(cls), parsed]
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda m: {"minor": m.minor, "currency": m.currency}, return_schema=fields
            ),
        )
