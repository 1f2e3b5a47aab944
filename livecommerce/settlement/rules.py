"""How the money of a sale is divided."""

from collections.abc import Sequence
from dataclasses import dataclass

from livecommerce.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Parts:
    """What an amount is made of. ``shipping``, ``duty``, ``tax`` and ``fees`` are collected
    for others; of the goods a commission stays with the platform."""

    goods: Money
    shipping: Money
    duty: Money
    tax: Money
    fees: Money

    @property
    def total(self) -> Money:
        """All of it."""
        parts: Sequence[Money] = (self.goods, self.shipping, self.duty, self.tax, self.fees)
        return Money.sum(parts, self.goods.currency)


def commission(goods: Money, bps: int) -> Money:
    """The platform's part of the goods, in hundredths of a percent, rounded half up."""
    return Money((goods.minor * bps + 5_000) // 10_000, goods.currency)
